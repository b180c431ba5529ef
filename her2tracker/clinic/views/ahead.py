"""The next days, and asking for what they lack."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.ahead import ahead_at
from her2tracker.lib.refusals import Refused
from monitoring.actions import release_requests


@permitted(Permission.ASK_RELEASES)
@require_http_methods(["GET", "POST"])
def ahead(request: HttpRequest) -> HttpResponse:
    """Tomorrow and the two days after it; posting asks each doctor once for all that waits."""
    by, refused = user_of(request), ""
    found = ahead_at(by.site)
    if request.method == "POST":
        try:
            asked = release_requests.ask(by=by, cycle_days=found.unreleased, now=timezone.now())
        except Refused as told:
            refused = str(told)
        else:
            for one in asked:
                count = f"{len(one.days)} infusion{'s' if len(one.days) != 1 else ''}"
                said = f"Asked {one.doctor} to release {count}." if one.is_new else ""
                messages.success(request, said or f"{one.doctor} was asked for the same {count} today already.")
            return redirect("ahead")
    context = {"ahead": found, "refused": refused}
    return render(request, "clinic/ahead.html", context, status=422 if refused else 200)
