"""The handover card of a plan, from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from her2tracker.accounts.models import User
from her2tracker.clinic.handover.card import (
    Card,
    Coming,
    DayOnCard,
    DoseOnCard,
    EarlierDoses,
    HoldOnCard,
    LevelOnCard,
    More,
    Move,
    Person,
    PlanOnCard,
    Policies,
    RegimenOnCard,
    ResultOnCard,
    identified,
)
from monitoring.core.result import Modality, Symptoms
from monitoring.models import CardiacFlag, LvefAssessment
from monitoring.models.clocks import last_days
from monitoring.models.standing import Standing, standing_of
from monitoring.words import FlagState
from scheduling.actions import rows
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from scheduling.core.regimen import DoseKind
from scheduling.models import BroughtForward, CycleDay, Delay, TreatmentPlan
from scheduling.models.standing import projection_of
from scheduling.words import CeaseReason, DayState, HoldReason, PlanState, Setting, Sex


def card_of(plan: TreatmentPlan, *, by: User, now: datetime) -> Card:
    """`plan` was read with its facts. What is left of a plan that ended by leaving the hospital is projected anew."""
    standing, today = standing_of(plan), plan.patient.site.today(now)
    days = tuple(_days(plan, today))
    return identified(
        Card(
            id=UUID(int=0), made_at=now.astimezone(plan.patient.site.zone).replace(microsecond=0), made_by=str(by),
            hospital=plan.patient.site.name, patient=_person(plan), regimen=_regimen(plan), plan=_plan(plan, days),
            results=tuple(_results(standing)), coming=_coming(plan, standing, days, today), flags=tuple(_flags(plan)),
        )
    )  # fmt: skip


def _person(plan: TreatmentPlan) -> Person:
    one = plan.patient
    return Person(
        one.mrn, one.family_name, one.given_name, one.born_on, Sex(one.sex), one.language, one.allergies[:2000]
    )


def _regimen(plan: TreatmentPlan) -> RegimenOnCard:
    return RegimenOnCard(plan.regimen.key, plan.regimen.version, plan.regimen.name, plan.regimen.digest)


def _plan(plan: TreatmentPlan, days: tuple[DayOnCard, ...]) -> PlanOnCard:
    policies = Policies(
        ReloadPolicy(plan.reload_with_pertuzumab), Anchor(plan.anchor), CapPolicy(plan.cap), plan.minimum_gap_days
    )
    return PlanOnCard(
        setting=Setting(plan.setting), started_on=plan.start_on, state=str(plan.state), ended_on=plan.ended_on,
        end_reason=plan.end_reason, weight_kg=plan.dosing_weight_kg, weighed_on=plan.dosing_weight_on,
        policies=policies, cycle_days=days, moves=tuple(_moves(plan)), levels=tuple(_levels(plan)),
        earlier=tuple(
            EarlierDoses(
                one.agent, one.doses, one.first_given_on, one.last_given_on, one.place, one.decided_kind,  # type: ignore[arg-type]
                one.passed, one.made_up,
            )
            for one in sorted(plan.prior_treatments.all(), key=lambda one: one.agent)
        ),
        extensions=tuple(More(one.cycles, one.reason[:2000], one.overridden) for one in plan.extensions.all()),
        holds=tuple(
            HoldOnCard(one.begun_on, HoldReason(one.reason), one.repeat_assessment_by, one.ended_on)
            for one in sorted(plan.holds.all(), key=lambda one: (one.begun_on, one.pk))
        ),
    )  # fmt: skip


def _days(plan: TreatmentPlan, today: date) -> Iterator[DayOnCard]:
    """What was given and left out as recorded; what is left as it stands today."""
    decided = [row for row in plan.cycle_days.all() if row.state != DayState.PLANNED]
    yield from (_decided(row) for row in decided)
    if plan.state == PlanState.ACTIVE or plan.end_reason == CeaseReason.TRANSFERRED:
        yield from planned_days(plan, today)


def planned_days(plan: TreatmentPlan, today: date) -> Iterator[DayOnCard]:
    """What the plan still has to give, projected."""
    ordering, known = rows.Ordering.of(plan), {(row.cycle, row.day): row.state for row in plan.cycle_days.all()}
    for (cycle, day), entries in rows.by_day(projection_of(plan, today=today).entries).items():
        if known.get((cycle, day), DayState.PLANNED) == DayState.PLANNED:
            amounts = [(entry, ordering.calculate(entry)) for entry in entries]
            doses = tuple(
                DoseOnCard(one.agent, one.kind, found.planned_mg, found.ml, None, "", "", "") for one, found in amounts
            )
            yield DayOnCard(cycle, day, DayState.PLANNED, entries[0].on, "", False, doses)


def _decided(row: CycleDay) -> DayOnCard:
    given = list(row.administrations.all()) if row.state == DayState.GIVEN else []
    doses = tuple(
        DoseOnCard(
            one.agent, DoseKind(one.kind), one.given_mg, one.given_ml, one.given_on, one.product, one.lot,
            one.omission_reason,
        )
        for one in sorted(given, key=lambda one: one.pk)
    )  # fmt: skip
    on = max((one.given_on for one in given if one.given_on), default=row.planned_on)
    return DayOnCard(
        row.cycle, row.day, DayState(row.state), on if given else row.planned_on, row.omission_reason,
        row.omission_made_up, doses,
    )  # fmt: skip


def _moves(plan: TreatmentPlan) -> Iterator[Move]:
    moved: list[Delay | BroughtForward] = [*plan.delays.all(), *plan.brought_forward.all()]
    for one in sorted(moved, key=lambda one: one.plan_revision):
        kind = one.scope if isinstance(one, Delay) else "forward"
        yield Move(str(kind), one.cycle, one.day, one.from_on, one.to_on, one.reason)  # type: ignore[arg-type]


def _levels(plan: TreatmentPlan) -> Iterator[LevelOnCard]:
    for one in plan.level_changes.all():
        yield LevelOnCard(one.agent, one.from_cycle, None, one.mg_per_kg, one.reason[:2000])
    for oral in plan.oral_level_changes.all():
        yield LevelOnCard(oral.agent, None, oral.from_on, oral.mg, oral.reason[:2000])


def _results(standing: Standing) -> Iterator[ResultOnCard]:
    baseline = standing.baseline.pk if standing.baseline else None
    for one in standing.assessments:
        yield ResultOnCard(
            one.performed_on, one.lvef_low, one.lvef_high, one.lvef_low_open, one.lvef_high_open,
            Modality(one.modality), _lab(one), Symptoms(one.symptoms), one.gls_percent, one.note[:2000],
            one.pk == baseline,
        )  # fmt: skip


def _lab(one: LvefAssessment) -> str:
    return one.lab or one.reported_by[:120]


def _coming(plan: TreatmentPlan, standing: Standing, days: Iterable[DayOnCard], today: date) -> Coming:
    infusion = next((day for day in days if day.state is DayState.PLANNED), None)
    row = next((row for row in plan.cycle_days.all() if row.state == DayState.PLANNED), None)
    until = [one.on for one in last_days([row]).get(row.pk, ()) if one.on] if row else []
    return Coming(infusion.on if infusion else None, standing.window(today).due_on, min(until, default=None))


def _flags(plan: TreatmentPlan) -> Iterator[str]:
    rows_ = CardiacFlag.objects.filter(plan=plan).exclude(state=FlagState.RESOLVED).order_by("raised_at", "pk")
    yield from (f"{one.sentence} ({FlagState(one.state).value})"[:2000] for one in rows_)
