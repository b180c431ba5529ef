"""Whose public holidays close the site: looked at by name first, then chosen; and the ones it works on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.forms.holidays import CalendarForm, HolidayForm
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling.actions import holidays as actions
from scheduling.catalog import public_holidays
from scheduling.catalog.public_holidays import Calendar
from scheduling.models.closed_days import calendar_of, holidays_of


@permitted(Permission.MANAGE_SITE)
@require_http_methods(["GET", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """`?country=&subdivision=` shows a calendar's holidays; posting lets them close the site."""
    by = user_of(request)
    chosen = calendar_of(by.site)
    asked = request.POST if request.method == "POST" else request.GET if "country" in request.GET else None
    form = CalendarForm(asked, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            calendar = actions.choose(by=by, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            said = f"The public holidays of {calendar.title} close the site" if calendar else "No public holiday closes"
            messages.success(request, f"{said}. Plans mark their cycles on closed days; none moved.")
            return redirect("holidays")
    year = by.site.today().year
    years = (year, year + 1)
    context = {
        "form": form,
        "chosen": chosen,
        "holidays": holidays_of(by.site, years),
        "years": years,
        "crumbs": [("Site settings", reverse("site-settings")), ("Closed days", reverse("closed-days"))],
    }
    return render(
        request, "clinic/holidays.html", context | _looked_at(form, years), status=422 if _failed(form) else 200
    )


@permitted(Permission.MANAGE_SITE)
@require_POST
def holiday_change(request: HttpRequest) -> HttpResponse:
    """Work on one holiday (`act=open`), or close on it again."""
    by = user_of(request)
    form = HolidayForm(request.POST)
    if not form.is_valid():
        messages.error(request, "That was not a day. Nothing was changed.")
        return redirect("holidays")
    on, opens = form.cleaned_data["on"], form.cleaned_data["act"] == "open"
    try:
        (actions.work_on if opens else actions.rest_on)(by=by, on=on)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{in_words(on)}: the site {'works' if opens else 'is closed'}. No cycle moved.")
    return redirect("holidays")


def _failed(form: CalendarForm) -> bool:
    return form.is_bound and bool(form.errors)


def _looked_at(form: CalendarForm, years: tuple[int, int]) -> dict[str, Any]:
    """The calendar asked for, by name, before anything is saved."""
    if not form.is_bound or not form.is_valid() or not form.cleaned_data["country"]:
        return {}
    calendar = Calendar(**form.cleaned_data)
    return {"looked_at": calendar, "named": public_holidays.of_years(calendar, years)}
