"""The nurses' list: one day's infusions, filtered and printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.clinic import live
from her2tracker.clinic.context import may
from her2tracker.clinic.today import Day, day_at

ALL, NOT_READY, MISSED = "all", "not-ready", "missed"


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """`?on=` any day, `?show=` which of its infusions. A date that cannot be read is said, not guessed.

    An open page asks again every few seconds with what it has `?seen=`; where that is still so, the answer is empty.
    """
    by = user_of(request)
    version, asks_again = live.version_of(by.site), "seen" in request.GET and bool(request.headers.get("HX-Request"))
    if asks_again and live.is_current(request.GET["seen"], version):
        return HttpResponse(status=204)
    on, unreadable = _asked_day(request.GET.get("on", ""), by.site.today())
    show = request.GET.get("show", ALL)
    asked = _Asked(on, show, request.GET.get("page", "1") if show == MISSED else None, bool(unreadable))
    found = live.kept(by.site, version, (asked, by.permissions), lambda: _list(by, asked))
    context = {
        "on": on,
        "is_today": on == by.site.today(),
        "list": found.shown,
        "again": _again(request, on, show, found.name),
    }
    return render(request, "clinic/today/live.html" if asks_again else "clinic/today.html", context)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which list: `page` is of all that was missed; `unreadable` when today stands for something that is no date."""

    on: date
    show: str
    page: str | None
    unreadable: bool


def _list(by: User, asked: _Asked) -> tuple[str, datetime | None]:
    """The list as everybody with these permissions reads it, and when it reads otherwise by the clock alone."""
    on, show = asked.on, asked.show
    day = day_at(by.site, on, missed_page=asked.page)
    context = context_of(day, show) | {"unreadable": asked.unreadable, "may": may(by)}
    return render_to_string("clinic/today/list.html", context), day.changes_at


def context_of(day: Day, show: str) -> dict[str, Any]:
    """What the list's template is given."""
    on, closed = day.on, day.closed
    return {
        "day": day,
        "show": show,
        "rows": day.not_ready if show == NOT_READY else day.rows,
        "choices": _choices(day, show),
        "closed": closed.why(on),
        "yesterday": on - timedelta(1),
        "tomorrow": on + timedelta(1),
        "here": _url(on, show),
        "closed_before": closed.why(day.before or on - timedelta(1)),
        "closed_after": closed.why(day.after or on + timedelta(1)),
    }


def _asked_day(text: str, today: date) -> tuple[date, str]:
    """The day asked for, and the text when it was not one."""
    if not text:
        return today, ""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return today, text
    return (on, "") if date(1990, 1, 1) <= on <= date(2200, 1, 1) else (today, text)


def _choices(day: Day, show: str) -> list[dict[str, Any]]:
    counts = [(ALL, "All", len(day.rows)), (NOT_READY, "Not ready", len(day.not_ready))]
    if day.is_today:
        counts.append((MISSED, "Missed", day.missed_count))
    return [
        {"label": label, "url": _url(day.on, name), "count": count, "current": show == name}
        for name, label, count in counts
    ]


def _again(request: HttpRequest, on: date, show: str, seen: str) -> str:
    """The address an open page asks; the day is named, so that it stays this one past midnight."""
    asked = {"on": on.isoformat(), "show": show, "seen": seen}
    page = {"page": request.GET["page"]} if "page" in request.GET else {}
    return f"{reverse('today')}?{urlencode(asked | page)}"


def _url(on: date, show: str) -> str:
    asked = {"on": on.isoformat()} | ({"show": show} if show != ALL else {})
    return f"{reverse('today')}?{urlencode(asked)}"
