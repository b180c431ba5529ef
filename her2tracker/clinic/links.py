"""What this person may do from here, by permission and by the state things are in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.plan import PlanView
from her2tracker.clinic.summary import Summary
from scheduling.actions.changes import last_change, reducible, told
from scheduling.actions.oral_levels import reducible as reducible_at_home
from scheduling.models import Extension, LevelChange, OralLevelChange, TreatmentPlan
from scheduling.words import PlanState

# permission, whether the state allows it, label, URL name, tone
_Offer = tuple[Permission, bool, str, str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """`tone` is primary for the next step, danger for what stops treatment."""

    label: str
    url: str
    tone: str = ""


def patient_links(by: User, summary: Summary) -> list[Link]:
    """From the chart: what is recorded about the patient."""
    no_plan = summary.plan is None or summary.plan.state != PlanState.ACTIVE
    offered: list[_Offer] = [
        (Permission.START_PLANS, no_plan, "New plan …", "plan-new", "primary"),
        (Permission.START_PLANS, True, "Suggestions", "patient-suggestions", ""),
        (Permission.RECORD_MEASUREMENTS, True, "Record weight …", "patient-measure", ""),
        (Permission.RECORD_ASSESSMENTS, True, "Record LVEF …", "assessment-new", ""),
        (Permission.RECORD_ASSESSMENTS, True, "Assess risk …", "risk-new", ""),
        (Permission.EDIT_PATIENTS, True, "Describe tumour …", "patient-tumour", ""),
        (Permission.EDIT_PATIENTS, True, "Edit patient …", "patient-edit", ""),
        (Permission.EDIT_PATIENTS, True, "Merge records …", "patient-merge", ""),
        (Permission.VIEW_PATIENTS, True, "Calendar to take home", "patient-calendar", ""),
        (Permission.VIEW_PATIENTS, True, "Letters and answers", "patient-letters", ""),
        (Permission.VIEW_PATIENTS, True, "Calls", "patient-calls", ""),
        (Permission.VIEW_HISTORY, True, "History", "patient-history", ""),
    ]
    return _permitted(by, offered, summary.patient.uuid)


def plan_links(by: User, view: PlanView, summary: Summary) -> list[Link]:
    """From the plan: what is decided about it. Of one that has ended, only what leaves the house."""
    plan, held, infused = view.plan, view.standing.open_hold is not None, not view.regimen.is_by_mouth_only
    undo = _permitted(by, [_undo(plan)], plan.uuid)
    card = _permitted(by, [(Permission.HAND_OVER_PLANS, True, "Handover card", "plan-card", "")], plan.uuid)
    if plan.state != PlanState.ACTIVE:
        return [*undo, *card]
    weighed = summary.weight.weight_kg if summary.weight else None
    offered: list[_Offer] = [
        (Permission.HOLD_PLANS, held, "Resume plan …", "plan-resume", "primary"),
        (Permission.HOLD_PLANS, not held, "Hold plan …", "plan-hold", "danger"),
        (
            Permission.RECORD_MEASUREMENTS,
            _is_new(view, weighed),
            f"Recalculate with {weighed} kg …",
            "plan-recalculate",
            "",
        ),
        (Permission.ADJUST_PLANS, bool(reducible(plan) or reducible_at_home(plan)), "Reduce dose …", "plan-level", ""),
        (Permission.ADJUST_PLANS, view.regimen.cap.doses is not None, "Extend plan …", "plan-extend", ""),
        (Permission.ADJUST_PLANS, infused, "Change policies …", "plan-policy", ""),
        (Permission.CHOOSE_BASELINE, bool(view.standing.assessments), "Choose baseline …", "baseline", ""),
        (Permission.ADJUST_PLANS, infused, "LVEF interval …", "interval", ""),
        (Permission.BOOK_ECHOES, infused, "Book echo …", "echo-book", ""),
        (Permission.VIEW_QUEUE, infused, "New plan’s checklist", "plan-checklist", ""),
        (Permission.EDIT_PATIENTS, True, "Runs alongside …", "plan-alongside", ""),
        (Permission.START_PLANS, infused, "Earlier doses …", "plan-prior", ""),
        (Permission.RECORD_CONSENT, True, "Consent to treatment …", "plan-consent", ""),
        (Permission.ADJUST_PLANS, True, "Responsible oncologist …", "plan-assign", ""),
        (Permission.START_PLANS, view.projection.given > 0, "Switch plan …", "plan-switch", ""),
        (Permission.HOLD_PLANS, True, "Cease plan …", "plan-cease", "danger"),
    ]
    return [*undo, *_permitted(by, offered, plan.uuid), *card]


def _undo(plan: TreatmentPlan) -> _Offer:
    """The last change may be taken back until something clinical follows it, by whoever may make it."""
    last = last_change(plan)
    ordered = isinstance(last, Extension | LevelChange | OralLevelChange)
    right = Permission.ADJUST_PLANS if ordered else Permission.CHANGE_SCHEDULE
    return right, last is not None, f"Undo {told(last)} …" if last else "", "plan-undo", ""


def _permitted(by: User, offered: list[_Offer], uuid: UUID) -> list[Link]:
    return [
        Link(label, reverse(name, args=[uuid]), tone)
        for right, fits, label, name, tone in offered
        if fits and by.may(right)
    ]


def _is_new(view: PlanView, weighed: object) -> bool:
    return view.needs_weight and weighed is not None and weighed != view.plan.dosing_weight_kg
