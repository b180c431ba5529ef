"""Is it alive, can it serve, have the checks been wrong. Open to strangers, so it names no site and says no more."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from her2tracker.clinic.metrics import metrics
from monitoring.heartbeat import all_faults


def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Pages need PostgreSQL alone: they go on when Redis does not, and the heartbeat banner says so.

    A fault of the checks stops no page: who watches the machine reads it here, and an administrator on each page.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        fault = all_faults()
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ok", "checks": fault} if fault else {"status": "ok"})


urlpatterns = [
    path("", ready, name="health"),
    path("live/", live, name="health-live"),
    path("metrics/", metrics, name="health-metrics"),
]
