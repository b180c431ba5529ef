"""Dysfunction graded by ESC 2022, Table 3."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import catalog
from monitoring.core.ctrcd import Grading, grade
from monitoring.core.result import Dysfunction, gls_fall_percent
from tests.core import monitoring_cases as cases

ESC = catalog.protocol("esc-2022")
percents = st.integers(min_value=200, max_value=800).map(lambda n: Decimal(n) / 10)
rises = st.sampled_from([None, False, True])


def _graded(case: dict[str, Any]) -> Grading:
    gls = case.get("gls", (None, None))
    now = cases.assessment(
        case["now"], symptoms=case.get("symptoms", "none"), gls=gls[1], biomarker=case.get("biomarker")
    )
    baseline = cases.assessment(case["baseline"], gls=gls[0]) if "baseline" in case else None
    return grade(ESC, now, baseline, lower_limit_of_normal=cases.NORMAL)


@pytest.mark.parametrize("case", cases.read("grades.toml")["cases"], ids=lambda case: case["title"][:50])
def test_a_result_is_graded_as_table_3_says(case: dict[str, Any]) -> None:
    found, expect = _graded(case), case["expect"]
    assert (found.grade.value if found.grade else None) == expect.get("grade")
    if "mildest" in expect:
        assert (found.mildest.value, found.gravest.value) == (expect["mildest"], expect["gravest"])
    assert list(found.asked) == expect["asked"]


# The last column of CLINICAL.md 3.3, typed from it: every pair not named there has no asymptomatic dysfunction.
MODERATE = [(60, 49), (59, 49), (55, 45), (52, 42), (50, 40), (62, 44), (60, 45), (60, 40), (66, 46), (58, 47)]
SEVERE = [(60, 39), (55, 39)]


@pytest.mark.parametrize("row", cases.read("expected-outcomes.toml")["rows"], ids=str)
def test_the_24_pairs_are_graded_as_tabulated(row: dict[str, Any]) -> None:
    pair = (row["baseline"], row["now"])
    expected = "moderate" if pair in MODERATE else "severe" if pair in SEVERE else "none"
    found = grade(ESC, cases.assessment(pair[1]), cases.assessment(pair[0]), lower_limit_of_normal=cases.NORMAL)
    assert found.grade is Dysfunction(expected)


@pytest.mark.parametrize(("baseline", "now", "fall"), [(-21, -19, "9.5"), (-21, -18, "14.3")])
def test_gls_falls_are_those_of_the_published_patient(baseline: int, now: int, fall: str) -> None:
    found = gls_fall_percent(Decimal(baseline), Decimal(now))
    assert found is not None
    assert round(found, 1) == Decimal(fall)


@given(percents, percents, percents, rises)
def test_a_lower_lvef_is_never_graded_milder_when_it_is_a_new_fall(
    baseline: Decimal, one: Decimal, other: Decimal, rise: bool | None
) -> None:
    worse, better = sorted([one, other])
    grades = [
        grade(
            ESC,
            cases.assessment(lvef, biomarker=rise),
            cases.assessment(baseline),
            lower_limit_of_normal=cases.NORMAL,
        ).grade
        for lvef in (worse, better)
    ]
    assert grades[0] is not None
    assert grades[1] is not None
    if worse < baseline:
        assert grades[0].severity >= grades[1].severity


def test_a_grading_says_its_figures_its_source_and_what_was_not_measured() -> None:
    found = _graded({"baseline": 58, "now": 49})
    assert found.sentence == (
        "No cardiac dysfunction (ESC 2022): 58 % → 49 %: no row of Table 3 is met. Not measured: biomarkers, GLS."
    )
    assert not found.is_certain
    moderate = _graded({"baseline": 59, "now": 49})
    assert moderate.sentence == (
        "Asymptomatic, moderate (ESC 2022): 59 % → 49 %: fall of 10 points, at least 40 % and below 50 %."
    )
    assert moderate.citation is not None
    assert moderate.citation.key == "esc-2022#table-3"


def test_grades_are_ordered_and_say_whether_there_are_symptoms() -> None:
    assert [one.is_symptomatic for one in Dysfunction] == [False] * 4 + [True] * 4
    assert Dysfunction.SYMPTOMATIC_VERY_SEVERE.label == "symptomatic, very severe"
