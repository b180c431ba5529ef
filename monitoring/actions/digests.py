"""The coordinator's morning mail: what comes up, what is due, what nobody has decided. No names in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import add_days, in_words
from monitoring.actions import flags, letters, reminders
from monitoring.core.reminders import Due, Item, Topic, owed
from monitoring.models import CardiacFlag, CardiacPolicy, EchoBooking, Reminder
from monitoring.models.standing import standings
from monitoring.words import FlagKind, ReminderKind, ReminderState
from scheduling.models import CycleDay, Hold, Patient
from scheduling.words import PlanState

ABOUT = "digest"
NOT_BEFORE = time(6)
SHOWN = 50  # lines of a section; the rest is a number and a link, because a mail is read on a phone


@dataclass(frozen=True, slots=True)
class Line:
    """One thing with a date. `who` is the MRN and initials, which is the most a mail may say."""

    due: Due
    who: str
    what: str
    link: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    names: tuple[str, str]  # of one, of many: for the subject
    lines: tuple[Line, ...]
    place: str  # URL name of the page with all of them

    @property
    def shown(self) -> tuple[Line, ...]:
        return self.lines[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.lines) - SHOWN)

    @property
    def url(self) -> str:
        return settings.PUBLIC_URL + reverse(self.place)


@dataclass(frozen=True, slots=True)
class Digest:
    on: date
    sections: tuple[Section, ...]

    @property
    def count(self) -> int:
        return sum(len(section.lines) for section in self.sections)

    @property
    def subject(self) -> str:
        """`3 infusions, 2 LVEF overdue – Mon 5 Jan 2026`: figures only."""
        said = ", ".join(f"{len(s.lines)} {s.names[len(s.lines) != 1]}" for s in self.sections if s.lines)
        return f"{said or 'Nothing due'} – {in_words(self.on)}"


def compose(site: Site, *, now: datetime) -> int:
    """Owe each coordinator today's digest, from 06:00 on; returns how many are new.

    Once per person and day. Days without a worker are not made up for: today's digest says all there is.
    """
    local = timezone.localtime(now, site.zone)
    today = local.date()
    if local.time() < NOT_BEFORE:
        return 0
    have = Reminder.objects.filter(site=site, about=ABOUT, due_on=today).values_list("recipient_id", flat=True)
    waiting = [person for person in reminders.recipients(site, Permission.VIEW_QUEUE) if person.pk not in set(have)]
    if not waiting:
        return 0
    policy = CardiacPolicy.objects.filter(site=site).first() or CardiacPolicy(site=site)
    digest = gather(site, today, lead_days=policy.reminder_lead_days, now=now)
    text, html = letters.write("digest", {"digest": digest, "site": site, "queue": _url("queue")})
    is_sent = digest.count > 0 or policy.digest_when_empty
    with transaction.atomic():
        return sum(
            reminders.queue(
                recipient=person,
                kind=ReminderKind.DIGEST,
                about=ABOUT,
                due_on=today,
                subject=digest.subject,
                text=text,
                html=html,
                now=now,
                state=ReminderState.QUEUED if is_sent else ReminderState.CANCELLED,
            )
            for person in waiting
        )


def gather(site: Site, today: date, *, lead_days: int, now: datetime) -> Digest:
    """What a coordinator should hear of today; `lead_days` is how far ahead infusions and LVEFs are named."""
    echoes = tuple(_chosen(_echoes(site, today), today, lead_days))
    by_topic = {t: tuple(line for line in echoes if line.due.topic is t) for t in (Topic.LVEF_OVERDUE, Topic.LVEF_DUE)}
    undecided = tuple(_chosen(_flags(site, now), today, lead_days))
    infusions = tuple(_chosen(_infusions(site, today, lead_days), today, lead_days))
    return Digest(
        today,
        (
            Section("LVEF overdue", ("LVEF overdue", "LVEF overdue"), by_topic[Topic.LVEF_OVERDUE], "queue"),
            Section("Flags undecided", ("flag undecided", "flags undecided"), undecided, "flags"),
            Section("LVEF due", ("LVEF due", "LVEF due"), by_topic[Topic.LVEF_DUE], "queue"),
            Section("Infusions", ("infusion", "infusions"), infusions, "today"),
        ),
    )


Found = tuple[Item, Patient, str, str]


def _chosen(found: Iterable[Found], today: date, lead_days: int) -> Iterator[Line]:
    """Those the core says are owed, soonest due first."""
    by_about = {item.about: (item, patient, what, link) for item, patient, what, link in found}
    for due in owed((entry[0] for entry in by_about.values()), lead_days=[lead_days], today=today):
        _, patient, what, link = by_about[due.about]
        yield Line(due, f"{patient.mrn} ({patient.given_name[:1]}. {patient.family_name[:1]}.)", what, link)


def _infusions(site: Site, today: date, lead_days: int) -> Iterator[Found]:
    held = set(Hold.objects.open().filter(plan__patient__site=site).values_list("plan_id", flat=True))
    rows = (
        CycleDay.objects.at(site)
        .planned()
        .filter(plan__state=PlanState.ACTIVE, planned_on__range=(today, add_days(today, lead_days)))
        .select_related("plan__patient", "plan__regimen")
        .order_by("planned_on", "starts_at", "pk")
    )
    for row in rows:
        what = f"{row.plan.regimen.name}, cycle {row.cycle}" + (f" of {row.of_cycles}" if row.of_cycles else "")
        what += ", ON HOLD" if row.plan_id in held else ""
        item = Item(Topic.INFUSION, str(row.uuid), row.planned_on)
        yield item, row.plan.patient, what, _url("cycle-day", row.uuid)


def _echoes(site: Site, today: date) -> Iterator[Found]:
    booked: dict[int, EchoBooking] = {
        row.plan_id: row
        for row in EchoBooking.objects.filter(plan__patient__site=site, cancelled_at=None, booked_for__gte=today)
    }
    for batch in flags.watched_in_batches(site):
        for standing in standings(batch):
            window, plan = standing.window(today), standing.plan
            if window.due_on is None:
                continue
            topic = Topic.LVEF_OVERDUE if window.is_overdue else Topic.LVEF_DUE
            booking = booked.get(plan.pk)
            what = f"booked for {in_words(booking.booked_for)} at {booking.lab}" if booking else "no appointment"
            yield Item(topic, str(plan.uuid), window.due_on), plan.patient, what, _url("echo-book", plan.uuid)


def _flags(site: Site, now: datetime) -> Iterator[Found]:
    """Findings only: an overdue LVEF is in its own section already. Without those that an oncologist put off."""
    rows = CardiacFlag.objects.at(site).awake(now).filter(kind=FlagKind.FINDING).select_related("patient")
    for row in rows:
        item = Item(Topic.FLAG_UNDECIDED, str(row.uuid), site.today(row.raised_at))
        yield item, row.patient, row.get_advice_display(), _url("flag", row.uuid)


def _url(name: str, *args: Any) -> str:
    return settings.PUBLIC_URL + reverse(name, args=args)
