"""The echoes a plan will ask for. Dates by hand from CLINICAL.md 4.3, start Monday 2026-01-05."""

from __future__ import annotations

from datetime import date

from monitoring.catalog import protocol
from monitoring.core.expected import expected
from monitoring.core.surveillance import Occasion

START, BASELINE = date(2026, 1, 5), date(2025, 12, 29)
ON_TREATMENT = [date(2026, 3, 23), date(2026, 6, 15), date(2026, 9, 7), date(2026, 11, 30)]


def test_trastuzumab_asks_every_84_days_from_the_baseline_at_completion_and_for_two_years_after() -> None:
    found = expected([protocol("trastuzumab-us")], start_on=START, last_on=date(2026, 12, 28), results=[BASELINE])
    assert [e.on for e in found if e.occasion is Occasion.ON_TREATMENT] == ON_TREATMENT
    assert [e.on for e in found if e.occasion is Occasion.COMPLETION] == [date(2026, 12, 28)]
    after = [date(2027, 6, 28), date(2027, 12, 28), date(2028, 6, 28), date(2028, 12, 28)]
    assert [e.on for e in found if e.occasion is Occasion.FOLLOW_UP] == after
    assert [e.on for e in found] == [*ON_TREATMENT, date(2026, 12, 28), *after]


def test_without_any_result_the_baseline_is_asked_for_before_the_first_administration() -> None:
    first, second, *_ = expected([protocol("trastuzumab-us")], start_on=START, last_on=date(2026, 12, 7))
    assert (first.on, first.occasion, first.because) == (START, Occasion.BASELINE, "Before the first administration")
    assert second.on == date(2026, 3, 30)  # 84 days after 5 January


def test_one_echo_answers_two_protocols() -> None:
    both = [protocol("hp-early"), protocol("trastuzumab-us")]
    found = expected(both, start_on=START, last_on=date(2026, 12, 28), results=[BASELINE])
    assert [e.on for e in found if e.occasion is Occasion.ON_TREATMENT] == ON_TREATMENT


def test_nothing_is_asked_for_without_a_protocol() -> None:
    assert expected([], start_on=START, last_on=date(2026, 12, 28)) == ()
