"""The nurses' list: one day's infusions, filtered and printed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.live import by_the_minute, version_of
from her2tracker.clinic.today import Day, Row, day_at
from scheduling.waiting import WaitingCheck, shown

ALL, NOT_READY, MINE, UNFINISHED, MISSED = "all", "not-ready", "mine", "unfinished", "missed"


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """`?on=` any day, `?show=` which of its infusions. A date that cannot be read is said, not guessed.

    An open page asks again every few seconds with the version it `?seen=`; where nothing was recorded since,
    the answer is empty.
    """
    by = user_of(request)
    site = by.site
    version, asks_again = version_of(site), "seen" in request.GET and bool(request.headers.get("HX-Request"))
    if "tick" in request.GET:
        version = by_the_minute(version, site)
    if asks_again and request.GET["seen"] == version:
        return HttpResponse(status=204)
    on, unreadable = _asked_day(request.GET.get("on", ""), site.today())
    show = request.GET.get("show", ALL)
    day = day_at(site, on, missed_page=request.GET.get("page", 1) if show == MISSED else None)
    closed = day.closed
    context = {
        "checks_waiting": _checks_waiting(user_of(request), day),
        "day": day,
        "show": show,
        "rows": _shown(day, show, by),
        "acuity": sum(row.chair.acuity for row in day.of_nurse(by.pk) if row.chair),
        "choices": _choices(day, show, by),
        "unreadable": unreadable,
        "closed": closed.why(on),
        "yesterday": on - timedelta(1),
        "tomorrow": on + timedelta(1),
        "again": _again(request, day, show, version),
        "closed_before": closed.why(day.before or on - timedelta(1)),
        "closed_after": closed.why(day.after or on + timedelta(1)),
    }
    return render(request, "clinic/today/live.html" if asks_again else "clinic/today.html", context)


def _checks_waiting(by: User, day: Day) -> list[WaitingCheck]:
    """Second checks that somebody else waits for, for whoever may do them."""
    if not day.is_today or not by.may(Permission.RECORD_ADMINISTRATIONS):
        return []
    return shown(day.asked, by.site, timezone.now())


def _asked_day(text: str, today: date) -> tuple[date, str]:
    """The day asked for, and the text when it was not one."""
    if not text:
        return today, ""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return today, text
    return (on, "") if date(1990, 1, 1) <= on <= date(2200, 1, 1) else (today, text)


def _shown(day: Day, show: str, by: User) -> tuple[Row, ...]:
    if show == MINE:
        return day.of_nurse(by.pk)
    return {NOT_READY: day.not_ready, UNFINISHED: day.unfinished}.get(show, day.rows)


def _choices(day: Day, show: str, by: User) -> list[dict[str, Any]]:
    counts = [(ALL, "All", len(day.rows)), (NOT_READY, "Not ready", len(day.not_ready))]
    if by.may(Permission.TAKE_INFUSIONS):
        counts.append((MINE, "Mine", len(day.of_nurse(by.pk))))
    if day.is_today:
        counts.append((UNFINISHED, "Unfinished", len(day.unfinished)))
        counts.append((MISSED, "Missed", day.missed_count))
    return [
        {"label": label, "url": _url(day.on, name), "count": count, "current": show == name}
        for name, label, count in counts
    ]


def _again(request: HttpRequest, day: Day, show: str, version: str) -> str:
    """The address an open page asks; the day is named, so that it stays this one past midnight."""
    asked = {"on": day.on.isoformat(), "show": show, "seen": version}
    if day.ticks:
        asked |= {
            "tick": "1",
            "seen": version if "tick" in request.GET else by_the_minute(version, user_of(request).site),
        }
    page = {"page": request.GET["page"]} if "page" in request.GET else {}
    return f"{reverse('today')}?{urlencode(asked | page)}"


def _url(on: date, show: str) -> str:
    asked = {"on": on.isoformat()} | ({"show": show} if show != ALL else {})
    return f"{reverse('today')}?{urlencode(asked)}"
