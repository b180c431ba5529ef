"""May this infusion go ahead, in the one state and the few facts a nurse reads at a glance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from her2tracker.lib.dates import in_words
from monitoring.core.result import Modality
from monitoring.core.surveillance import WindowState
from monitoring.models.standing import Standing
from scheduling.core.laboratory import LabState
from scheduling.models import CycleDay, Reaction
from scheduling.models.about import About
from scheduling.models.gates import laboratory_of, release_of
from scheduling.objection import CHECK_MISSING, Objection
from scheduling.words import DayState, OmissionReason

READY, NEEDS, HOLD, MISSED = "ready", "needs", "hold", "missed"
NOT_READY = (NEEDS, HOLD, MISSED)


@dataclass(frozen=True, slots=True)
class State:
    """A mark of her2tracker.clinic.marks and its exact words."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the readiness panel, with its shape."""

    tone: str
    shape: str
    words: str
    owner: str = ""


_SHAPES = {READY: "circle", NEEDS: "triangle", HOLD: "square"}


def state_of(day: CycleDay, objections: Sequence[Objection], *, today: date) -> State:
    """What stands first: decided, stopped, missed, lacking something, ready."""
    if day.state == DayState.GIVEN:
        return State("given", f"Given, recorded {_clock(day)}")
    if day.state == DayState.OMITTED:
        return State("omitted", f"Omitted: {OmissionReason(day.omission_reason).in_sentence}")
    open_ones = [objection for objection in objections if not objection.overridden]
    if stopping := next((one for one in open_ones if one.stops_treatment and not one.is_to_do), None):
        return State(HOLD, stopping.in_short)
    if day.planned_on < today:
        return State(MISSED, f"Missed on {in_words(day.planned_on)}")
    if open_ones and all(one.key == CHECK_MISSING for one in open_ones):
        return State(READY, f"Ready. {open_ones[0].in_short}")  # the check is part of giving it: nothing to chase
    if open_ones:
        return State(NEEDS, open_ones[0].in_short)
    return State(READY, "Ready, by override" if objections else "Ready")


def facts_of(
    day: CycleDay,
    objections: Iterable[Objection],
    standing: Standing,
    *,
    on: date,
    reactions: Iterable[Reaction] = (),
    known: About | None = None,
) -> tuple[Fact, ...]:
    """Objections first, each with its owner; then earlier reactions, LVEF, weight, gates and the gap of each agent."""
    reacted = (Fact(NEEDS, _SHAPES[NEEDS], told_reaction(one)) for one in reactions)
    return (
        *(_objection(one) for one in objections),
        *reacted,
        *_heart(standing, on),
        *_weight(day),
        *_gates(day, known, on),
        *_gaps(day),
    )


def told_reaction(one: Reaction) -> str:
    """`Reaction to trastuzumab on Mon 5 Jan 2026, grade 2: fever, chills; stopped for good`."""
    return f"Reaction to {one.agent} on {in_words(one.seen_on)}, {one.in_words}"


def earlier_undecided(cycle_number: int, planned_on: date) -> Objection:
    """A later cycle cannot be recorded before an earlier one is decided."""
    cycle = f"Cycle {cycle_number} of {in_words(planned_on)} is undecided"
    return Objection("earlier-undecided", f"{cycle}: record or omit it first", "Nurse", short=cycle)


def _objection(one: Objection) -> Fact:
    if one.overridden:
        return Fact(READY, "check", f"{one.sentence} ({one.overridden})")
    tone = HOLD if one.blocks and not one.is_to_do else NEEDS
    return Fact(tone, _SHAPES[tone], one.sentence, one.owner)


def _heart(standing: Standing, on: date) -> Iterable[Fact]:
    latest = standing.latest
    if latest is None:
        yield Fact(NEEDS, _SHAPES[NEEDS], "No LVEF on record", "Coordinator")
    else:
        told = f"LVEF {latest.lvef}, {Modality(latest.modality).label}, {in_words(latest.performed_on)}"
        yield Fact(READY, _SHAPES[READY], told)
    window = standing.window(on)
    if window.due_on and window.state is not WindowState.OVERDUE:  # overdue is an objection already
        yield Fact(READY, _SHAPES[READY], f"Next LVEF due {in_words(window.due_on)}: {window.because}")


def _weight(day: CycleDay) -> Iterable[Fact]:
    plan = day.plan
    if plan.dosing_weight_kg and plan.dosing_weight_on:
        told = f"Calculated with {plan.dosing_weight_kg} kg, weighed {in_words(plan.dosing_weight_on)}"
        yield Fact(READY, _SHAPES[READY], told)


def _gates(day: CycleDay, known: About | None, on: date) -> Iterable[Fact]:
    """A release that holds, and what the laboratory found; what lacks is an objection already."""
    if known is None or day.state != DayState.PLANNED:
        return
    state = release_of(day, known, on)
    if state.holds and state.release:
        yield Fact(
            READY, _SHAPES[READY], f"Released by {state.release.recorded_by} for {in_words(state.release.for_on)}"
        )
    for verdict in laboratory_of(day, known):
        if verdict.state is LabState.NO_FIGURE:
            yield Fact(NEEDS, _SHAPES[NEEDS], verdict.sentence)
        elif verdict.state is LabState.PASSES:
            yield Fact(READY, _SHAPES[READY], verdict.sentence)


def _gaps(day: CycleDay) -> Iterable[Fact]:
    for row in day.administrations.all():
        if row.because:
            yield Fact(READY, _SHAPES[READY], row.because)


def _clock(day: CycleDay) -> str:
    return f"{timezone.localtime(day.decided_at):%H:%M}" if day.decided_at else ""
