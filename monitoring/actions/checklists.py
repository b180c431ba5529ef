"""The points of a new plan's checklist: done, or waived with a reason."""

from __future__ import annotations

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.core.checklist import Point, refuse_waive
from monitoring.models import ChecklistTick
from scheduling.actions.locks import lock
from scheduling.models import TreatmentPlan


def tick(*, by: User, plan: TreatmentPlan, point: Point, words: str = "", waived: bool = False) -> ChecklistTick:
    """Settle one point. A second time is refused: the first answer stays on record."""
    require(by, Permission.VIEW_QUEUE)
    if waived and (found := refuse_waive(words)):
        raise Refused(found, {"words": [found.sentence]})
    with act("checklist.ticked", by=by, patient=plan.patient, reason=words.strip()) as entry:
        plan = lock(plan, expected_revision=None)
        known = ChecklistTick.objects.filter(plan=plan, point=point).select_related("recorded_by").first()
        if known:
            raise Refused(Refusal("ticked-already", f"{known.recorded_by} settled this already."))
        made = ChecklistTick.objects.create(
            plan=plan, point=point, waived=waived, words=words.strip()[:300], recorded_by=by
        )
        entry.subject, entry.details = made, {"point": point.label, "waived": waived}
    return made


def untick(*, by: User, plan: TreatmentPlan, point: Point) -> None:
    """Take a point back that was settled by mistake."""
    require(by, Permission.VIEW_QUEUE)
    with act("checklist.unticked", by=by, patient=plan.patient, subject=plan) as entry:
        plan = lock(plan, expected_revision=None)
        if not ChecklistTick.objects.filter(plan=plan, point=point).delete()[0]:
            raise Refused(Refusal("not-ticked", "This point is open already."))
        entry.details = {"point": point.label}
