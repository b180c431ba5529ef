"""A handover card's facts, as the core calls them."""

from __future__ import annotations

from collections.abc import Iterator

from her2tracker.clinic.handover.card import Card, DayOnCard, PlanOnCard
from scheduling.core.facts import (
    BroughtForward,
    Credit,
    Delayed,
    DelayScope,
    Extended,
    Fact,
    Given,
    LevelChanged,
    Omitted,
)
from scheduling.core.regimen import DoseKind
from scheduling.words import DayState


def facts_on(card: Card) -> Iterator[Fact]:
    """What the core calls the card's facts."""
    plan = card.plan
    for one in plan.earlier:
        decided = DoseKind(one.decided_kind) if one.decided_kind else None
        yield Credit(one.agent, one.doses, one.last_given_on, one.first_given_on, decided, one.passed, one.made_up)
    for day in plan.cycle_days:
        if day.state is DayState.OMITTED:
            yield Omitted(day.cycle, day.day, day.on, made_up=day.made_up)
        elif day.state is DayState.GIVEN:
            yield from _of_day(day)
    yield from _decided(plan)


def _of_day(day: DayOnCard) -> Iterator[Fact]:
    for dose in day.doses:
        if dose.given_on:
            yield Given(day.cycle, day.day, dose.agent, dose.given_on, dose.mg)
        else:
            yield Omitted(day.cycle, day.day, day.on, agent=dose.agent)


def _decided(plan: PlanOnCard) -> Iterator[Fact]:
    for move in plan.moves:
        if move.kind == "forward":
            yield BroughtForward(move.cycle, move.day, move.from_on, move.to_on)
        else:
            yield Delayed(move.cycle, move.day, move.to_on, DelayScope(move.kind))
    for more in plan.extensions:
        yield Extended(more.cycles, more.reason, more.overridden)
    for level in plan.levels:
        if level.from_cycle is not None:
            yield LevelChanged(level.agent, level.from_cycle, level.amount)
