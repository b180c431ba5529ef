"""The independent second check: asked for by one person, done by another who has not seen the first figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog, clearance
from scheduling.actions import administrations, cycles
from scheduling.actions.administrations import Due
from scheduling.actions.checked_doses import figures_of
from scheduling.actions.locks import open_day, refuse_changed
from scheduling.core import second_check as core
from scheduling.core.second_check import CheckState, First
from scheduling.models import CycleDay, SecondCheck, SitePolicy, TreatmentPlan
from scheduling.models.about import about
from scheduling.models.checking import standing_of, told, why_lapsed
from scheduling.models.gates import ordered
from scheduling.models.standing import regimen_of
from scheduling.words import Gate, PlanState


@dataclass(frozen=True, slots=True)
class BlindDose:
    """One agent as the checker sees it: everything the figure follows from, and not the figure.

    `mg_per_kg` is None for a fixed dose, whose figure would be the answer.
    """

    agent: str
    title: str
    kind: str
    route: str
    unit: str
    mg_per_kg: Decimal | None
    days_since_last: int | None
    days_late: int | None


@dataclass(frozen=True, slots=True)
class Blind:
    """A request as the checker sees it. Weight in kg; `rounding_step_mg` is None where the site rounds nothing."""

    check: SecondCheck
    row: CycleDay
    weight_kg: Decimal | None
    weight_on: date | None
    rounding_step_mg: Decimal | None
    doses: tuple[BlindDose, ...]
    lapsed: tuple[str, ...]


def request(*, by: User, cycle_day: CycleDay, revision: int | None = None) -> SecondCheck:
    """Ask whoever is free for a check of what is given today. Raises Refused."""
    require(by, Permission.RECORD_ADMINISTRATIONS)
    with act("second-check.asked", by=by, patient=cycle_day.plan.patient, subject=cycle_day) as entry:
        plan, row = open_day(cycle_day)
        today = by.site.today()
        refuse(cycles.refuse_decided(row))
        refuse_changed(plan, revision)
        _refuse_ended(plan)
        first = figures_of(administrations.due_on(row, today, today=today))
        _refuse_request(row, first, today)
        _make_way(row, by, today)
        seen = ordered(row)
        made = SecondCheck.objects.create(
            plan=plan, cycle=row.cycle, day=row.day, for_on=today, planned_on=row.planned_on, doses=dict(seen.doses),
            first=[_stored(one) for one in first.values() if one], weight_kg=seen.weight_kg,
            plan_revision=plan.revision, recorded_by=by,
        )  # fmt: skip
        entry.details = {"cycle": row.cycle}  # no figure: whoever checks may read this
    return made


def submit(
    *, by: User, check: SecondCheck, entered: Mapping[str, Decimal], confirmed: Collection[str], not_right: str = ""
) -> SecondCheck:
    """The checker's own figures, and what was seen at the chair. Raises Refused; a difference is no refusal."""
    require(by, Permission.RECORD_ADMINISTRATIONS)
    with act("second-check.done", by=by, patient=check.plan.patient, subject=check, reason=not_right) as entry:
        row = _row_of(check)
        plan, row = open_day(row)
        held = _held(check, plan)
        refuse(_refuse_checker(by, held))
        refuse(cycles.refuse_decided(row))
        _refuse_ended(plan)
        refuse(core.refuse_lapsed(_lapsed(held, row, by.site.today())))
        agents = [one.agent for one in held.figures]
        if fault := core.refuse_figures(agents, entered):
            raise Refused(fault[1], {fault[0]: [fault[1].sentence]})
        items = catalog.chairside_items()
        if found := core.refuse_items(items, confirmed, not_right):
            raise Refused(found, {"not_right": [found.sentence]})
        held.state = core.decide(held.figures, entered, items, confirmed, not_right)
        held.entered = {agent: plain(figure) for agent, figure in entered.items()}
        held.confirmed, held.not_right = [one.id for one in items if one.id in confirmed], not_right.strip()
        _end(held, by)
        outcome = CheckState(held.state)
        entry.details = {"cycle": row.cycle, "outcome": outcome.value, "told": list(told(held))}
    return held


def withdraw(*, by: User, check: SecondCheck, reason: str = "") -> SecondCheck:
    """Take a request back while it waits. Raises Refused where it does not."""
    require(by, Permission.RECORD_ADMINISTRATIONS)
    with act("second-check.withdrawn", by=by, patient=check.plan.patient, subject=check, reason=reason) as entry:
        plan = TreatmentPlan.objects.select_for_update(of=("self",)).get(pk=check.plan_id)
        held = _held(check, plan)
        if held.kind is not CheckState.ASKED:
            raise Refused(Refusal("not-open", "Nothing waits that could be withdrawn."))
        held.state = CheckState.WITHDRAWN
        _end(held, by)
        entry.details = {"cycle": held.cycle}
    return held


