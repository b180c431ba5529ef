"""Error pages. A denial is an act, and is recorded as one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from her2tracker.accounts.access import Denied
from her2tracker.audit import acts


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


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Renders with no context and no query: whatever broke may break again."""
    return HttpResponse(render(None, "500.html").content, status=500)
