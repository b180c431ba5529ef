"""Recording what went in. What was given never moves; what is planned follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import clearance
from scheduling.actions import cycles, rows, runs
from scheduling.actions.checked_doses import refuse_other_doses
from scheduling.actions.doses import Dose as Dose
from scheduling.actions.doses import check_given, faulty
from scheduling.actions.locks import open_day, refuse_changed, touch
from scheduling.core import dosing, lifecycle
from scheduling.core.expansion import Entry
from scheduling.core.facts import Given
from scheduling.core.projection import Projection
from scheduling.models import Administration, CycleDay, SitePolicy, TreatmentPlan
from scheduling.models.facts import read_plan
from scheduling.models.standing import projection_of
from scheduling.words import DayState, PlanState


@dataclass(frozen=True, slots=True)
class Due:
    """One agent as it is due on a certain date: the dose that the gap to its last one asks for."""

    entry: Entry
    calculation: dosing.Calculation

    @property
    def agent(self) -> str:
        return self.entry.agent


def due_on(cycle_day: CycleDay, on: date, *, today: date) -> tuple[Due, ...]:
    """What would be given if this cycle day were treated on `on`: kind, arithmetic, reason."""
    return _due(read_plan(cycle_day.plan_id), cycle_day, on, today)


def _due(plan: TreatmentPlan, row: CycleDay, on: date, today: date) -> tuple[Due, ...]:
    given = [Given(row.cycle, row.day, dose.agent, on) for dose in row.administrations.all()]
    projection = projection_of(plan, *given, today=today)
    ordering = rows.Ordering.of(plan)
    entries = [e for e in projection.entries if (e.cycle, e.day) == (row.cycle, row.day)]
    return tuple(Due(entry, ordering.calculate(entry)) for entry in entries)


def refusal(*, by: User, cycle_day: CycleDay, given_on: date) -> Refusal | None:
    """Why this day cannot be recorded as given on `given_on`, objections aside; the infusion's page asks first."""
    today = by.site.today()
    return cycles.refuse_decided(cycle_day) or _refuse_record(
        cycle_day, cycles.standing(cycle_day, today), given_on, today
    )


def record(
    *,
    by: User,
    cycle_day: CycleDay,
    given_on: date,
    doses: Sequence[Dose],
    note: str = "",
    revision: int | None = None,
) -> CycleDay:
    """Record a cycle day as given. Raises Refused on an objection nobody overrode, and on faulty doses."""
    require(by, Permission.RECORD_ADMINISTRATIONS)
    with act("administration.given", by=by, patient=cycle_day.plan.patient, subject=cycle_day, reason=note) as entry:
        today = by.site.today()
        plan, row = open_day(cycle_day)
        planned_on = row.planned_on
        refuse(cycles.refuse_decided(row))  # who recorded it, and when, says more than that something changed
        refuse_changed(plan, revision)
        refuse(_refuse_record(row, projection_of(plan, today=today), given_on, today))
        ran = runs.gone_in(row, doses, given_on)
        if any(not dose.omission_reason for dose in doses):  # what has run already went in, whatever was said since
            refuse_objections(row, given_on)
        _write(row, plan, given_on, doses, today, ran)
        row.state, row.note = DayState.GIVEN, note
        cycles.decided(row, by, given_on)
        row.save()
        projection = rows.reproject(plan, today=today)
        cycles.complete_when_done(plan, projection, today)
        touch(plan)
        entry.details = {
            "cycle": row.cycle,
            "planned": str(planned_on),
            "on": str(given_on),
            "doses": [_told(dose) for dose in (*ran, *doses)],
        }
    return row


def _refuse_record(row: CycleDay, standing: Projection, given_on: date, today: date) -> Refusal | None:
    entry, last = cycles.entry_of(row, standing), _last_given(standing, row)
    return lifecycle.refuse_record(
        PlanState(row.plan.state), entry, on=given_on, today=today, undecided=_undecided(standing, row), last_on=last
    )


def _undecided(standing: Projection, row: CycleDay) -> Entry | None:
    """The earliest cycle day before this one that nobody decided."""
    earlier = (e for e in standing.entries if (e.cycle, e.day) < (row.cycle, row.day) and e.state == "planned")
    return next(earlier, None)


