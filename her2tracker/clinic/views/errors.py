"""Error pages. A denial is an act, and is recorded as one."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from her2tracker.accounts.access import Denied
from her2tracker.accounts.middleware import API_PREFIX
from her2tracker.api.errors import body
from her2tracker.audit import acts

RETRY_AFTER_SECONDS = 10
UNAVAILABLE = "The database does not answer. Ask again in a moment, and look at the record before you repeat a write."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    denied = exception if isinstance(exception, Denied) else None
    if request.user.is_authenticated:
        permission = denied.permission.value if denied else ""
        acts.record("access.denied", by=request.user, permission=permission, method=request.method)
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Renders with no context and no query: whatever broke may break again."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return HttpResponse(render(None, "500.html").content, status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """PostgreSQL is away, full, or busy for too long: nothing is wrong with what was asked, only with the moment."""
    response: HttpResponse
    if request.path.startswith(API_PREFIX):
        response = JsonResponse(body("unavailable", UNAVAILABLE), status=503)
    else:
        again = request.get_full_path() if request.method == "GET" else ""
        response = HttpResponse(render(None, "503.html", {"again": again}).content, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
