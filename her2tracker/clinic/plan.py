"""One treatment plan: where it stands, its cycles one by one, its echoes, and what it goes by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from her2tracker.clinic import timeline
from her2tracker.clinic.amounts import Amount, amounts_of
from her2tracker.clinic.timeline import Timeline
from monitoring.core.at_risk import CycleOutlook
from monitoring.core.expected import Expected
from monitoring.core.surveillance import Occasion
from monitoring.models.foretold import echoes_to_come
from monitoring.models.outlook import PlanOutlook
from monitoring.models.standing import Standing
from scheduling.core.alongside import Lane
from scheduling.core.at_home import Course, Step
from scheduling.core.calendar import ClosedDays
from scheduling.core.closure import OnClosedDay
from scheduling.core.expansion import Entry
from scheduling.core.projection import Projection
from scheduling.core.regimen import DoseKind, Regimen
from scheduling.models import CycleDay, TreatmentPlan, TumourProfile
from scheduling.models.closed_days import on_closed_days_of
from scheduling.models.standing import alongside_of, courses_of, projection_of, regimen_of
from scheduling.words import CeaseReason, DayState, HoldReason, OmissionReason, SwitchReason


@dataclass(frozen=True, slots=True)
class CycleRow:
    """`on` is when it was given, else when it is planned; `was` where the regimen first put it.

    `gaps` are days since each agent's last administration, told once when they agree.
    """

    day: CycleDay
    on: date
    was: date | None
    mark: str
    words: str
    amounts: tuple[Amount, ...]
    gaps: tuple[int, ...]
    notes: tuple[str, ...]
    is_next: bool
    closed: OnClosedDay | None
    outlook: CycleOutlook | None = None

    @property
    def is_open(self) -> bool:
        return self.day.state == DayState.PLANNED


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything the plan page and the chart show about a plan."""

    plan: TreatmentPlan
    regimen: Regimen
    projection: Projection
    standing: Standing
    rows: tuple[CycleRow, ...]
    echoes: tuple[Expected, ...]
    timeline: Timeline | None
    today: date
    at_risk: CycleOutlook | None = None
    courses: tuple[Course, ...] = ()
    lanes: tuple[Lane, ...] = ()

    @property
    def next_row(self) -> CycleRow | None:
        return next((row for row in self.rows if row.is_next), None)

    @property
    def held_because(self) -> str:
        hold = self.standing.open_hold
        return HoldReason(hold.reason).in_sentence if hold else ""

    @property
    def ended_because(self) -> str:
        return CeaseReason(self.plan.end_reason).in_sentence if self.plan.end_reason else ""

    @property
    def switched_because(self) -> str:
        return SwitchReason(self.plan.switch_reason).in_sentence if self.plan.switch_reason else ""

    @property
    def missed(self) -> int:
        return sum(row.mark == "missed" for row in self.rows)

    @property
    def on_closed_days(self) -> int:
        return sum(row.closed is not None for row in self.rows)

    @property
    def last_moved(self) -> bool:
        return self.projection.last_on != self.projection.first_planned_last_on

    @property
    def coming_echoes(self) -> tuple[Expected, ...]:
        """Until completion; what follows it has its own line."""
        return tuple(echo for echo in self.echoes if echo.occasion is not Occasion.FOLLOW_UP)

    @property
    def follow_up(self) -> tuple[Expected, ...]:
        return tuple(echo for echo in self.echoes if echo.occasion is Occasion.FOLLOW_UP)

    @property
    def year_ends_on(self) -> date | None:
        """One year after the first administration, earlier ones elsewhere counted."""
        first = self.standing.first_given_on or (self.rows[0].on if self.rows else None)
        if self.regimen.one_year is None or first is None:
            return None
        return first + timedelta(days=self.regimen.one_year.days)

    @property
    def prior(self) -> tuple[str, ...]:
        return tuple(
            f"{prior.doses} × {prior.agent}{f' at {prior.place}' if prior.place else ''}"
            for prior in self.plan.prior_treatments.all()
        )

    @property
    def beside(self) -> tuple[Lane, ...]:
        """The lanes without what is taken at home: that has a section of its own."""
        return tuple(lane for lane in self.lanes if not lane.is_at_home)

    @property
    def taken_today(self) -> tuple[tuple[Course, Step], ...]:
        """Each agent taken at home with its dose of today; before the first day, with the first."""
        doses = ((course, course.taken_on(self.today)) for course in self.courses)
        return tuple((course, step) for course, step in doses if step)

    @property
    def at_home(self) -> str:
        """For a plan by mouth only: `taken at home from Mon 5 Jan 2026 to Sun 3 Jan 2027`."""
        spans = " and ".join(dict.fromkeys(course.span for course in self.courses))
        return f"taken at home, {spans}" if self.regimen.is_by_mouth_only else ""

    @property
    def needs_weight(self) -> bool:
        return any(agent.maintenance.needs_weight for phase in self.regimen.phases for agent in phase.agents)


