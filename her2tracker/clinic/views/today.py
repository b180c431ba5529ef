"""The nurses' list: one day's infusions, filtered and printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.clinic import live
from her2tracker.clinic.context import may
from her2tracker.clinic.today import Day, Row, day_at
from scheduling.waiting import WaitingCheck, shown

ALL, NOT_READY, MINE, UNFINISHED, MISSED = "all", "not-ready", "mine", "unfinished", "missed"


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
    if show == MISSED:  # its pages are turned by the request's own address
        read, changes_at = _list(by, asked, request)
        found = live.Read(version, changes_at, read)
    else:
        own = by.pk if show == MINE else None
        found = live.kept(by.site, version, (asked, own, by.permissions), lambda: _list(by, asked))
    context = found.shown.around(by, show) | {
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


@dataclass(frozen=True, slots=True)
class _Shown:
    """The list as everybody with the same permissions reads it, and what each person's own part is made from."""

    head: str
    body: str
    counts: dict[str, int]
    taken: dict[int, int]  # by nurse: how many infusions of this day
    checks: tuple[WaitingCheck, ...]
    steps: dict[str, Any]

    def around(self, by: User, show: str) -> dict[str, Any]:
        """What stands between head and body: second checks that others wait for, and the choices."""
        counts = self.counts | ({MINE: self.taken.get(by.pk, 0)} if by.may(Permission.TAKE_INFUSIONS) else {})
        on = self.steps["day"].on
        choices = [
            {"label": label, "url": _url(on, name), "count": counts[name], "current": show == name}
            for name, label in _LABELS
            if name in counts
        ]
        waiting = self.checks if by.may(Permission.RECORD_ADMINISTRATIONS) else ()
        return self.steps | {"choices": choices, "checks_waiting": waiting}


@dataclass(frozen=True, slots=True)
class _Steps:
    """The day itself and its neighbours, as the choices name them."""

    on: date
    is_today: bool
    before: date | None
    after: date | None


_LABELS = ((ALL, "All"), (NOT_READY, "Not ready"), (MINE, "Mine"), (UNFINISHED, "Unfinished"), (MISSED, "Missed"))


def _list(by: User, asked: _Asked, request: HttpRequest | None = None) -> tuple[_Shown, datetime | None]:
    """What is shown, and when it reads otherwise by the clock alone."""
    day = day_at(by.site, asked.on, missed_page=asked.page)
    context = context_of(day, asked.show, by) | {"unreadable": asked.unreadable}
    found = _Shown(
        head=render_to_string("clinic/today/list_head.html", context),
        body=render_to_string("clinic/today/list.html", context, request=request),
        counts=_counts(day),
        taken=Counter(row.chair.nurse.pk for row in (*day.missed, *day.rows) if row.chair and row.chair.nurse),
        checks=tuple(shown(day.asked, by.site, timezone.now())) if day.is_today else (),
        steps=_steps(day),
    )
    return found, day.changes_at


def _rows(day: Day, show: str, by: User) -> tuple[Row, ...]:
    if show == MINE:
        return day.of_nurse(by.pk)
    return {NOT_READY: day.not_ready, UNFINISHED: day.unfinished}.get(show, day.rows)


def context_of(day: Day, show: str, by: User) -> dict[str, Any]:
    """What the templates of the list's head and body are given."""
    rows = _rows(day, show, by)
    return {
        "day": day,
        "show": show,
        "rows": rows,
        "acuity": sum(row.chair.acuity for row in rows if row.chair),
        "closed": day.closed.why(day.on),
        "here": _url(day.on, show),
        "may": may(by),
    }


def _counts(day: Day) -> dict[str, int]:
    counts = {ALL: len(day.rows), NOT_READY: len(day.not_ready)}
    return counts | ({UNFINISHED: len(day.unfinished), MISSED: day.missed_count} if day.is_today else {})


def _steps(day: Day) -> dict[str, Any]:
    on, closed = day.on, day.closed
    return {
        "day": _Steps(on, day.is_today, day.before, day.after),
        "yesterday": on - timedelta(1),
        "tomorrow": on + timedelta(1),
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


def _again(request: HttpRequest, on: date, show: str, seen: str) -> str:
    """The address an open page asks; the day is named, so that it stays this one past midnight."""
    asked = {"on": on.isoformat(), "show": show, "seen": seen}
    page = {"page": request.GET["page"]} if "page" in request.GET else {}
    return f"{reverse('today')}?{urlencode(asked | page)}"


def _url(on: date, show: str) -> str:
    asked = {"on": on.isoformat()} | ({"show": show} if show != ALL else {})
    return f"{reverse('today')}?{urlencode(asked)}"
