"""What runs alongside a plan: recorded with its dates, corrected, or taken back. No cycle moves."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions.locks import lock
from scheduling.core.alongside import AlongsideKind
from scheduling.models import AlongsideTreatment, TreatmentPlan


def record(
    *,
    by: User,
    plan: TreatmentPlan,
    kind: AlongsideKind,
    from_on: date,
    until_on: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> AlongsideTreatment:
    """Put these dates on record, in place of those of the same kind.

    `seen` is the revision that was looked at, 0 when there was none; another one is a lost update and is refused.
    """
    require(by, Permission.EDIT_PATIENTS)
    with act("alongside.recorded", by=by, patient=plan.patient, subject=plan, reason=note) as entry:
        plan = lock(plan, expected_revision=None)
        refuse(_refuse_dates(plan, from_on, until_on))
        row = _current(plan, kind, seen) or AlongsideTreatment(plan=plan, kind=kind, revision=0)
        row.from_on, row.until_on, row.note, row.recorded_by = from_on, until_on, note.strip(), by
        row.revision += 1
        row.full_clean(exclude=["recorded_by"], validate_unique=False, validate_constraints=False)
        row.save()
        entry.details = {"kind": kind.value, "from_on": str(from_on), "until_on": str(until_on) if until_on else ""}
    return row


def remove(*, by: User, plan: TreatmentPlan, kind: AlongsideKind, reason: str, seen: int | None = None) -> None:
    """Take back what was recorded in error; the history keeps it."""
    require(by, Permission.EDIT_PATIENTS)
    if not reason.strip():
        raise Refused(Refusal("no-reason", "Say why this is taken back."), {"note": ["Say why."]})
    with act("alongside.removed", by=by, patient=plan.patient, subject=plan, reason=reason) as entry:
        plan = lock(plan, expected_revision=None)
        row = _current(plan, kind, seen)
        if row is None:
            raise Refused(Refusal("not-recorded", f"{kind.label} is not on record for this plan."))
        row.delete()
        entry.details = {"kind": kind.value}


def _current(plan: TreatmentPlan, kind: AlongsideKind, seen: int | None) -> AlongsideTreatment | None:
    """Raises Refused when it is not what was looked at: the difference is in the sentence."""
    row = AlongsideTreatment.objects.filter(plan=plan, kind=kind).select_related("recorded_by").first()
    if seen is None or seen == (row.revision if row else 0):
        return row
    now = f"now {row.from_on} to {row.until_on or 'no end'}, by {row.recorded_by}" if row else "now not on record"
    raise Refused(
        Refusal("changed-meanwhile", f"{kind.label} was changed while you were looking: {now}. Decide again.")
    )


def _refuse_dates(plan: TreatmentPlan, from_on: date, until_on: date | None) -> Refusal | None:
    if until_on is not None and until_on < from_on:
        return Refusal("ends-before-it-starts", "The last day cannot lie before the first.")
    if from_on < plan.patient.born_on:
        return Refusal("before-birth", "It cannot have begun before the patient was born.")
    if abs((from_on - plan.start_on).days) > settings.PLAN_START_WITHIN_DAYS:
        return Refusal("far-away", "The first day lies more than two years from the plan's start. Check the year.")
    return None
