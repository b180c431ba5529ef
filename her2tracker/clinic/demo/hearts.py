"""What happened to the demo's hearts: a hold in its fifth week, a flag put off, a stand-in, aftercare."""

from __future__ import annotations

from datetime import date, timedelta

from her2tracker.accounts.models import Site, User
from monitoring.actions import assessments, decisions, delegations, snoozes
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality, Symptoms
from monitoring.models import CardiacFlag
from monitoring.words import Decision, DecisionReason
from scheduling.actions import administrations, cycles
from scheduling.actions.administrations import Dose
from scheduling.models import Hold, TreatmentPlan
from scheduling.words import DelayReason

HELD_FOR, REPEATED = 30, 8  # days since the fall; since the repeat that did not permit to resume
LAB = "Demo echo lab"


def happen(site: Site) -> None:
    """Through the actions, as everything in the demo."""
    people = {user.email.partition("@")[0]: user for user in User.objects.filter(site=site)}
    _hold_for_weeks(people, _plan(site, "Linden"))
    _put_off(people, _plan(site, "Mulberry"))
    _finish(people, _plan(site, "Robinia"))
    delegations.begin(by=people["olivia"], to=people["omar"], until=site.today() + timedelta(days=7))


def _hold_for_weeks(people: dict[str, User], plan: TreatmentPlan) -> None:
    """A fall, the hold, and a repeat that has not recovered; her next infusion waits for the one after it."""
    today = plan.patient.site.today()
    row = plan.cycle_days.planned().first()
    if row:
        cycles.delay(
            by=people["nora"], cycle_day=row, to_on=today + timedelta(days=20), reason=DelayReason.CARDIAC,
            note="On hold for her heart.",
        )  # fmt: skip
    _lvef(people["cora"], plan, "46", HELD_FOR)
    _hold(people["omar"], plan, "Hold, repeat at the same laboratory.", today + timedelta(days=1))
    # No action begins a hold in the past; this is the one row of the demo that is moved by hand.
    Hold.objects.filter(plan=plan, ended_on=None).update(begun_on=today - timedelta(days=HELD_FOR))
    _lvef(people["cora"], plan, "48", REPEATED)
    _hold(people["omar"], plan, "Not recovered; cardiology has begun ramipril.", today + timedelta(days=13))


def _hold(omar: User, plan: TreatmentPlan, note: str, repeat_by: date) -> None:
    for flag in CardiacFlag.objects.open().filter(plan=plan, kind="finding"):
        decisions.decide(
            by=omar, flag=flag, decision=Decision.HOLD, reason=DecisionReason.RULE_MET, note=note, repeat_by=repeat_by
        )


def _put_off(people: dict[str, User], plan: TreatmentPlan) -> None:
    """Below 50 without any label's rule: it may wait for cardiology, and comes back by itself."""
    _lvef(people["cora"], plan, "49", 2)
    flag = CardiacFlag.objects.open().get(plan=plan, kind="finding")
    until = plan.patient.site.today() + timedelta(days=5)
    snoozes.begin(by=people["omar"], flag=flag, until=until, reason="Cardiology sees her this week.")


def _finish(people: dict[str, User], plan: TreatmentPlan) -> None:
    """The last dose lies almost six months back, the LVEF at completion was done: the next is due soon."""
    for row in plan.cycle_days.planned():
        due = administrations.due_on(row, row.planned_on, today=plan.patient.site.today())
        doses = [Dose(one.agent, mg=one.calculation.planned_mg, product="Demo product", lot="DEMO009") for one in due]
        administrations.record(by=people["nora"], cycle_day=row, given_on=row.planned_on, doses=doses)
    for days_ago, lvef in ((255, "62"), (168, "60")):
        _lvef(people["cora"], plan, lvef, days_ago)


def _lvef(cora: User, plan: TreatmentPlan, lvef: str, days_ago: int) -> None:
    assessments.record(
        by=cora,
        patient=plan.patient,
        performed_on=plan.patient.site.today() - timedelta(days=days_ago),
        lvef=Lvef.parse(lvef),
        modality=Modality.ECHO_2D,
        symptoms=Symptoms.NONE,
        lab=LAB,
    )


def _plan(site: Site, family_name: str) -> TreatmentPlan:
    return TreatmentPlan.objects.active().at(site).get(patient__family_name=family_name)
