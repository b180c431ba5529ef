"""Patients whose treatment is over and whose heart is still watched, each with what comes next."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from monitoring.lookups import in_follow_up

PAGE = 50


@permitted(Permission.VIEW_QUEUE)
@require_safe
def follow_up(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = in_follow_up(user)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "monitoring/follow_up.html", {"page": page, "total": len(rows), "today": user.site.today()})
