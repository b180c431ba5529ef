"""A clinician's own interval: its shape, when it is used up; grades as surveillance may act on them; biomarkers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from her2tracker.lib.refusals import Refusal
from monitoring import catalog
from monitoring.core.biomarkers import Biomarker, Marker, MarkerUnit, biomarker, refuse_unsaid
from monitoring.core.ctrcd import grade, measured
from monitoring.core.intervals import Interval, shaped_like, strictest
from monitoring.core.lvef import Lvef
from monitoring.core.result import Assessment, Dysfunction, Symptoms

US, ESC = catalog.protocol("trastuzumab-us"), catalog.protocol("esc-2022")
BASELINE = Assessment(date(2026, 1, 2), Lvef.parse("62"), gls=Decimal("-21"))


def test_six_weeks_of_a_clinicians_own_open_and_end_as_the_proposed_ones_do() -> None:
    like = strictest([US, ESC])
    assert like is not None
    rule = shaped_like(like, every_days=42, citation=like.citation)
    assert (rule.opens_after_days, rule.every_days, rule.overdue_after_days) == (28, 42, 50)


@pytest.mark.parametrize(
    ("results", "is_spent"),
    [
        ([date(2026, 1, 5)], False),  # on the day it was set: not after it
        ([date(2026, 1, 6)], False),
        ([date(2026, 1, 6), date(2026, 2, 17)], True),
    ],
)
def test_an_interval_for_two_results_ends_with_the_second_after_it_was_set(results: list[date], is_spent: bool) -> None:
    rule = US.surveillance and US.surveillance.on_treatment
    assert rule
    assert Interval("x", rule, since=date(2026, 1, 5), results=2).is_spent(results) is is_spent


@pytest.mark.parametrize(("day", "is_spent"), [(date(2026, 6, 30), False), (date(2026, 7, 1), True)])
def test_a_result_on_the_last_day_ends_an_interval(day: date, is_spent: bool) -> None:
    rule = US.surveillance and US.surveillance.on_treatment
    assert rule
    assert Interval("x", rule, until=date(2026, 7, 1)).is_spent([day]) is is_spent


@pytest.mark.parametrize(
    ("now", "known"),
    [
        ({"gls": Decimal("-20"), "biomarker_rise": False, "symptoms": Symptoms.NONE}, Dysfunction.NONE),
        ({"biomarker_rise": False, "symptoms": Symptoms.NONE}, None),
        ({"gls": Decimal("-20"), "symptoms": Symptoms.NONE}, None),
        ({"gls": Decimal("-20"), "biomarker_rise": False}, None),
        ({"biomarker_rise": True}, Dysfunction.MILD),
        ({"lvef": Lvef.parse("49")}, Dysfunction.MODERATE),
        ({"lvef": Lvef.parse("38-49")}, Dysfunction.MODERATE),
    ],
)
def test_absent_means_ruled_out_and_present_needs_nothing_else(
    now: dict[str, object], known: Dysfunction | None
) -> None:
    result = replace(Assessment(date(2026, 4, 1), Lvef.parse("60")), **now)  # type: ignore[arg-type]
    assert grade(ESC, result, BASELINE, lower_limit_of_normal=Decimal(50)).known is known


@pytest.mark.parametrize(("gls", "words"), [("-19", "9.5 %"), ("-18", "14.3 %")])
def test_the_relative_fall_of_gls_is_shown_with_one_decimal(gls: str, words: str) -> None:
    """CLINICAL.md 5.2: -21 to -19 is 9.5 %, -21 to -18 is 14.3 %."""
    said = dict(measured(Assessment(date(2026, 4, 1), Lvef.parse("59"), gls=Decimal(gls)), BASELINE))
    assert said["GLS"] == f"-21 % → {gls} %, relative fall {words}"


@pytest.mark.parametrize(("value", "is_above"), [("13.9", False), ("14", False), ("14.1", True)])
def test_exactly_the_laboratorys_limit_is_normal(value: str, is_above: bool) -> None:
    found = biomarker(Marker.TROPONIN, Decimal(value), Decimal(14), "ng/L")
    assert isinstance(found, Biomarker)
    assert found.is_above is is_above
    assert isinstance(refuse_unsaid([found], None), Refusal)
    assert refuse_unsaid([found], False) is None


@pytest.mark.parametrize(
    ("value", "limit", "unit", "code"),
    [
        (Decimal(9), None, "ng/L", "biomarker-incomplete"),
        (None, Decimal(14), "ng/L", "biomarker-incomplete"),
        (Decimal(9), Decimal(14), "", "biomarker-incomplete"),
        (Decimal(-1), Decimal(14), "ng/L", "biomarker-implausible"),
        (Decimal(9), Decimal(0), "ng/L", "biomarker-implausible"),
    ],
)
def test_half_a_biomarker_is_none(value: Decimal | None, limit: Decimal | None, unit: str, code: str) -> None:
    found = biomarker(Marker.TROPONIN, value, limit, unit)
    assert isinstance(found, Refusal)
    assert found.code == code
    assert biomarker(Marker.TROPONIN, None, None, "") is None
    assert MarkerUnit("ng/L").label == "ng/L"
