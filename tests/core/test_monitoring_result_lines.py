"""A line of a file of LVEF results is understood as it was written, or told with every reason why not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.sheets import Row
from monitoring.core import result_lines as core
from monitoring.core.entry import DoubleEntry
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality, Symptoms
from monitoring.core.result_lines import Measured, OnRecord

TODAY = date(2026, 4, 30)
LINE = {"mrn": "M-1", "born_on": "1970-05-17", "performed_on": "2026-04-02", "lvef": "62", "modality": "echo-2d"}
LIMITS = DoubleEntry(Decimal(50), Decimal(10))  # USERS.md, 15:00


def _read(*rows: dict[str, str]) -> list[core.ResultLine]:
    return core.read([Row(number, LINE | cells) for number, cells in enumerate(rows, start=2)], today=TODAY)


def _one(**cells: str) -> core.ResultLine:
    return _read(cells)[0]


def test_a_line_with_what_is_needed_and_nothing_else():
    said = _one()
    assert (said.line, said.mrn, said.born_on, said.faults) == (2, "M-1", date(1970, 5, 17), ())
    assert said.measured == Measured(date(2026, 4, 2), Lvef.exactly(62), Modality.ECHO_2D, Symptoms.UNKNOWN)


def test_a_line_with_everything():
    said = _one(lvef="50-55 %", modality="MUGA", symptoms="mild", lab="North", gls_percent="-18,5", note="poor window")
    assert said.measured == Measured(
        date(2026, 4, 2), Lvef(Decimal(50), Decimal(55)), Modality.MUGA, Symptoms.MILD, "North", Decimal("-18.5"),
        "poor window",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"mrn": ""}, "mrn: is empty."),
        ({"born_on": ""}, "born_on: is empty."),
        ({"born_on": "17.05.1970"}, "born_on: “17.05.1970” is no date"),
        ({"performed_on": "2026-05-01"}, "performed_on: 2026-05-01 lies in the future."),
        ({"performed_on": "1970-05-16"}, "the result lies before the date of birth"),
        ({"lvef": "101"}, "101 % cannot be an LVEF"),
        ({"lvef": "-3"}, "is not an LVEF"),
        ({"lvef": "0.55"}, "looks like a fraction"),
        ({"lvef": "normal"}, "“normal” is not an LVEF"),
        ({"modality": "x-ray"}, "modality: “x-ray” is not one of cmr, echo-2d, echo-3d, muga."),
        ({"symptoms": "some"}, "symptoms: “some” is not one of"),
        ({"gls_percent": "185"}, "gls_percent: “185” is no GLS"),
        ({"lab": "L" * 121}, "lab: 121 characters are too many"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_a_sentence(cells, said):
    found = _one(**cells)
    assert found.measured is None
    assert any(said in fault for fault in found.faults), found.faults


def test_the_same_result_twice_in_a_file_is_told_at_the_later_line():
    first, again, other = _read({}, {"lvef": "62 %"}, {"performed_on": "2026-04-03"})
    assert (first.faults, other.faults) == ((), ())
    assert again.faults == ("The same result stands in line 2 already.",)


def test_a_figure_is_typed_again_where_a_slip_would_cost_most():
    record = OnRecord()
    record.add((date(2026, 1, 5), Modality.ECHO_2D, Lvef.exactly(62)))
    asked = {figure: core.asks_again(LIMITS, _measured(figure), record) for figure in ("49.9", "50", "52", "52.1")}
    assert "below 50 %" in asked["49.9"]
    assert "12 points below the last LVEF" in asked["50"]
    assert "10 points below the last LVEF" in asked["52"]
    assert asked["52.1"] == ""


def test_what_was_measured_later_says_nothing_about_a_slip_in_an_older_result():
    record = OnRecord()
    record.add((date(2026, 4, 20), Modality.ECHO_2D, Lvef.exactly(70)))
    assert core.asks_again(LIMITS, _measured("55"), record) == ""


def test_another_figure_of_the_same_day_by_the_same_method_is_told():
    record = OnRecord()
    record.add((date(2026, 4, 2), Modality.ECHO_2D, Lvef.exactly(62)))
    assert record.contradicts(_measured("60")) == "Another LVEF of Thu 2 Apr 2026 by 2D echo is there already: 62 %."
    assert record.contradicts(_measured("62")) == ""
    assert record.contradicts(_measured("60", modality="muga")) == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "type the figure again"), ("47", "The file says 42 %, and you typed 47 %"), ("x", "is not an LVEF")],
)
def test_a_figure_that_is_not_typed_as_the_file_has_it_confirms_nothing(typed, said):
    assert said in core.refuse_again(_measured("42"), typed)
    assert core.refuse_again(_measured("42"), "42,0 %") == ""


def _measured(figure: str, **cells: str) -> Measured:
    found = _one(lvef=figure, **cells).measured
    assert found is not None
    return found


columns = st.sampled_from((*core.REQUIRED, *core.OPTIONAL))


@given(st.dictionaries(columns, st.text(max_size=12)))
def test_whatever_stands_in_the_cells_is_understood_or_told(cells):
    said = _one(**cells)
    assert (said.measured is None) == bool(said.faults)
