"""Is it alive, and can it serve. Open to strangers, so it says nothing else."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from her2tracker.clinic.metrics import metrics


def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Pages need PostgreSQL alone: they go on when Redis does not, and the heartbeat banner says so."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("", ready, name="health"),
    path("live/", live, name="health-live"),
    path("metrics/", metrics, name="health-metrics"),
]
