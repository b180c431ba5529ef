"""Asking doctors to release what comes: one message per doctor, however many infusions wait. No names in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions import letters, reminders
from monitoring.models import Reminder
from monitoring.models.delegations import Hearers
from monitoring.words import ReminderKind
from scheduling.models import CycleDay
from scheduling.models.about import about
from scheduling.models.gates import release_of
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class AskedDoctor:
    """One doctor and what waits for them; `is_new` is False where the same was asked today already."""

    doctor: User
    days: tuple[CycleDay, ...]
    is_new: bool


def ask(*, by: User, cycle_days: Sequence[CycleDay], now: datetime) -> tuple[AskedDoctor, ...]:
    """One message to each doctor who answers for these infusions, or to who stands in. Raises Refused.

    What is released or decided already is left out. The same infusions are asked for once a day.
    """
    require(by, Permission.ASK_RELEASES)
    waiting = waiting_of(cycle_days)
    if not waiting:
        raise Refused(Refusal("nothing-waits", "None of these infusions waits for a release."))
    hearers = Hearers.of(by.site, now)
    of: dict[int, list[CycleDay]] = {}
    people: dict[int, User] = {}
    for row in waiting:
        for doctor in hearers.of_plan(row.plan):
            people[doctor.pk] = doctor
            of.setdefault(doctor.pk, []).append(row)
    if not of:
        raise Refused(Refusal("no-doctor", "Nobody at this site releases infusions. An administrator invites people."))
    first = min(row.planned_on for row in waiting)
    with act("releases.asked", by=by) as entry:
        asked = tuple(_ask(by, people[pk], rows, now) for pk, rows in of.items())
        entry.details = {
            "of": ", ".join(str(one.doctor) for one in asked),
            "cycles": len(waiting),
            "first": str(first),
            "told": [str(one.doctor) for one in asked if one.is_new],
        }
    return asked


def waiting_of(cycle_days: Sequence[CycleDay]) -> list[CycleDay]:
    """Those that are still planned and that no release covers, the soonest first."""
    known = about([row.plan for row in cycle_days])
    found = [
        row
        for row in cycle_days
        if row.state == DayState.PLANNED and not release_of(row, known[row.plan_id], row.planned_on).holds
    ]
    return sorted(found, key=lambda row: (row.planned_on, row.pk))


def asked_today(site_id: int, today: date) -> list[Reminder]:
    """The requests of today, the latest first."""
    rows = Reminder.objects.filter(site=site_id, kind=ReminderKind.RELEASE, due_on=today)
    return list(rows.select_related("recipient").order_by("-created_at"))


def _ask(by: User, doctor: User, rows: list[CycleDay], now: datetime) -> AskedDoctor:
    counts: dict[date, int] = {}
    for row in rows:
        counts[row.planned_on] = counts.get(row.planned_on, 0) + 1
    context = {"site": by.site, "by": by, "days": sorted(counts.items()), "count": len(rows)}
    context |= {"link": settings.PUBLIC_URL + reverse("releases")}
    text, html = letters.write("release_request", context)
    named = hashlib.sha256("".join(sorted(str(row.uuid) for row in rows)).encode()).hexdigest()[:24]
    is_new = reminders.queue(
        recipient=doctor,
        kind=ReminderKind.RELEASE,
        about=f"release:{named}",
        due_on=by.site.today(now),
        subject="1 infusion waits for your release"
        if len(rows) == 1
        else f"{len(rows)} infusions wait for your release",
        text=text,
        html=html,
        now=now,
    )
    return AskedDoctor(doctor, tuple(rows), is_new)
