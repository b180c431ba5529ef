"""A plan that goes on elsewhere goes on exactly where it stood: numbers, dates, doses and what was decided ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling import catalog
from scheduling.core.expansion import Entry
from scheduling.core.facts import Credit, Delayed, DelayScope, Extended, Fact, Given, LevelChanged, Omitted
from scheduling.core.handover import CannotGoOn, continuation
from scheduling.core.policy import CapPolicy
from scheduling.core.projection import project
from scheduling.core.regimen import DoseKind, Regimen
from tests.core.test_scheduling_properties import ACTS, REGIMENS, START, play

POLICY = catalog.policy("label", "actual", None, CapPolicy.REGIMEN)


def same(entries: list[Entry]) -> list[object]:
    """What must not differ: numbers, days, kinds and doses."""
    return [(one.cycle, one.day, one.agent, one.on, one.kind, one.dose) for one in entries]


def go_on(
    regimen: Regimen, facts: list[Fact], today: date = START
) -> tuple[list[Entry], list[Entry], tuple[Fact, ...]]:
    """What was left there, and what is planned here."""
    found = continuation(regimen, START, facts, today=today, policy=POLICY)
    assert found is not None
    here = project(regimen, found.start_on, found.facts, today=today, policy=POLICY)
    return list(found.remaining), list(here.entries), found.facts


def still_planned(regimen: Regimen, facts: list[Fact]) -> list[Entry]:
    entries = project(regimen, START, facts, today=START, policy=POLICY).entries
    return [entry for entry in entries if entry.state == "planned"]


@settings(max_examples=200, deadline=None)
@given(REGIMENS, ACTS, st.integers(0, 6), st.integers(1, 40), st.sampled_from(list(DelayScope)))
def test_what_is_left_is_the_same_to_the_dose(regimen, acts, ahead, days, scope):
    facts = play(regimen, acts)
    left = still_planned(regimen, facts)
    assume(left)
    later = left[min(ahead, len(left) - 1)]
    facts.append(Delayed(later.cycle, later.day, later.on + timedelta(days), scope))
    if not still_planned(regimen, facts):  # the delay has pushed the last of them past the year
        assert continuation(regimen, START, facts, today=START, policy=POLICY) is None
        return
    try:
        there, here, _ = go_on(regimen, facts)
    except CannotGoOn as refused:
        assume("Nothing of this regimen was given yet" not in str(refused))
        raise
    if regimen.cap.open_ended:  # laid out for half a year, from its start or from today
        here = here[: len(there)]
    assert same(there) == same(here)


def test_doses_before_the_plan_and_in_it_are_counted_together():
    regimen = catalog.regimen("trastuzumab-q3w-18")
    earlier = Credit("trastuzumab", 6, START - timedelta(21), START - timedelta(126))
    facts: list[Fact] = [earlier, Given(7, 1, "trastuzumab", START), Given(8, 1, "trastuzumab", START + timedelta(21))]
    there, here, told = go_on(regimen, facts)
    assert told == (replace(earlier, doses=8, last_given_on=START + timedelta(21)),)
    assert (here[0].cycle, here[0].on, here[0].kind) == (9, START + timedelta(42), DoseKind.MAINTENANCE)
    assert same(there) == same(here)


def test_a_cycle_left_out_keeps_its_number_and_one_made_up_is_given_at_the_end():
    regimen = catalog.regimen("trastuzumab-q3w-17")
    for made_up, last in ((False, 17), (True, 18)):
        facts = [Given(1, 1, "trastuzumab", START), Omitted(2, 1, START + timedelta(21), made_up=made_up)]
        there, here, _ = go_on(regimen, facts)
        assert (here[0].cycle, here[-1].cycle) == (3, last)
        assert same(there) == same(here)


def test_a_lower_level_goes_on_and_so_does_an_extension():
    regimen = catalog.regimen("t-dm1")
    lowered = LevelChanged("trastuzumab-emtansine", 2, Decimal("3.0"))
    facts = [Given(1, 1, "trastuzumab-emtansine", START), lowered, Extended(2, "wished")]
    there, here, _ = go_on(regimen, facts)
    assert {entry.dose.in_words() for entry in here} == {"3 mg/kg"}
    assert here[-1].cycle == 16
    assert same(there) == same(here)


def test_a_gap_that_re_loads_there_re_loads_here():
    regimen = catalog.regimen("trastuzumab-q3w-17")
    facts = [Given(1, 1, "trastuzumab", START), Delayed(2, 1, START + timedelta(29))]
    there, here, _ = go_on(regimen, facts)
    assert here[0].kind is DoseKind.RELOAD
    assert same(there) == same(here)


def test_a_dose_given_after_one_that_nobody_decided_is_refused():
    regimen = catalog.regimen("trastuzumab-q3w-17")
    facts = [Given(1, 1, "trastuzumab", START), Given(3, 1, "trastuzumab", START + timedelta(42))]
    with pytest.raises(CannotGoOn, match="Cycle 2 day 1 is undecided, and cycle 3 day 1 was decided after it"):
        continuation(regimen, START, facts, today=START, policy=POLICY)


def test_a_plan_with_nothing_left_has_nothing_to_go_on_with():
    regimen = catalog.regimen("trastuzumab-q3w-17")
    facts = [Given(n, 1, "trastuzumab", START + timedelta(21 * (n - 1))) for n in range(1, 18)]
    assert continuation(regimen, START, facts, today=START, policy=POLICY) is None


def test_a_last_dose_that_a_delay_has_pushed_past_the_year_is_not_sent_as_if_it_were_planned():
    regimen = catalog.regimen("trastuzumab-q3w-18")
    facts: list[Fact] = [Given(n, 1, "trastuzumab", START + timedelta(21 * (n - 1))) for n in range(1, 18)]
    facts.append(Delayed(18, 1, START + timedelta(21 * 17 + 40)))
    assert [entry.cycle for entry in project(regimen, START, facts, today=START, policy=POLICY).past_cap] == [18]
    assert continuation(regimen, START, facts, today=START, policy=POLICY) is None


def test_a_plan_of_which_only_an_omission_is_on_record_is_started_anew():
    regimen = catalog.regimen("trastuzumab-q3w-17")
    with pytest.raises(CannotGoOn, match="start it here as a new plan"):
        continuation(regimen, START, [Omitted(1, 1, START)], today=START, policy=POLICY)
