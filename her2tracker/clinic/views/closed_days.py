"""Single days on which the site is closed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.forms.site import ClosedDayForm
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling.actions import closed_days as actions
from scheduling.models import ClosedDay
from scheduling.models.closed_days import calendar_of


@permitted(Permission.MANAGE_SITE)
@require_http_methods(["GET", "POST"])
def closed_days(request: HttpRequest) -> HttpResponse:
    by = user_of(request)
    form = ClosedDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            day = actions.close(by=by, on=form.cleaned_data["on"], name=form.cleaned_data["name"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Closed {in_words(day.on)}. Plans mark their cycles on that day; none moved.")
            return redirect("closed-days")
    context = {
        "form": form,
        "days": ClosedDay.objects.filter(site=by.site, on__gte=by.site.today()),
        "calendar": calendar_of(by.site),
        "crumbs": [("Site settings", reverse("site-settings"))],
    }
    return render(request, "clinic/closed_days.html", context, status=422 if form.is_bound else 200)


@permitted(Permission.MANAGE_SITE)
@require_POST
def closed_day_open(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    day = get_object_or_404(ClosedDay, uuid=uuid, site=by.site)
    try:
        actions.reopen(by=by, day=day)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Opened {in_words(day.on)} again. Plans no longer mark it.")
    return redirect("closed-days")
