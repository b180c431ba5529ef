"""What ends a doctor's release, and what blood tests say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.sources import Citation
from scheduling import catalog
from scheduling.core import laboratory, release
from scheduling.core.laboratory import LabState, LabTest, LabValue, Withhold
from scheduling.core.release import Ordered

ON, NEXT = date(2026, 3, 30), date(2026, 3, 31)
SEEN = Ordered(ON, {"trastuzumab": "420 mg (maintenance)"}, Decimal("70.0"))


@pytest.mark.parametrize(
    ("now", "more", "reason"),
    [
        (SEEN, {}, None),
        (Ordered(ON, SEEN.doses, Decimal(70)), {}, None),
        (Ordered(ON, SEEN.doses, Decimal(62)), {}, "doses are calculated with 62 kg, not with 70 kg"),
        (
            Ordered(ON, {"trastuzumab": "560 mg (reload)"}, Decimal(70)),
            {},
            "trastuzumab is 560 mg (reload), was 420 mg",
        ),
        (Ordered(NEXT, SEEN.doses, Decimal(70)), {"on": NEXT}, "moved from Mon 30 Mar 2026 to Tue 31 Mar 2026"),
        (SEEN, {"on": NEXT}, "it was for Mon 30 Mar 2026, not for Tue 31 Mar 2026"),
        (SEEN, {"held_on": ON}, "the plan was held on Mon 30 Mar 2026"),
        (SEEN, {"ended": True}, "it was taken back"),
    ],
)
def test_a_release_ends_with_what_it_was_given_for(now, more, reason):
    told = {"for_on": ON, "on": ON, "held_on": None, "ended": False} | more
    found = release.lapsed(SEEN, now, **told)
    assert (found == ()) if reason is None else found[0].startswith(reason)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, None),
        ({"for_on": date(2026, 3, 29)}, "in-the-past"),
        ({"is_released": True}, "already-released"),
        ({"undecided": date(2026, 3, 9)}, "earlier-undecided"),
        ({"objections": ("Withhold advised",)}, "treatment-objection"),
    ],
)
def test_a_release_is_refused_with_its_reason(fields, code):
    told = {"undecided": None, "objections": (), "is_released": False, "for_on": ON, "today": ON} | fields
    refusal = release.refuse_release(**told)
    assert (refusal and refusal.code) == code


def test_t_dm1_asks_for_four_tests_without_a_figure_and_trastuzumab_for_none():
    tests = laboratory.asked(catalog.lab_tests(), ["trastuzumab-emtansine", "trastuzumab"])
    assert [test.id for test in tests] == ["platelets", "ast", "alt", "bilirubin"]
    assert all(test.withhold is None for test in tests)  # CLINICAL.md gives none: nothing is invented
    assert laboratory.asked(catalog.lab_tests(), ["trastuzumab", "pertuzumab"]) == ()


def test_a_value_without_a_figure_on_record_is_left_to_a_doctor():
    test = laboratory.asked(catalog.lab_tests(), ["trastuzumab-emtansine"])[0]
    found = laboratory.judge(test, LabValue("platelets", Decimal("12.00"), "10⁹/L", ON))
    assert found.state is LabState.NO_FIGURE
    assert found.sentence == "Platelets 12 10⁹/L, Mon 30 Mar 2026: no figure on record, a doctor judges it"
    assert laboratory.judge(test, None).state is LabState.MISSING


MADE_UP = Citation.parse("a-document#a-section", catalog.lab_tests()[0].citation.confidence)
WITH_FIGURE = LabTest("agent", "x", "X", ("g/L", "mg/dL"), Withhold(Bounds(below=Decimal(50)), "g/L", MADE_UP), MADE_UP)


@pytest.mark.parametrize(
    ("value", "unit", "state"),
    [
        ("49.99", "g/L", LabState.WITHHOLDS),
        ("50", "g/L", LabState.PASSES),
        ("50.01", "g/L", LabState.PASSES),
        ("49.99", "mg/dL", LabState.NO_FIGURE),
    ],
)
def test_a_figure_on_record_withholds_below_it_in_its_own_unit_only(value, unit, state):
    assert laboratory.judge(WITH_FIGURE, LabValue("x", Decimal(value), unit, ON)).state is state


@pytest.mark.parametrize(
    ("test", "fields", "code"),
    [
        (WITH_FIGURE, {}, None),
        (WITH_FIGURE, {"value": Decimal(0)}, None),
        (WITH_FIGURE, {"value": Decimal("-0.01")}, "negative"),
        (WITH_FIGURE, {"unit": "kg"}, "unknown-unit"),
        (WITH_FIGURE, {"taken_on": NEXT}, "in-the-future"),
        (None, {}, "unknown-test"),
    ],
)
def test_a_value_is_entered_for_a_test_that_is_asked_in_a_unit_it_has(test, fields, code):
    told = {"value": Decimal(60), "unit": "g/L", "taken_on": ON, "today": ON} | fields
    refusal = laboratory.refuse_value(test, **told)
    assert (refusal and refusal.code) == code
