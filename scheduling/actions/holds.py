"""A clinician's temporary stop of a plan, and its end."""

from __future__ import annotations

from datetime import date

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions import freeing
from scheduling.actions.locks import lock, touch
from scheduling.models import Hold, TreatmentPlan
from scheduling.words import ChairFreed, HoldReason, PlanState


def begin(
    *,
    by: User,
    plan: TreatmentPlan,
    reason: HoldReason,
    note: str = "",
    repeat_assessment_by: date | None = None,
    revision: int | None = None,
) -> Hold:
    """Stop treating until resumed. Raises Refused when already held or no longer active."""
    require(by, Permission.HOLD_PLANS)
    with act("hold.begun", by=by, patient=plan.patient, subject=plan, reason=note or reason.label) as entry:
        plan = lock(plan, expected_revision=revision)
        refuse(_refuse_begin(plan))
        _refuse_past_repeat(repeat_assessment_by, by.site.today())
        hold = Hold.objects.create(
            plan=plan,
            begun_on=by.site.today(),
            reason=reason,
            note=note,
            repeat_assessment_by=repeat_assessment_by,
            recorded_by=by,
        )
        freed = freeing.free_planned(plan, ChairFreed.HELD)
        touch(plan)
        entry.details = {"reason": reason.value, "repeat_by": str(repeat_assessment_by or ""), "chairs_freed": freed}
    return hold


def resume(*, by: User, plan: TreatmentPlan, note: str, revision: int | None = None) -> Hold:
    """End the open hold. What the gap asks for (a re-load) shows in the projection at once."""
    require(by, Permission.HOLD_PLANS)
    with act("hold.ended", by=by, patient=plan.patient, subject=plan, reason=note) as entry:
        plan = lock(plan, expected_revision=revision)
        hold = Hold.objects.open().filter(plan=plan).first()
        refuse(None if hold else Refusal("not-held", "This plan is not on hold."))
        assert hold is not None  # noqa: S101
        hold.ended_on, hold.ended_by, hold.end_note = by.site.today(), by, note
        hold.save(update_fields=["ended_on", "ended_by", "end_note"])
        touch(plan)
        entry.details = {"days_held": hold.days(hold.ended_on)}
    return hold


def _refuse_past_repeat(repeat_by: date | None, today: date) -> None:
    if repeat_by and repeat_by < today:
        sentence = f"{in_words(repeat_by)} is past: the LVEF is repeated today or later."
        raise Refused(Refusal("repeat-in-the-past", sentence), {"repeat_assessment_by": [sentence]})


def _refuse_begin(plan: TreatmentPlan) -> Refusal | None:
    if plan.state != PlanState.ACTIVE:
        return Refusal("not-active", f"This plan is {plan.state}; there is nothing to hold.")
    if Hold.objects.open().filter(plan=plan).exists():
        return Refusal("already-held", "This plan is on hold already. Resume it first, or leave it held.")
    return None
