"""What holds for every plan, whatever happened to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling import catalog
from scheduling.core.expansion import Entry, EntryState, expand
from scheduling.core.facts import Credit, Delayed, Fact, Given, Omitted
from scheduling.core.projection import Projection, UnknownCycleDay, project
from scheduling.core.regimen import DoseKind, Regimen

START = date(2026, 1, 5)
FAR = date(2030, 1, 1)
INFUSED = sorted((one for one in catalog.regimens().values() if one.phases), key=lambda regimen: regimen.id)
REGIMENS = st.sampled_from(INFUSED)
CYCLES_IN_HALF_A_YEAR = 9  # of three weeks, the first on day 0, the ninth on day 168
ACTS = st.lists(
    st.tuples(st.sampled_from(["give", "give", "give", "omit", "make up", "delay"]), st.integers(-3, 60)), max_size=12
)


def play(regimen: Regimen, acts: list[tuple[str, int]], start: date = START) -> list[Fact]:
    """Decide the next cycle again and again, as a clinic would: `days` off its planned date."""
    facts: list[Fact] = []
    for act, days in acts:
        projection = project(regimen, start, facts, today=start)
        due = [entry for entry in projection.entries if entry.state is EntryState.PLANNED]
        if not due:
            break
        today = [entry for entry in due if entry.cycle == due[0].cycle]
        facts += _decide(act, today, days, projection)
    return facts


def _decide(act: str, due: list[Entry], days: int, projection: Projection) -> list[Fact]:
    first = due[0]
    on = first.on + timedelta(days)
    if act == "give":
        return [Given(first.cycle, first.day, entry.agent, on) for entry in due]
    if act == "delay":
        return [Delayed(first.cycle, first.day, on)] if days > 0 else []
    return [Omitted(first.cycle, first.day, first.on, made_up=act == "make up")]


@given(REGIMENS, ACTS)
def test_what_was_given_never_moves(regimen: Regimen, acts: list[tuple[str, int]]) -> None:
    facts = play(regimen, acts)
    entries = project(regimen, START, facts, today=FAR).entries
    given_on = {(e.cycle, e.day, e.agent): e.on for e in entries if e.state is EntryState.GIVEN}
    assert given_on == {(f.cycle, f.day, f.agent): f.on for f in facts if isinstance(f, Given)}


@given(REGIMENS, ACTS)
def test_dates_strictly_increase_and_cycles_are_numbered_through(regimen: Regimen, acts: list[tuple[str, int]]) -> None:
    projection = project(regimen, START, play(regimen, acts), today=START)
    for agent in regimen.agents:
        entries = [entry for entry in (*projection.entries, *projection.past_cap) if entry.agent == agent]
        assert all(a.on < b.on for a, b in pairwise(entries))
        assert [entry.cycle for entry in entries] == list(range(1, len(entries) + 1))


@given(REGIMENS, ACTS)
def test_only_a_first_dose_is_a_loading_dose_and_only_a_gap_re_loads(
    regimen: Regimen, acts: list[tuple[str, int]]
) -> None:
    entries = project(regimen, START, play(regimen, acts), today=START).entries
    for agent in regimen.agents:
        own = [e for e in entries if e.agent == agent and e.state is not EntryState.OMITTED]
        assert all(entry.kind is not DoseKind.LOADING for entry in own[1:])
        for entry in own[1:]:
            rule = regimen.agent(agent, entry.phase).reload
            assert entry.judgement is not None
            met = rule.is_met(days_late=entry.judgement.days_late, days_since_last=entry.judgement.days_since_last)
            assert (entry.kind is DoseKind.RELOAD) == met


@given(REGIMENS, ACTS, st.integers(-2000, 2000))
def test_shifting_all_dates_shifts_all_answers(regimen: Regimen, acts: list[tuple[str, int]], days: int) -> None:
    shift = timedelta(days)
    here = project(regimen, START, play(regimen, acts), today=START)
    there = project(regimen, START + shift, play(regimen, acts, START + shift), today=START + shift)
    moved = [replace(e, on=e.on + shift, first_planned_on=e.first_planned_on + shift) for e in here.entries]
    assert moved == list(there.entries)


@given(REGIMENS, ACTS)
def test_projecting_twice_changes_nothing(regimen: Regimen, acts: list[tuple[str, int]]) -> None:
    facts = play(regimen, acts)
    assert project(regimen, START, facts, today=START) == project(regimen, START, facts, today=START)


@given(REGIMENS, ACTS, st.sampled_from(["give", "omit", "make up", "delay"]), st.integers(1, 60))
def test_undo_after_do_is_the_identity(regimen: Regimen, acts: list[tuple[str, int]], act: str, days: int) -> None:
    facts = play(regimen, acts)
    done = play(regimen, [*acts, (act, days)])
    assume(len(done) > len(facts))
    before = project(regimen, START, facts, today=START)
    assert project(regimen, START, done[: len(facts)], today=START) == before


@given(REGIMENS, ACTS)
def test_every_cycle_day_is_counted_once(regimen: Regimen, acts: list[tuple[str, int]]) -> None:
    projection = project(regimen, START, play(regimen, acts), today=START)
    assert projection.total == len({(entry.cycle, entry.day) for entry in projection.entries})


@given(REGIMENS, ACTS)
def test_a_plan_led_by_weeks_never_plans_past_them(regimen: Regimen, acts: list[tuple[str, int]]) -> None:
    assume(regimen.cap.weeks is not None)
    assert regimen.cap.weeks is not None
    entries = project(regimen, START, play(regimen, acts), today=START).entries
    first = next((e.on for e in entries if e.state is not EntryState.OMITTED), START)
    planned = [entry for entry in entries if entry.state is EntryState.PLANNED]
    assert all((entry.on - first).days <= regimen.cap.weeks * 7 for entry in planned)


@given(REGIMENS)
def test_a_projection_without_facts_is_the_expansion(regimen: Regimen) -> None:
    projection = project(regimen, START, (), today=START)
    assert projection.entries == expand(regimen, START)
    left = CYCLES_IN_HALF_A_YEAR if regimen.cap.open_ended else regimen.total_cycles
    assert (projection.left, projection.delay_days, projection.missed) == (left, 0, ())


@settings(max_examples=40)
@given(REGIMENS, st.integers(1, 8), st.integers(1, 120))
def test_credits_shorten_the_plan_and_never_load_again(regimen: Regimen, doses: int, days_ago: int) -> None:
    last = START - timedelta(days_ago)
    entries = expand(regimen, START, credits=[Credit(agent, doses, last) for agent in regimen.agents])
    assert entries[0].cycle == doses + 1
    assert entries[0].on == START
    assert all(entry.kind is not DoseKind.LOADING for entry in entries)


def test_facts_about_cycles_that_are_not_there_are_named() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-17")
    with pytest.raises(UnknownCycleDay, match="there is no cycle 18 day 1"):
        project(regimen, START, [Delayed(18, 1, FAR)], today=START)
    with pytest.raises(UnknownCycleDay, match="has no pertuzumab to give"):
        project(regimen, START, [Given(1, 1, "pertuzumab", START)], today=START)


def test_a_dose_given_past_the_end_is_never_dropped() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-17")
    projection = project(regimen, START, [Given(18, 1, "trastuzumab", date(2026, 12, 28))], today=START)
    assert projection.entries[-1].state is EntryState.GIVEN
    assert projection.entries[-1].cycle == 18


def test_agents_of_one_day_given_on_two_dates_lead_from_the_later() -> None:
    regimen = catalog.regimen("trastuzumab-pertuzumab")
    facts = [Given(1, 1, "trastuzumab", START), Given(1, 1, "pertuzumab", START + timedelta(1))]
    entries = project(regimen, START, facts, today=START).entries
    assert [entry.on for entry in entries if entry.cycle == 2] == [START + timedelta(22)] * 2


@pytest.mark.parametrize(("doses", "last"), [(17, date(2026, 1, 1)), (0, date(2026, 1, 1)), (3, START)])
def test_earlier_doses_that_cannot_be_are_errors(doses: int, last: date) -> None:
    with pytest.raises(ValueError, match=r"doses|before the start"):
        expand(catalog.regimen("trastuzumab-q3w-17"), START, credits=[Credit("trastuzumab", doses, last)])


def test_a_clinicians_answer_decides_the_first_dose_after_another_agent() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-17")
    for decided, dose in ((DoseKind.LOADING, "8 mg/kg"), (DoseKind.MAINTENANCE, "6 mg/kg")):
        credit = Credit("trastuzumab-hyaluronidase", 6, date(2025, 12, 15), decided=decided)
        entries = expand(regimen, START, credits=[credit])
        assert (entries[0].cycle, entries[0].kind, entries[0].dose.in_words()) == (7, decided, dose)
        assert entries[1].kind is DoseKind.MAINTENANCE