def _last_given(standing: Projection, row: CycleDay) -> date | None:
    given = [e.on for e in standing.entries if e.state == "given" and (e.cycle, e.day) < (row.cycle, row.day)]
    return max(given, default=None)


def refuse_objections(row: CycleDay, on: date) -> None:
    """Raise Refused while something stops treatment on `on`, whether it is started or recorded."""
    stopping = [o for o in clearance.objections([row], on=on)[row.pk] if o.stops_treatment]
    if stopping:
        sentences = "; ".join(o.sentence for o in stopping)
        raise Refused(
            Refusal(
                "treatment-objection",
                f"{sentences}. An oncologist must decide, or record an override for this cycle, before it is given.",
            )
        )


def _write(
    row: CycleDay, plan: TreatmentPlan, on: date, doses: Sequence[Dose], today: date, ran: Sequence[Dose]
) -> None:
    """What has run was judged when it was stopped, by the dose that hung."""
    due = {d.agent: d for d in _due(plan, row, on, today)}
    refuse(refuse_other_doses(row, due.values(), on, ran=[dose.agent for dose in ran]))
    planned = {planned.agent: planned for planned in row.administrations.all()}
    _refuse_agents(planned, [*ran, *doses])
    for dose in ran:
        _copy(dose, planned[dose.agent], on)
        planned[dose.agent].save()
    policy = SitePolicy.of(plan.patient.site)
    ordering = rows.Ordering.of(plan)
    for dose in doses:
        target = planned[dose.agent]
        for name, value in ordering.dose_values(due[dose.agent].entry).items():
            setattr(target, name, value)
        _check(dose, target, due[dose.agent], ordering, on, policy)
        _copy(dose, target, on)
        target.save()


def _refuse_agents(planned: dict[str, Administration], doses: Sequence[Dose]) -> None:
    named = [dose.agent for dose in doses]
    unknown = [agent for agent in named if agent not in planned]
    absent = [agent for agent in planned if agent not in named]
    if unknown:
        raise faulty(unknown[0], f"{unknown[0]} is not due on this cycle day.")
    if absent:
        raise faulty(absent[0], f"Say what was given of {absent[0]}, or why it was omitted.")
    if len(set(named)) < len(named):
        raise faulty(named[0], "Each agent is recorded once.")
    if all(dose.omission_reason for dose in doses):
        raise faulty(named[0], "Nothing was given. Omit the cycle instead of recording it.")


def _check(dose: Dose, target: Administration, due: Due, ordering: rows.Ordering, on: date, policy: SitePolicy) -> None:
    if dose.omission_reason:
        if dose.mg is not None or dose.ml is not None:
            raise faulty(dose.agent, "An omitted agent has no dose.")
        return
    check_given(dose, target, in_ml=bool(due.entry.dose.components), on=on, policy=policy)
    _check_ceiling(dose, due.entry.phase, ordering)


def refuse_over_ceiling(row: CycleDay, plan: TreatmentPlan, dose: Dose) -> None:
    """Raise Refused where more went in than the label allows."""
    _check_ceiling(dose, row.phase, rows.Ordering.of(plan))


def _check_ceiling(dose: Dose, phase: str, ordering: rows.Ordering) -> None:
    ceiling = ordering.regimen.agent(dose.agent, phase).ceiling
    if dose.mg is None or ordering.weight_kg is None:
        return
    if refused := dosing.refuse_over_ceiling(dose.mg, ordering.weight_kg, ceiling):
        raise faulty(dose.agent, f"{plain(dose.mg)} mg for {plain(ordering.weight_kg)} kg: {refused.sentence}")


def _copy(dose: Dose, target: Administration, on: date) -> None:
    given = not dose.omission_reason
    target.given_on = on if given else None
    target.given_mg, target.given_ml = dose.mg, dose.ml
    target.omission_reason = dose.omission_reason
    target.product = dose.product_name
    for name in ("lot", "expires_on", "started_at", "stopped_at", "difference_reason", "note"):
        setattr(target, name, getattr(dose, name))


def _told(dose: Dose) -> dict[str, str]:
    given = f"{dose.mg} mg" if dose.mg is not None else f"{dose.ml} mL" if dose.ml is not None else ""
    return {
        "agent": dose.agent,
        "given": given,
        "omitted": str(dose.omission_reason),
        "product": dose.product_name,
        "lot": dose.lot,
    }
