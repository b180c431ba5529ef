"""An oncologist's one mail a day: how many flags wait for her, red and yellow. It names nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.models import Site, User
from her2tracker.lib.dates import in_words
from monitoring.actions import letters, reminders
from monitoring.actions.decision_links import DecisionLink, links_for
from monitoring.actions.digests import NOT_BEFORE
from monitoring.core.protocol import Advice
from monitoring.models import CardiacFlag, CardiacPolicy, Reminder
from monitoring.models.delegations import Hearers
from monitoring.words import FlagKind, ReminderKind, ReminderState
from scheduling.models import CycleDay

ABOUT = "flag-digest"
SHOWN = 10  # a mail is read on a phone; the rest is a number and a link


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open flag, without the patient: what is advised, since when, and how near the next infusion is."""

    what: str
    is_red: bool
    raised_on: date
    next_on: date | None
    link: str
    links: tuple[DecisionLink, ...]


@dataclass(frozen=True, slots=True)
class FlagDigest:
    """Red is advice to withhold or discontinue that nobody decided; its mail of the first hour went out already."""

    on: date
    flags: tuple[Waiting, ...]

    @property
    def red(self) -> int:
        return sum(one.is_red for one in self.flags)

    @property
    def yellow(self) -> int:
        return len(self.flags) - self.red

    @property
    def counted(self) -> str:
        """`1 red, 3 yellow`."""
        parts = [f"{count} {name}" for count, name in ((self.red, "red"), (self.yellow, "yellow")) if count]
        return ", ".join(parts) or "No flag waits"

    @property
    def subject(self) -> str:
        return f"Cardiac flags: {self.counted} – {in_words(self.on)}"

    @property
    def shown(self) -> tuple[Waiting, ...]:
        return self.flags[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.flags) - SHOWN)


def compose(site: Site, *, now: datetime) -> int:
    """Owe each oncologist today's digest, from 06:00 on; returns how many are new. Once per person and day.

    What a colleague handed over is in the mail of who stands in, and in no other.
    """
    local = timezone.localtime(now, site.zone)
    today = local.date()
    if local.time() < NOT_BEFORE:
        return 0
    hearers = Hearers.of(site, now)
    have = set(Reminder.objects.filter(site=site, about=ABOUT, due_on=today).values_list("recipient_id", flat=True))
    if not hearers.oncologists.keys() - have:
        return 0
    by_person = gather(site, hearers)
    policy = CardiacPolicy.of(site)
    with transaction.atomic():
        return sum(
            _owe(person, FlagDigest(today, tuple(by_person.get(pk, ()))), policy, now)
            for pk, person in hearers.oncologists.items()
            if pk not in have
        )


def gather(site: Site, hearers: Hearers) -> dict[int, list[Waiting]]:
    """By oncologist's key: the open flags that are not put off, red first, then the next infusion."""
    days = CycleDay.objects.planned().filter(plan=OuterRef("plan")).order_by("planned_on")
    rows = CardiacFlag.objects.at(site).awake(hearers.at).select_related("plan")
    rows = rows.annotate(next_on=Subquery(days.values("planned_on")[:1]))
    found: dict[int, list[Waiting]] = {}
    for flag, waiting in _sorted((row, _waiting(row, site)) for row in rows):
        for person in hearers.of_plan(flag.plan):
            found.setdefault(person.pk, []).append(waiting)
    return found


def _sorted(rows: Iterable[tuple[CardiacFlag, Waiting]]) -> list[tuple[CardiacFlag, Waiting]]:
    return sorted(rows, key=lambda row: (not row[1].is_red, row[1].next_on or date.max, row[1].raised_on, row[0].pk))


def _waiting(flag: CardiacFlag, site: Site) -> Waiting:
    what = flag.get_advice_display() if flag.kind == FlagKind.FINDING else flag.get_kind_display()
    return Waiting(
        what,
        Advice(flag.advice) >= Advice.WITHHOLD,
        site.today(flag.raised_at),
        getattr(flag, "next_on", None),
        settings.PUBLIC_URL + reverse("flag", args=[flag.uuid]),
        links_for(flag),
    )


def _owe(person: User, digest: FlagDigest, policy: CardiacPolicy, now: datetime) -> bool:
    context = {"digest": digest, "site": person.site, "list": settings.PUBLIC_URL + reverse("flags")}
    text, html = letters.write("flag_digest", context)
    is_sent = bool(digest.flags) or policy.digest_when_empty
    return reminders.queue(
        recipient=person,
        kind=ReminderKind.FLAG_DIGEST,
        about=ABOUT,
        due_on=digest.on,
        subject=digest.subject,
        text=text,
        html=html,
        now=now,
        state=ReminderState.QUEUED if is_sent else ReminderState.CANCELLED,
    )
