"""Somebody did not come. It is told to the coordinator the same day; the infusion stays planned where it was."""

from __future__ import annotations

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions.cycles import refuse_decided
from scheduling.actions.locks import open_day
from scheduling.models import CycleDay, NoShow


def record(*, by: User, cycle_day: CycleDay, words: str = "") -> NoShow:
    """For an infusion of today, or of a day that has passed. Omits nothing, moves nothing."""
    require(by, Permission.CHANGE_SCHEDULE)
    with act("no-show.recorded", by=by, patient=cycle_day.plan.patient, reason=words.strip()) as entry:
        plan, row = open_day(cycle_day)
        refuse(refuse_decided(row))
        if row.planned_on > by.site.today():
            told = f"It is planned for {in_words(row.planned_on)}: nobody can have stayed away yet."
            raise Refused(Refusal("not-yet", told))
        mine = NoShow.objects.filter(plan=plan, cycle=row.cycle, day=row.day, on=row.planned_on)
        if known := mine.select_related("recorded_by").first():
            raise Refused(Refusal("told-already", f"{known.recorded_by} recorded this already."))
        made = NoShow.objects.create(
            plan=plan, cycle=row.cycle, day=row.day, on=row.planned_on, words=words.strip(), recorded_by=by
        )
        entry.subject, entry.details = made, {"cycle": row.cycle, "on": str(row.planned_on)}
    return made


def settle(*, by: User, no_show: NoShow, settlement: str) -> None:
    """Say why nothing more is to be done, where no new day, omission or record has ended it."""
    require(by, Permission.CHANGE_SCHEDULE)
    if not settlement.strip():
        told = "Say in a sentence why it is settled."
        raise Refused(Refusal("words-missing", told), {"settlement": [told]})
    with act("no-show.settled", by=by, patient=no_show.plan.patient, subject=no_show, reason=settlement) as entry:
        row = NoShow.objects.select_for_update().get(pk=no_show.pk)
        if row.settled_at is not None:
            raise Refused(Refusal("settled-already", f"{row.settled_by} settled this already."))
        row.settled_at, row.settled_by, row.settlement = timezone.now(), by, settlement.strip()[:300]
        row.save(update_fields=["settled_at", "settled_by", "settlement"])
        entry.details = {"cycle": row.cycle, "on": str(row.on)}
