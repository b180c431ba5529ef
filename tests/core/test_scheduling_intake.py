"""A line of a file of patients and plans is understood as it was written, or told with every reason why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.cells import refusal_of
from her2tracker.lib.sheets import Row
from scheduling.core import intake
from scheduling.core.intake import Earlier, Person, Wanted, Words

TODAY = date(2026, 1, 5)
WORDS = Words({"female", "male"}, {"adjuvant", "neoadjuvant"}, {"en", "es"}, {"trastuzumab", "pertuzumab"})
ANNA = {
    "mrn": "M-1", "family_name": "Arnold", "given_name": "Anna", "born_on": "1970-05-17",
    "regimen": "trastuzumab-q3w-17", "start_on": "2026-01-12",
}  # fmt: skip
PERSON = Person("M-1", "Arnold", "Anna", date(1970, 5, 17))


def _read(**cells: str) -> intake.Understood:
    return intake.read([Row(2, ANNA | cells)], WORDS, today=TODAY)[0]


def test_a_line_with_what_is_needed_and_nothing_else():
    assert _read().wanted == Wanted(PERSON, "trastuzumab-q3w-17", date(2026, 1, 12))
    assert (_read().line, _read().mrn, _read().name) == (2, "M-1", "Arnold, Anna")


def test_a_line_with_everything():
    said = _read(
        sex="Female", language="es", phone="+34 600", email="anna@example.org", setting="adjuvant", weight_kg="68,4",
        weighed_on="2026-01-05", prior_agent="trastuzumab", prior_doses="6", prior_first_on="2025-08-01",
        prior_last_on="2025-12-15", prior_place="Elsewhere", prior_kind="maintenance", prior_agent_2="pertuzumab",
        prior_doses_2="2", prior_last_on_2="2025-12-15",
    ).wanted  # fmt: skip
    assert said == Wanted(
        replace(PERSON, sex="female", language="es", phone="+34 600", email="anna@example.org"),
        "trastuzumab-q3w-17", date(2026, 1, 12), "adjuvant", Decimal("68.4"), date(2026, 1, 5),
        (
            Earlier("trastuzumab", 6, date(2025, 12, 15), date(2025, 8, 1), "Elsewhere", "maintenance"),
            Earlier("pertuzumab", 2, date(2025, 12, 15)),
        ),
    )  # fmt: skip


WEIGHED = {"weighed_on": "2026-01-05"}


@pytest.mark.parametrize("text", ["20", "20.0", "68.4", "400"])
def test_a_weight_at_the_limits_is_one(text):
    wanted = _read(weight_kg=text, **WEIGHED).wanted
    assert wanted is not None
    assert wanted.weight_kg == Decimal(text)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"mrn": ""}, "mrn: is empty."),
        ({"born_on": ""}, "born_on: is empty."),
        ({"born_on": "17.05.1970"}, "born_on: “17.05.1970” is no date as it is read here. Write it like 2026-01-05."),
        ({"born_on": "05/17/1970"}, "born_on: “05/17/1970” is no date"),
        ({"born_on": "19700517"}, "born_on: “19700517” is no date"),
        ({"born_on": "1970-02-30"}, "born_on: “1970-02-30” is no date"),
        ({"born_on": "１970-05-17"}, "is no date"),
        ({"born_on": "2026-01-06"}, "born_on: 2026-01-06 lies in the future."),
        ({"born_on": "1899-12-31"}, "born_on: 1899-12-31 cannot be meant. Check the year."),
        ({"start_on": "2200-01-01"}, "start_on: 2200-01-01 cannot be meant."),
        ({"sex": "f"}, "sex: “f” is not one of female, male."),
        ({"language": "xx"}, "language: “xx” is not one of en, es."),
        ({"setting": "early"}, "setting: “early” is not one of adjuvant, neoadjuvant."),
        ({"weight_kg": "68.4"}, "a weight has its day, so both or neither."),
        ({"weighed_on": "2026-01-05"}, "a weight has its day, so both or neither."),
        ({"weight_kg": "150 lb", **WEIGHED}, "weight_kg: “150 lb” is no weight."),
        ({"weight_kg": "68.45", **WEIGHED}, "weight_kg: “68.45” is no weight."),
        ({"weight_kg": "-68", **WEIGHED}, "is no weight."),
        ({"weight_kg": "NaN", **WEIGHED}, "is no weight."),
        ({"weight_kg": "19.9", **WEIGHED}, "weight_kg: 19.9 kg is outside 20 to 400 kg."),
        ({"weight_kg": "400.1", **WEIGHED}, "weight_kg: 400.1 kg is outside 20 to 400 kg."),
        ({"weight_kg": "68.4", "weighed_on": "2026-01-06"}, "weighed_on: 2026-01-06 lies in the future."),
        ({"prior_agent": "trastuzumab"}, "prior_doses, prior_last_on: earlier doses need their agent"),
        ({"prior_place_2": "Elsewhere"}, "prior_agent_2, prior_doses_2, prior_last_on_2: earlier doses need"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_told(cells, said):
    asked = _read(**cells)
    assert asked.wanted is None
    assert any(said in fault for fault in asked.faults), asked.faults


def test_a_long_list_of_words_is_not_read_out():
    words = replace(WORDS, languages={f"l{number}" for number in range(13)})
    assert intake.read([Row(2, ANNA | {"language": "xx"})], words, today=TODAY)[0].faults == (
        "language: “xx” is not known.",
    )


PRIOR = {"prior_agent": "trastuzumab", "prior_doses": "6", "prior_last_on": "2025-12-15"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"prior_doses": "0"}, "prior_doses: “0” is no number of doses from 1 to 99."),
        ({"prior_doses": "100"}, "prior_doses: “100” is no number of doses"),
        ({"prior_doses": "1.5"}, "prior_doses: “1.5” is no number of doses"),
        ({"prior_doses": "²"}, "is no number of doses"),
        ({"prior_agent": "herceptin"}, "prior_agent: “herceptin” is not one of pertuzumab, trastuzumab."),
        ({"prior_kind": "reload"}, "prior_kind: “reload” is not one of loading, maintenance."),
        ({"prior_last_on": "2026-01-06"}, "prior_last_on: 2026-01-06 lies in the future."),
        (
            {"prior_agent_2": "trastuzumab", "prior_doses_2": "1", "prior_last_on_2": "2025-12-15"},
            "prior_agent_2: trastuzumab stands in prior_agent already. Add the doses up.",
        ),
    ],
)
def test_earlier_doses_that_cannot_be_understood_are_told(cells, said):
    asked = _read(**(PRIOR | cells))
    assert asked.wanted is None
    assert any(said in fault for fault in asked.faults), asked.faults
    assert _read(**PRIOR, prior_doses_2="").wanted is not None
    assert _read(**(PRIOR | {"prior_doses": "99"})).wanted is not None


def test_every_fault_of_a_line_is_told_at_once():
    assert len(_read(born_on="x", start_on="", sex="f", prior_agent="y", weight_kg="1", **WEIGHED).faults) == 5


def test_a_row_that_is_no_row_keeps_what_finds_it_again():
    asked = intake.read([Row(7, ANNA, "It has 3 values.")], WORDS, today=TODAY)[0]
    assert (asked.line, asked.mrn, asked.name) == (7, "M-1", "Arnold, Anna")
    assert asked.faults == ("It has 3 values.",)


def test_a_patient_who_is_there_twice_is_told_at_the_later_line():
    first, other, again = intake.read([Row(2, ANNA), Row(3, ANNA | {"mrn": "M-2"}), Row(4, ANNA)], WORDS, today=TODAY)
    assert None not in (first.wanted, other.wanted)
    assert again.faults == ("mrn: M-1 stands in line 2 already. One line for each patient.",)


def test_capitals_and_spaces_are_no_other_name_and_a_letter_is():
    assert intake.refuse_another(PERSON, replace(PERSON, family_name="ARNOLD", given_name=" Anna ")) == ""
    assert intake.refuse_another(replace(PERSON, family_name="Åse"), replace(PERSON, family_name="A\u030ase")) == ""
    said = intake.refuse_another(PERSON, replace(PERSON, family_name="Arnolds"))
    assert "M-1 is on record as Arnolds, and the file says Arnold." in said
    assert "1970-05-18" in intake.refuse_another(PERSON, replace(PERSON, born_on=date(1970, 5, 18)))


def test_what_the_file_says_otherwise_about_somebody_on_record_is_told_and_not_taken_over():
    record = replace(PERSON, sex="female", phone="1", email="a@example.org")
    asked = replace(PERSON, sex="female", phone="2", email="")
    assert list(intake.not_taken_over(asked, record)) == ["phone: the record says 1 and stays as it is."]


def test_one_sentence_for_many_lines():
    assert refusal_of([(3, "M-1", "No.")]) == "Line 3, MRN M-1: No."
    assert refusal_of([(3, "", "No."), (4, "M-2", "Nor.")]) == "Line 3: No. 1 more cannot be imported either."


columns = st.sampled_from((*intake.REQUIRED, *intake.OPTIONAL))


@given(st.dictionaries(columns, st.text(max_size=12)))
def test_whatever_stands_in_the_cells_is_understood_or_told(cells):
    asked = _read(**cells)
    assert (asked.wanted is None) == bool(asked.faults)
