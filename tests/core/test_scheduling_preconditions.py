"""Before a plan starts: what its source asks for, as named objections."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduling import catalog
from scheduling.core.preconditions import Objection, Situation, objections
from tests.core.scheduling_cases import Case, cases, read

START = date(2026, 1, 5)


def found(case: Case) -> tuple[Objection, ...]:
    situation = Situation(START, case.get("setting", "adjuvant"), case.get("jurisdiction", "US"), **case["known"])
    return objections(case["regimen"], situation, catalog.preconditions())


@pytest.mark.parametrize("case", cases("preconditions"))
def test_a_start_meets_its_preconditions_or_says_which_not(case: Case) -> None:
    assert [one.code for one in found(case)] == case.get("objections", [])
    assert [one.missing for one in found(case)] == case.get("missing", [])


def test_every_precondition_is_met_somewhere_and_objected_to_somewhere() -> None:
    objected = {code for case in read("preconditions")["cases"] for code in case.get("objections", ())}
    assert objected == {asked.id for asked in catalog.preconditions()}


def test_every_regimen_a_precondition_names_exists() -> None:
    assert {name for asked in catalog.preconditions() for name in asked.regimens} <= {
        id_ for id_, _ in catalog.regimens()
    }


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("surgery not recorded", "Surgery is not recorded as completed."),
        ("surgery after the start", "Surgery is on Tue 6 Jan 2026, after the start on Mon 5 Jan 2026."),
        (
            "three cycles of chemotherapy are fewer than four",
            "3 given: at least 4 cycles of chemotherapy are asked for.",
        ),
        (
            "22 days after an anthracycline are not",
            "The start is 22 days after the end of chemotherapy with an anthracycline; at most 21 days is asked for.",
        ),
        ("T-DM1 without residual disease", "There is no residual invasive disease."),
        ("T-DXd, residual disease not recorded", "Nobody recorded whether there is residual invasive disease."),
        ("an anthracycline, and no date of its end", "The end of chemotherapy with an anthracycline is not recorded."),
    ],
)
def test_an_objection_says_what_is_wrong(name: str, sentence: str) -> None:
    case = next(case for case in read("preconditions")["cases"] if case["name"] == name)
    assert [one.sentence for one in found(case)] == [sentence]


def test_a_treatment_that_has_begun_has_no_window_to_begin_in() -> None:
    known = {"surgery_on": date(2025, 11, 1), "chemotherapy_cycles": 4, "anthracycline": True}
    late = Situation(START, "adjuvant", "US", chemotherapy_ended_on=date(2025, 10, 1), **known)
    asked = [one.code for one in objections("trastuzumab-q3w-17", late, catalog.preconditions())]
    assert asked == ["three-weeks-after-anthracycline"]
    assert not objections("trastuzumab-q3w-17", replace(late, has_begun=True), catalog.preconditions())
