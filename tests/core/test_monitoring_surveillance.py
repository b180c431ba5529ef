"""What brings an assessment forward for one patient, and how one result answers several sources."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.sources import Citation, Confidence
from monitoring import catalog
from monitoring.core.expected import expected
from monitoring.core.intervals import Interval, refuse_interval
from monitoring.core.protocol import OnTreatment
from monitoring.core.result import Dysfunction
from monitoring.core.surveillance import Occasion, Window, answered_by, window
from tests.core.monitoring_cases import DAY_0

US, ESC = catalog.protocol("trastuzumab-us"), catalog.protocol("esc-2022")
ALL = tuple(catalog.protocols().values())
SIX_WEEKLY = OnTreatment(42, 28, 50, Citation("site-policy", "risk-interval", Confidence.UNVERIFIED))
LAST = date(2026, 12, 28)


def _on_treatment(result: date, *, interval: Interval | None, today: date = date(2026, 4, 1)) -> Window:
    return window(
        US,
        first_given_on=DAY_0,
        last_given_on=DAY_0,
        completed_on=None,
        results=[result],
        baseline_on=None,
        held_since=None,
        today=today,
        interval=interval,
    )


def _after(results: list[date], today: date) -> Window:
    return window(
        [US, ESC],
        first_given_on=DAY_0,
        last_given_on=LAST,
        completed_on=LAST,
        results=results,
        baseline_on=None,
        held_since=None,
        today=today,
    )


def test_an_interval_set_by_name_brings_the_next_one_forward_and_says_so() -> None:
    found = _on_treatment(date(2026, 3, 23), interval=Interval("six-weekly by risk", SIX_WEEKLY))
    assert (found.due_on, found.overdue_after) == (date(2026, 5, 4), date(2026, 5, 12))
    assert found.because == "42 days after the LVEF of Mon 23 Mar 2026, six-weekly by risk"
    assert [(one.protocol_id, one.due_on) for one in found.others] == [("trastuzumab-us", date(2026, 6, 15))]


@pytest.mark.parametrize(
    ("result", "due"), [(date(2026, 7, 4), date(2026, 8, 15)), (date(2026, 7, 5), date(2026, 9, 27))]
)
def test_an_interval_with_an_end_is_not_renewed_from_that_day_on(result: date, due: date) -> None:
    interval = Interval("six-weekly by risk", SIX_WEEKLY, until=date(2026, 7, 5))
    assert _on_treatment(result, interval=interval, today=date(2026, 7, 5)).due_on == due


def test_an_interval_longer_than_a_label_s_is_refused_and_the_same_or_shorter_is_not() -> None:
    def refusal(days: int) -> str | None:
        found = refuse_interval(Interval("by risk", OnTreatment(days, 28, 120, SIX_WEEKLY.citation)), [US, ESC])
        return found.code if found else None

    assert [refusal(days) for days in (83, 84, 85)] == [None, None, "interval-longer"]


def test_an_interval_asks_nothing_once_treatment_is_complete() -> None:
    found = window(
        catalog.protocol("t-dm1-early"),
        first_given_on=DAY_0,
        last_given_on=LAST,
        completed_on=LAST,
        results=[DAY_0],
        baseline_on=None,
        held_since=None,
        today=LAST,
        interval=Interval("six-weekly by risk", SIX_WEEKLY),
    )
    assert found.occasion is Occasion.NOTHING


def test_both_follow_ups_are_asked_for_and_one_result_answers_both() -> None:
    asked = _after([date(2026, 12, 28)], today=date(2027, 1, 10))
    everything = [(one.protocol_id, one.due_on) for one in (asked, *asked.others)]
    assert everything == [("trastuzumab-us", date(2027, 6, 28)), ("esc-2022", date(2027, 12, 28))]
    assert [one.protocol_id for one in answered_by(asked, date(2027, 6, 28))] == ["trastuzumab-us", "esc-2022"]
    later = _after([date(2026, 12, 28), date(2027, 6, 28)], today=date(2027, 7, 1))
    assert [(later.protocol_id, later.due_on), later.others] == [("trastuzumab-us", date(2027, 12, 28)), ()]


def test_a_result_too_early_for_one_source_may_still_answer_another() -> None:
    asked = _after([date(2026, 12, 28)], today=date(2027, 1, 10))
    assert [one.protocol_id for one in answered_by(asked, date(2027, 3, 1))] == ["esc-2022"]


def test_the_year_foretold_holds_each_follow_up_once() -> None:
    found = expected([US, ESC], start_on=DAY_0, last_on=LAST, results=[date(2025, 12, 29), LAST])
    after = [one.on for one in found if one.occasion is Occasion.FOLLOW_UP]
    assert after == [date(2027, 6, 28), date(2027, 12, 28), date(2028, 6, 28), date(2028, 12, 28)]


@given(
    st.sampled_from(ALL),
    st.integers(min_value=0, max_value=800),
    st.sampled_from([None, *Dysfunction]),
    st.sampled_from(["neoadjuvant", "adjuvant", "metastatic"]),
)
def test_worse_dysfunction_never_puts_an_assessment_off(
    protocol: object, day: int, grade: Dysfunction | None, setting: str
) -> None:
    def due(dysfunction: Dysfunction | None) -> date | None:
        return window(
            protocol,  # type: ignore[arg-type]
            first_given_on=DAY_0,
            last_given_on=DAY_0,
            completed_on=None,
            results=[DAY_0 + timedelta(days=day)],
            baseline_on=None,
            held_since=None,
            today=DAY_0 + timedelta(days=day),
            setting=setting,
            dysfunction=dysfunction,
        ).due_on

    well, worse = due(Dysfunction.NONE), due(grade)
    assert (well is None) is (worse is None)
    assert well is None or worse is None or worse <= well
