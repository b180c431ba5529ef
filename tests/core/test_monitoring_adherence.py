"""Adherence by the strict and the published definitions, and holds that should have been."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.catalog import CatalogError
from her2tracker.lib.catalog import read as read_file
from monitoring.catalog import adherence as catalog
from monitoring.core.adherence import (
    Adherence,
    Counts,
    Definition,
    Qualifying,
    Span,
    Tally,
    TreatmentFacts,
    Verdict,
    count,
    judge,
    overtaken,
)
from tests.core import monitoring_cases as cases

PUBLISHED = catalog.definitions()
CASES = cases.read("adherence.toml")["cases"]
FIRST = date(2026, 1, 5)
days = st.integers(min_value=-200, max_value=500)


def _judged(definition: Definition, case: dict[str, Any]) -> Adherence:
    facts = TreatmentFacts(case["first"], case.get("ended"), tuple(case["results"]))
    return judge(definition, facts, today=case["today"])


def _failures(definition: Definition) -> Iterator[str]:
    for case in (one for one in CASES if definition.id in one["definitions"]):
        found = _judged(definition, case)
        seen = {
            "baseline": found.baseline.value,
            "gaps": found.gaps.value,
            "longest": found.longest_gap_days,
            "full": found.full.value,
            "milestones": [verdict.value for _, verdict in found.milestones],
        }
        if wrong := {key: seen[key] for key, value in case["expect"].items() if seen[key] != value}:
            yield f"{definition.id}, {case['title']}: {wrong}"


@pytest.mark.parametrize("definition", PUBLISHED.values(), ids=lambda one: one.id)
def test_every_plan_is_counted_as_by_hand(definition: Definition) -> None:
    assert list(_failures(definition)) == []


@pytest.mark.parametrize("id_", PUBLISHED)
def test_no_figure_of_a_definition_can_change_without_a_case_noticing(id_: str) -> None:
    raw = read_file(catalog.FOLDER / f"{id_}-v1.toml")
    unnoticed = []
    for place, value in cases.figures(raw):
        for other in (value - 1, value + 1):
            try:
                changed = catalog.read(cases.altered(raw, place, other), "altered")
            except CatalogError:
                continue  # below zero: the file itself is refused
            if next(_failures(changed), None) is None:
                unnoticed.append((place, value, other))
    assert unnoticed == []


def test_the_strict_definition_comes_first_and_both_published_ones_are_there() -> None:
    assert list(PUBLISHED) == ["strict", "australia-2021", "medicare-2015"]
    assert PUBLISHED["australia-2021"].gaps.citation.document == "tang-2021"
    assert PUBLISHED["medicare-2015"].gaps.at_most.in_words() == "4 months"
    assert not PUBLISHED["strict"].milestones.citation.confidence.is_verified


# Counting -------------------------------------------------------------------------------------------

plans_ = st.builds(
    TreatmentFacts,
    st.just(FIRST),
    st.none() | st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n)),
    st.lists(days.map(lambda n: FIRST + timedelta(days=n)), max_size=8).map(tuple),
)
definitions = st.sampled_from(list(PUBLISHED.values()))


@given(definitions, st.lists(plans_, max_size=12), st.integers(0, 12), st.integers(0, 500))
def test_the_count_of_two_clinics_is_the_count_of_both_together(
    definition: Definition, plans: list[TreatmentFacts], cut: int, now: int
) -> None:
    today = FIRST + timedelta(days=now)
    judged = [judge(definition, one, today=today) for one in plans]
    assert count(judged[:cut]) + count(judged[cut:]) == count(judged)
    assert count(judged).plans == len(plans)


@given(definitions, plans_, days, st.integers(0, 500))
def test_one_more_lvef_never_breaks_a_gap(definition: Definition, facts: TreatmentFacts, extra: int, now: int) -> None:
    """It could only become the baseline in an earlier one's stead, so it lies after the first administration."""
    today = FIRST + timedelta(days=now)
    added = TreatmentFacts(facts.first_given_on, facts.ended_on, (*facts.results, FIRST + timedelta(days=abs(extra))))
    before, after = judge(definition, facts, today=today), judge(definition, added, today=today)
    if before.baseline_on == after.baseline_on:
        assert after.longest_gap_days <= before.longest_gap_days
        assert not (before.gaps is Verdict.MET and after.gaps is Verdict.MISSED)