def view_of(
    plan: TreatmentPlan,
    standing: Standing,
    today: date,
    closed: ClosedDays | None = None,
    outlook: PlanOutlook | None = None,
    profile: TumourProfile | None = None,
) -> PlanView:
    """`plan` comes with its facts (`with_facts`): one query more, for what runs alongside.

    Without `closed` no day is marked as such, without `outlook` no cycle as at risk.
    """
    projection = projection_of(plan, today=today)
    rows = tuple(_rows(plan, projection, today, closed or ClosedDays()))
    if outlook is not None:
        rows = tuple(replace(row, outlook=outlook.of(row.day.uuid)) for row in rows)
    echoes = echoes_to_come(standing, projection)
    lanes = alongside_of(plan, [row.on for row in rows if row.mark != "omitted"], profile)
    return PlanView(
        plan=plan,
        regimen=regimen_of(plan.regimen),
        projection=projection,
        standing=standing,
        rows=rows,
        echoes=echoes,
        timeline=_drawn(rows, standing, echoes, today, lanes),
        lanes=lanes,
        today=today,
        at_risk=outlook.first_at_risk if outlook else None,
        courses=courses_of(plan),
    )


def _rows(plan: TreatmentPlan, projection: Projection, today: date, closed: ClosedDays) -> Iterable[CycleRow]:
    entries = {(entry.cycle, entry.day, entry.agent): entry for entry in projection.entries}
    shut = on_closed_days_of(plan, projection.entries, closed, today)
    found_next = False
    for day in plan.cycle_days.all():
        day.plan = plan
        is_next = not found_next and day.state == DayState.PLANNED
        found_next = found_next or is_next
        mine = [entries.get((day.cycle, day.day, row.agent)) for row in day.administrations.all()]
        yield _row(day, [entry for entry in mine if entry], is_next, today, shut.get((day.cycle, day.day)))


def _row(day: CycleDay, entries: list[Entry], is_next: bool, today: date, closed: OnClosedDay | None) -> CycleRow:
    on = day.done_on if day.state == DayState.GIVEN and day.done_on else day.planned_on
    mark, words = _state(day, today)
    gaps = [entry.judgement.days_since_last for entry in entries if entry.judgement]
    return CycleRow(
        day=day,
        on=on,
        was=day.first_planned_on if day.first_planned_on != on else None,
        mark=mark,
        words=words,
        amounts=amounts_of(day),
        gaps=tuple(dict.fromkeys(gaps)) if day.state != DayState.OMITTED else (),
        notes=tuple(dict.fromkeys(entry.note for entry in entries if entry.note)),
        is_next=is_next,
        closed=closed,
    )


def _state(day: CycleDay, today: date) -> tuple[str, str]:
    if day.state == DayState.OMITTED:
        made_up = ", made up at the end" if day.omission_made_up else ""
        return "omitted", f"Omitted: {OmissionReason(day.omission_reason).in_sentence}{made_up}"
    if day.state == DayState.PLANNED and day.planned_on < today:
        return "missed", "Missed: nobody decided"
    return day.state, ""


def _drawn(
    rows: tuple[CycleRow, ...],
    standing: Standing,
    echoes: tuple[Expected, ...],
    today: date,
    lanes: tuple[Lane, ...],
) -> Timeline | None:
    infusions = [
        timeline.Infusion(
            row.on,
            row.day.cycle,
            row.mark,
            any(amount.kind == DoseKind.RELOAD for amount in row.amounts),
            row.closed.why if row.closed else "",
        )
        for row in rows
    ]
    done = [timeline.Echo(a.performed_on, f"LVEF {a.lvef}", is_done=True) for a in standing.assessments]
    due = [timeline.Echo(echo.on, "LVEF due", is_done=False) for echo in echoes]
    holds = [timeline.Span(hold.begun_on, hold.ended_on) for hold in standing.holds]
    beside = [timeline.Beside(lane.title, lane.span, lane.since, lane.until) for lane in lanes]
    return timeline.draw(infusions, [*done, *due], holds, today=today, beside=beside)
