"""What an oncologist decides about a flag, and carrying it out. Never a bare acknowledgement."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from monitoring.actions import snoozes
from monitoring.actions.assessments import invalidate
from monitoring.core.lifecycle import refuse_decide
from monitoring.models import CardiacFlag, FlagDecision, FlagSnooze
from monitoring.models.standing import CARDIAC_HOLDS
from monitoring.words import Decision, DecisionReason, FlagKind, FlagState
from scheduling.actions import holds
from scheduling.models import Hold, TreatmentPlan
from scheduling.words import HoldReason, PlanState


def decide(
    *,
    by: User,
    flag: CardiacFlag,
    decision: Decision,
    reason: DecisionReason,
    note: str = "",
    repeat_by: date | None = None,
    decisions_seen: int | None = None,
) -> FlagDecision:
    """Sign a decision: hold, continue with cardiology, repeat by a date, or not valid, each with its reason.

    `decisions_seen` is how many decisions the page showed; a newer one is never overwritten unseen.
    """
    require(by, Permission.DECIDE_FLAGS)
    with act("flag.decided", by=by, patient=flag.patient, subject=flag, reason=note or reason.label) as entry:
        flag = (
            CardiacFlag.objects.select_for_update(of=("self",))
            .select_related("plan", "patient", "assessment")
            .get(pk=flag.pk)
        )
        refuse(_refuse_unseen(flag, decisions_seen))
        refuse(
            refuse_decide(
                flag.kind, flag.state, decision, reason=reason, sentence=note, repeat_by=repeat_by,
                today=by.site.today(),
            )
        )  # fmt: skip
        made = FlagDecision.objects.create(
            flag=flag, decision=decision, reason=reason, note=note.strip(), repeat_by=repeat_by, recorded_by=by
        )
        if flag.waits_for_decision:
            CardiacFlag.objects.filter(pk=flag.pk).update(state=FlagState.DECIDED)
        snoozes.end_early(FlagSnooze.objects.holding(made.recorded_at).filter(flag=flag), f"Decided by {by}.")
        _carry_out(made, flag, by)
        entry.details = {"decision": decision.value, "reason": reason.value, "repeat_by": str(repeat_by or "")}
    return made


def _refuse_unseen(flag: CardiacFlag, decisions_seen: int | None) -> Refusal | None:
    count = flag.decisions.count()
    if decisions_seen is None or count == decisions_seen:
        return None
    last = flag.decisions.select_related("recorded_by").first()
    who, what = (last.recorded_by, last.get_decision_display()) if last else ("Somebody", "otherwise")
    return Refusal(
        "decided-meanwhile",
        f"{who} decided “{what}” meanwhile. Look at it, and decide again if you still want to.",
    )


def _carry_out(made: FlagDecision, flag: CardiacFlag, by: User) -> None:
    if made.decision == Decision.HOLD and not Hold.objects.open().filter(plan=flag.plan).exists():
        if flag.plan.state != PlanState.ACTIVE:
            raise Refused(Refusal("not-active", f"This plan is {flag.plan.state}; there is nothing to hold."))
        reason = HoldReason.CARDIAC_SYMPTOMS if made.reason == DecisionReason.SYMPTOMS else HoldReason.LVEF_FALL
        holds.begin(by=by, plan=flag.plan, reason=reason, note=made.note, repeat_assessment_by=made.repeat_by)
    elif made.decision == Decision.CONTINUE and flag.kind == FlagKind.FINDING:
        _lift(made, flag, by)
    elif made.decision == Decision.NOT_VALID and flag.assessment is not None:
        invalidate(by=by, assessment=flag.assessment, because=made.note)
    TreatmentPlan.objects.filter(pk=flag.plan_id).update(revision=F("revision") + 1)


def _lift(made: FlagDecision, flag: CardiacFlag, by: User) -> None:
    """Continuing is no half measure: an open hold for the heart ends with it, so that the infusion can go ahead."""
    if Hold.objects.open().filter(plan=flag.plan, reason__in=CARDIAC_HOLDS).exists():
        note = " ".join(
            filter(None, [f"{made.get_decision_display()}: {made.get_reason_display().lower()}.", made.note])
        )
        holds.resume(by=by, plan=flag.plan, note=note)
