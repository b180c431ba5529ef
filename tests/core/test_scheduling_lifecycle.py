"""What may be recorded, and the sentence when it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduling import catalog
from scheduling.core.expansion import Entry, EntryState, expand
from scheduling.core.lifecycle import PlanState, refuse_cease, refuse_delay, refuse_omit, refuse_record

START = date(2026, 1, 5)
TODAY = date(2026, 3, 30)


def entry(cycle: int, state: EntryState = EntryState.PLANNED) -> Entry:
    return replace(expand(catalog.regimen("trastuzumab-q3w-17"), START)[cycle - 1], state=state)


def test_a_dose_can_be_recorded_on_its_day_and_before_today() -> None:
    assert refuse_record(PlanState.ACTIVE, entry(5), on=TODAY, today=TODAY) is None
    assert refuse_record(PlanState.ACTIVE, entry(5), on=TODAY - timedelta(1), today=TODAY) is None


def test_a_dose_cannot_be_recorded_in_the_future() -> None:
    refusal = refuse_record(PlanState.ACTIVE, entry(5), on=TODAY + timedelta(1), today=TODAY)
    assert refusal is not None
    assert refusal.code == "in-the-future"
    assert refusal.sentence == "Tue 31 Mar 2026 has not come yet: only what went in can be recorded."


@pytest.mark.parametrize("state", [EntryState.GIVEN, EntryState.OMITTED])
def test_nothing_is_recorded_twice(state: EntryState) -> None:
    done = entry(5, state)
    refusals = (
        refuse_record(PlanState.ACTIVE, done, on=TODAY, today=TODAY),
        refuse_omit(PlanState.ACTIVE, done),
        refuse_delay(PlanState.ACTIVE, done, to=TODAY + timedelta(7), today=TODAY),
    )
    assert [refusal.code if refusal else None for refusal in refusals] == [f"already-{state.value}"] * 3


@pytest.mark.parametrize("state", [PlanState.CEASED, PlanState.COMPLETED])
def test_a_plan_that_is_over_takes_nothing_more(state: PlanState) -> None:
    refusals = (
        refuse_record(state, entry(5), on=TODAY, today=TODAY),
        refuse_omit(state, entry(5)),
        refuse_delay(state, entry(5), to=TODAY + timedelta(7), today=TODAY),
        refuse_cease(state, on=TODAY, today=TODAY, started_on=START),
    )
    assert [refusal.code if refusal else None for refusal in refusals] == ["plan-not-active"] * 4


def test_an_earlier_undecided_cycle_is_decided_first() -> None:
    refusal = refuse_record(PlanState.ACTIVE, entry(5), on=TODAY, today=TODAY, undecided=entry(4))
    assert refusal is not None
    assert refusal.sentence == "Cycle 4 of Mon 9 Mar 2026 is undecided: record or omit it first."


@pytest.mark.parametrize(("last", "code"), [(TODAY, "before-the-last"), (TODAY - timedelta(1), None)])
def test_a_dose_comes_after_the_last_one(last: date, code: str | None) -> None:
    refusal = refuse_record(PlanState.ACTIVE, entry(5), on=TODAY, today=TODAY, last_on=last)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (date(2026, 3, 31), None),
        (date(2026, 3, 30), "not-later"),
        (date(2026, 3, 1), "not-later"),
        (date(2026, 9, 28), None),
        (date(2026, 9, 29), "too-far"),
        (date(2126, 4, 6), "too-far"),
    ],
)
def test_a_delay_goes_to_a_later_day_within_half_a_year(to: date, code: str | None) -> None:
    refusal = refuse_delay(PlanState.ACTIVE, entry(5), to=to, today=TODAY)
    assert (refusal.code if refusal else None) == code


def test_a_missed_dose_is_delayed_to_today_or_later() -> None:
    today = date(2026, 4, 10)
    refusal = refuse_delay(PlanState.ACTIVE, entry(5), to=date(2026, 4, 9), today=today)
    assert refusal is not None
    assert refusal.code == "already-past"
    assert refuse_delay(PlanState.ACTIVE, entry(5), to=today, today=today) is None


@pytest.mark.parametrize(
    ("on", "code"),
    [(START, None), (TODAY, None), (START - timedelta(1), "before-the-start"), (TODAY + timedelta(1), "in-the-future")],
)
def test_a_plan_is_ceased_between_its_start_and_today(on: date, code: str | None) -> None:
    refusal = refuse_cease(PlanState.ACTIVE, on=on, today=TODAY, started_on=START)
    assert (refusal.code if refusal else None) == code