@given(plans_, st.integers(0, 500))
def test_who_keeps_the_strict_definition_keeps_the_published_one_in_days(facts: TreatmentFacts, now: int) -> None:
    today = FIRST + timedelta(days=now)
    strict = judge(PUBLISHED["strict"], facts, today=today)
    if strict.full is Verdict.MET:
        assert judge(PUBLISHED["australia-2021"], facts, today=today).full is Verdict.MET


@given(definitions, plans_, st.integers(0, 500), st.integers(0, 60))
def test_facts_of_later_days_change_nothing_today(
    definition: Definition, facts: TreatmentFacts, now: int, later: int
) -> None:
    today = FIRST + timedelta(days=now)
    known = TreatmentFacts(facts.first_given_on, facts.ended_on, tuple(day for day in facts.results if day <= today))
    told = TreatmentFacts(known.first_given_on, known.ended_on, (*known.results, today + timedelta(days=later + 1)))
    assert judge(definition, told, today=today) == judge(definition, known, today=today)


def test_the_percentages_are_of_those_judged_and_so_far() -> None:
    tally = Tally(met=3, missed=1, pending=4, not_asked=2)
    assert (tally.percent, tally.percent_so_far) == (75.0, 87.5)
    assert (Tally().percent, Tally(not_asked=1).percent_so_far) == (None, None)


def test_an_empty_clinic_counts_nothing() -> None:
    assert count([]) == Counts()


def test_a_clinic_is_counted_by_hand() -> None:
    judged = [_judged(PUBLISHED["strict"], case) for case in CASES[:2] + CASES[3:5] if "strict" in case["definitions"]]
    found = count(judged)
    assert (found.plans, found.baseline, found.full) == (4, Tally(met=3, missed=1), Tally(met=2, missed=2))
    assert dict(found.milestones) == {
        3: Tally(met=3, missed=1),
        6: Tally(met=2, missed=2),
        9: Tally(met=3, missed=1),
        12: Tally(met=3, missed=1),
    }


@pytest.mark.parametrize(("days_", "months"), [(None, None), (92, 3)])
def test_a_span_has_exactly_one_unit(days_: int | None, months: int | None) -> None:
    with pytest.raises(ValueError, match="days or in months"):
        Span(days_, months)


def test_a_faulty_definition_is_refused_in_words() -> None:
    raw = read_file(catalog.FOLDER / "strict-v1.toml")
    with pytest.raises(CatalogError, match="days or in months"):
        catalog.read(raw | {"gaps": raw["gaps"] | {"at_most": {"days": 92, "months": 3}}}, "strict-v2.toml")


# Holds that should have been ------------------------------------------------------------------------


def _in(offset: int) -> date:
    return FIRST + timedelta(days=offset)


@pytest.mark.parametrize(
    ("given_on", "decided", "superseded", "missed"),
    [
        ([21], None, None, [21]),
        ([10], None, None, []),
        ([9], None, None, []),
        ([11], None, None, [11]),
        ([21], 20, None, []),
        ([21], 21, None, []),
        ([21], 22, None, [21]),
        ([21, 42], 30, None, [21]),
        ([21, 42], None, None, [21, 42]),
        ([21, 42], None, 30, [21]),
        ([21, 42], 50, 30, [21]),
        ([91], None, None, []),
        ([], None, None, []),
    ],
)
def test_a_hold_was_missed_when_something_was_given_between_the_finding_and_its_decision(
    given_on: list[int], decided: int | None, superseded: int | None, missed: list[int]
) -> None:
    finding = Qualifying("f", _in(10), *(None if n is None else _in(n) for n in (decided, superseded)))
    found = overtaken([finding], [_in(n) for n in given_on], today=_in(90))
    assert [day for one in found for day in one.given_on] == [_in(n) for n in missed]


def test_a_missed_hold_says_its_days() -> None:
    (found,) = overtaken([Qualifying("f", _in(10))], [_in(21)], today=_in(90))
    assert found.sentence == (
        "Withholding was advised on Thu 15 Jan 2026; treated before any decision: Mon 26 Jan 2026"
    )


def test_each_finding_is_looked_at_by_itself_oldest_first() -> None:
    findings = [Qualifying("late", _in(60)), Qualifying("early", _in(10), decided_on=_in(12))]
    found = overtaken(findings, [_in(21), _in(63)], today=_in(90))
    assert [one.finding.key for one in found] == ["late"]