def blind_of(check: SecondCheck) -> Blind:
    """What the checker may see. Raises Refused where the infusion is decided or no longer in the plan."""
    row, site = _row_of(check), check.plan.patient.site
    refuse(cycles.refuse_decided(row))
    due = administrations.due_on(row, check.for_on, today=site.today())
    return Blind(
        check=check,
        row=row,
        weight_kg=check.plan.dosing_weight_kg,
        weight_on=check.plan.dosing_weight_on,
        rounding_step_mg=SitePolicy.of(site).rounding_step_mg,
        doses=tuple(_blind(one, row) for one in due),
        lapsed=_lapsed(check, row, site.today()),
    )


def _refuse_request(row: CycleDay, first: Mapping[str, First | None], today: date) -> None:
    found = clearance.objections([row], on=today)[row.pk]
    stopping = [one.sentence for one in found if one.stops_treatment and one.gate is not Gate.SECOND_CHECK]
    refuse(
        core.refuse_request(
            planned_on=row.planned_on,
            on=today,
            today=today,
            incalculable=next((agent for agent, one in first.items() if one is None), ""),
            stopped_by="; ".join(stopping),
        )
    )


def _make_way(row: CycleDay, by: User, today: date) -> None:
    """One request at a time: a lapsed one ends as lapsed, one that still fits refuses a second."""
    state = standing_of(row, about([row.plan])[row.plan_id], today)
    if state.waits and state.waiting:
        raise Refused(Refusal("already-asked", f"{state.waiting.recorded_by} asked for this check already."))
    if state.agreed and state.done:
        raise Refused(Refusal("already-agreed", f"{state.done.ended_by} has checked these doses and agreed."))
    if state.waiting:
        state.waiting.state = CheckState.LAPSED
        _end(state.waiting, by)


def _refuse_ended(plan: TreatmentPlan) -> None:
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("plan-ended", f"The plan is {plan.state}: nothing of it is given any more."))


def _refuse_checker(by: User, held: SecondCheck) -> Refusal | None:
    return core.refuse_checker(
        asked_by=str(held.recorded_by),
        is_asker=held.recorded_by_id == by.pk,
        state=held.kind,
        ended_by=str(held.ended_by or ""),
    )


def _lapsed(check: SecondCheck, row: CycleDay, today: date) -> tuple[str, ...]:
    """Why the request no longer fits: day, weight or planned doses, or what is due today."""
    reasons = why_lapsed(check, ordered(row), today)
    if reasons or check.kind is not CheckState.ASKED:
        return reasons
    now = [one for one in figures_of(administrations.due_on(row, today, today=today)).values() if one]
    return core.changed(check.figures, now)


def _row_of(check: SecondCheck) -> CycleDay:
    rows = CycleDay.objects.select_related("plan__patient__site", "plan__regimen")
    row = rows.filter(plan=check.plan_id, cycle=check.cycle, day=check.day).first()
    if row is None:
        raise Refused(Refusal("gone", "This cycle day is no longer in the plan."))
    return row


def _held(check: SecondCheck, plan: TreatmentPlan) -> SecondCheck:
    """As it stands now that its plan is held."""
    held = SecondCheck.objects.select_related("recorded_by", "ended_by").get(pk=check.pk)
    held.plan = plan
    return held


def _end(check: SecondCheck, by: User) -> None:
    check.ended_at, check.ended_by = timezone.now(), by
    check.save(update_fields=["state", "entered", "confirmed", "not_right", "ended_at", "ended_by"])


def _stored(one: First) -> dict[str, str]:
    return {"agent": one.agent, "planned": plain(one.planned), "exact": plain(one.exact), "unit": one.unit}


def _blind(due: Due, row: CycleDay) -> BlindDose:
    judgement = due.entry.judgement
    return BlindDose(
        agent=due.agent,
        title=regimen_of(row.plan.regimen).agent(due.agent, due.entry.phase).title,
        kind="first" if judgement is None and due.entry.kind.value == "maintenance" else due.entry.kind.value,
        route=due.entry.route.value,
        unit=core.ML if due.entry.dose.components else core.MG,
        mg_per_kg=due.entry.dose.mg_per_kg,
        days_since_last=judgement.days_since_last if judgement else None,
        days_late=judgement.days_late if judgement else None,
    )
