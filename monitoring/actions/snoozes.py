"""Putting a flag off until a morning. Nothing brings it back but the calendar, a new result, or a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused, refuse
from monitoring.catalog.policies import ladder
from monitoring.core.escalation import refuse_snooze
from monitoring.models import CardiacFlag, FlagSnooze
from monitoring.models.flags import SnoozeQuerySet
from monitoring.models.standing import standing_of
from monitoring.words import FlagState
from scheduling.models import Patient


def begin(*, by: User, flag: CardiacFlag, until: date, reason: str) -> FlagSnooze:
    """Put an open flag off until the morning of `until`, at the site's own midnight.

    Raises Refused for advice to withhold or discontinue, for a decided flag, and past the policy's days.
    """
    require(by, Permission.DECIDE_FLAGS)
    if not reason.strip():
        raise Refused(Refusal("reason-missing", "Say why this can wait."), {"reason": ["Say why this can wait."]})
    with act("flag.snoozed", by=by, patient=flag.patient, subject=flag, reason=reason) as entry:
        now = timezone.now()
        rows = CardiacFlag.objects.select_related("assessment", "plan__patient__site", "plan__regimen")
        flag = rows.select_for_update(of=("self",)).get(pk=flag.pk)
        _refuse(flag, until, by.site.today(now))
        if held := FlagSnooze.objects.holding(now).filter(flag=flag).first():
            day = in_words(by.site.today(held.until))
            raise Refused(Refusal("snoozed-already", f"{held.recorded_by} put this flag off until {day} already."))
        made = FlagSnooze.objects.create(
            flag=flag, since=now, until=_morning(by.site, until), reason=reason.strip(), recorded_by=by
        )
        entry.details = {"until": str(until)}
    return made


def end(*, by: User, flag: CardiacFlag) -> None:
    """Bring a flag back before its time."""
    require(by, Permission.DECIDE_FLAGS)
    with act("flag.snooze-ended", by=by, patient=flag.patient, subject=flag):
        CardiacFlag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
        if not end_early(FlagSnooze.objects.holding(timezone.now()).filter(flag=flag), f"Brought back by {by}."):
            raise Refused(Refusal("not-snoozed", "This flag is not put off."))


def end_by_result(patient: Patient) -> int:
    """A new result is a new question: every flag of the patient is looked at again. Inside the result's own act."""
    held = FlagSnooze.objects.holding(timezone.now()).filter(flag__patient=patient)
    return end_early(held, "A new LVEF result is on record.")


def end_by_results(patients: Sequence[int]) -> int:
    """As `end_by_result`, of many patients given by their keys."""
    held = FlagSnooze.objects.holding(timezone.now()).filter(flag__patient__among=patients)
    return end_early(held, "A new LVEF result is on record.")


def end_early(holding: SnoozeQuerySet, because: str) -> int:
    """Write the end of these; returns how many there were."""
    return holding.update(ended_at=timezone.now(), ended_because=because)


def _refuse(flag: CardiacFlag, until: date, today: date) -> None:
    """By the strictest rule met: where only one end of a range says to withhold, it cannot wait either."""
    judgement = standing_of(flag.plan).judge(flag.assessment) if flag.assessment else None
    advice, is_decided = judgement.strictest if judgement else flag.advice, flag.state != FlagState.OPEN
    found = refuse_snooze(ladder(), advice=advice, is_decided=is_decided, until=until, today=today)
    if found is not None and found.code.startswith("snooze-"):
        raise Refused(found, {"until": [found.sentence]})
    refuse(found)


def _morning(site: Site, day: date) -> datetime:
    return datetime.combine(day, time(), site.zone)
