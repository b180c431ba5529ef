"""Earlier doses known only after the start. CLINICAL.md 4.2: doses before surgery count towards the year."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling import catalog
from scheduling.core.expansion import expand
from scheduling.core.facts import Credit, Delayed, Fact, Given
from scheduling.core.projection import project
from scheduling.core.recount import Contradiction, lines, recount

START, TODAY = date(2026, 1, 5), date(2026, 2, 1)
HERCEPTIN = catalog.regimen("trastuzumab-q3w-18")
SIX = Credit("trastuzumab", 6, date(2025, 12, 15), date(2025, 9, 1))


def given(cycles: int) -> list[Fact]:
    return [Given(e.cycle, e.day, e.agent, e.on) for e in expand(HERCEPTIN, START) if e.cycle <= cycles]


def test_two_given_become_the_seventh_and_eighth_on_the_same_days() -> None:
    counted = recount(HERCEPTIN, START, given(2), [SIX])
    after = project(HERCEPTIN, START, counted.facts, today=TODAY)
    assert counted.shift == 6
    assert [(e.cycle, e.on) for e in after.entries[:2]] == [(7, date(2026, 1, 5)), (8, date(2026, 1, 26))]
    assert (after.credited, after.given, after.left, after.entries[-1].cycle) == (6, 2, 10, 18)


def test_credits_taken_back_number_from_one_again() -> None:
    facts = recount(HERCEPTIN, START, given(2), [SIX]).facts
    counted = recount(HERCEPTIN, START, facts, [])
    assert (counted.shift, set(counted.facts)) == (-6, set(given(2)))


def test_a_delay_moves_its_number_and_not_its_day() -> None:
    counted = recount(HERCEPTIN, START, [*given(2), Delayed(3, 1, date(2026, 2, 23))], [SIX])
    assert counted.facts[-1] == Delayed(9, 1, date(2026, 2, 23))


def test_cycles_are_matched_by_what_they_are() -> None:
    facts = given(2)
    counted = recount(HERCEPTIN, START, facts, [SIX])
    before = project(HERCEPTIN, START, facts, today=TODAY)
    found = lines(before, project(HERCEPTIN, START, counted.facts, today=TODAY), counted.renumber)
    assert [(line.was[0].cycle, line.now[0].cycle) for line in found[:2]] == [(1, 7), (2, 8)]
    assert sum(not line.now for line in found) == 6
    assert not any(line.moved for line in found)
    assert [line.is_decided for line in found[:3]] == [True, True, False]


def test_more_earlier_doses_than_the_plan_has_room_for_contradict_what_was_given() -> None:
    seventeen = Credit("trastuzumab", 17, date(2025, 12, 15))
    with pytest.raises(Contradiction, match=r"cycle 19 would be given already, and .* ends after 18"):
        recount(HERCEPTIN, START, given(2), [seventeen])


def test_earlier_doses_after_the_start_cannot_be() -> None:
    with pytest.raises(ValueError, match="must be before the start"):
        recount(HERCEPTIN, START, given(2), [Credit("trastuzumab", 6, date(2026, 1, 5))])


def test_a_plan_without_an_end_is_renumbered_too() -> None:
    thp = catalog.regimen("thp")
    facts = [Given(e.cycle, e.day, e.agent, e.on) for e in expand(thp, START) if e.cycle <= 2]
    earlier = [Credit(agent, 3, date(2025, 12, 15)) for agent in ("trastuzumab", "pertuzumab")]
    counted = recount(thp, START, facts, earlier)
    assert [fact.cycle for fact in counted.facts if isinstance(fact, Given)] == [4, 4, 5, 5]
