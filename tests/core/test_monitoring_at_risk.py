"""Cycles at risk: seen weeks before, saved by an echo that the lab can still do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.dates import add_days
from monitoring import catalog
from monitoring.core.at_risk import (
    Cover,
    CycleOutlook,
    Infusion,
    Lab,
    Outlook,
    first_at_risk,
    outlooks,
    pairings,
)
from monitoring.core.surveillance import window

US = catalog.protocol("trastuzumab-us")
assert US.surveillance is not None
RULE = US.surveillance.on_treatment
TODAY = date(2026, 3, 2)
days = st.integers(min_value=0, max_value=200)


def _in(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def _infusions(*offsets: int) -> list[Infusion]:
    return [Infusion(f"C{n}", _in(offset)) for n, offset in enumerate(offsets, 1)]


def _found(
    *offsets: int, due: int | None = 10, booked: tuple[int, ...] = (), lead: int = 14, result: int = 0
) -> list[CycleOutlook]:
    """Infusions at these days from today; the next LVEF is due in `due` days and overdue 9 days after that."""
    cover = None if due is None else Cover(_in(due), _in(due + 8))
    return list(
        outlooks(
            _infusions(*offsets),
            cover=cover,
            rule=RULE,
            bookings=[_in(one) for one in booked],
            lab=Lab(lead, result),
            today=TODAY,
        )
    )


def _states(*offsets: int, **options: object) -> list[str]:
    return [one.state.value for one in _found(*offsets, **options)]  # type: ignore[arg-type]


def test_an_echo_due_in_10_days_with_a_lead_time_of_14_and_no_appointment_turns_the_cycle_amber() -> None:
    found = _found(0, 21, 42)
    assert [one.state for one in found] == [Outlook.SAFE, Outlook.AT_RISK, Outlook.AT_RISK]
    task = first_at_risk(found)
    assert task is not None
    assert (task.infusion.key, task.state.shape, task.last_useful) == ("C2", "▲", _in(21))
    assert task.sentence == "No echo booked in time: one by Mon 23 Mar 2026 saves this infusion"


@pytest.mark.parametrize(("due", "state"), [(15, "ahead"), (14, "at-risk"), (13, "at-risk")])
def test_it_turns_amber_on_the_day_the_lab_must_be_asked(due: int, state: str) -> None:
    assert _states(due + 20, due=due) == [state]


@pytest.mark.parametrize(("on", "state"), [(17, "safe"), (18, "safe"), (19, "at-risk")])
def test_an_lvef_counts_until_the_last_day_before_it_is_overdue(on: int, state: str) -> None:
    assert _states(on) == [state]


@pytest.mark.parametrize(("on", "state"), [(13, "too-late"), (14, "at-risk"), (15, "ahead")])
def test_it_is_too_late_once_the_lab_s_next_echo_comes_after_the_infusion(on: int, state: str) -> None:
    assert _states(on, due=None) == [state]


@pytest.mark.parametrize(("on", "state"), [(16, "too-late"), (17, "at-risk"), (18, "ahead")])
def test_the_days_until_a_result_is_on_record_count_too(on: int, state: str) -> None:
    found = _found(on, due=None, result=3)
    assert [one.state.value for one in found] == [state]
    assert found[0].last_useful == _in(on - 3)


def test_an_appointment_in_time_saves_what_it_covers_and_a_later_cycle_waits_for_the_next_echo() -> None:
    assert _states(21, 42, 112, 113, booked=(20,)) == ["booked", "booked", "booked", "ahead"]


def test_an_appointment_after_the_infusion_does_not_save_it() -> None:
    assert _states(21, 42, booked=(22,)) == ["at-risk", "booked"]


def test_an_appointment_whose_result_would_come_too_late_does_not_save_it() -> None:
    assert _states(21, 42, booked=(20,), result=2) == ["at-risk", "booked"]


def test_an_appointment_whose_result_never_came_saves_nothing() -> None:
    assert _states(21, booked=(-3,), result=2) == ["at-risk"]
    assert _states(21, booked=(-2,), result=2) == ["booked"]


def test_cycles_that_one_echo_would_save_turn_amber_together_and_the_others_later() -> None:
    assert _states(19, 40, 61, 82, 103, 124) == ["at-risk"] * 4 + ["ahead"] * 2


def test_without_any_lvef_the_first_infusion_is_what_needs_it() -> None:
    found = _found(20, 41, due=None)
    assert found[0].ask_by == _in(6)
    assert [one.state for one in found] == [Outlook.AHEAD, Outlook.AHEAD]


def test_infusions_that_have_passed_are_not_looked_at() -> None:
    assert [one.infusion.on for one in _found(-1, 0)] == [TODAY]


def test_the_cover_is_the_window_surveillance_computes() -> None:
    asked = window(
        US,
        first_given_on=date(2026, 1, 5),
        last_given_on=date(2026, 2, 16),
        completed_on=None,
        results=[],
        baseline_on=date(2025, 12, 29),
        held_since=None,
        today=TODAY,
    )
    assert Cover.of_window(asked) == Cover(date(2026, 3, 23), date(2026, 3, 31))


def test_the_echo_is_offered_with_an_infusion_and_beside_it() -> None:
    found = _found(0, 16, 37)
    infusions = _infusions(0, 16, 37)
    task = first_at_risk(found)
    assert task is not None
    offered = [(pairing.on, pairing.is_same_day) for pairing in pairings(task, infusions)]
    assert offered == [
        (_in(15), False), (_in(16), True), (_in(17), False), (_in(36), False), (_in(37), True),
    ]  # fmt: skip
    sentences = [pairing.sentence for pairing in pairings(task, infusions)][:3]
    assert sentences == [
        "Tue 17 Mar 2026, the day before the infusion of Wed 18 Mar 2026",
        "Wed 18 Mar 2026, the day of the infusion",
        "Thu 19 Mar 2026, the day after the infusion of Wed 18 Mar 2026",
    ]


def test_a_pairing_waits_for_the_window_and_skips_closed_days() -> None:
    task = first_at_risk(_found(0, 16, 37))
    assert task is not None
    infusions = _infusions(0, 16, 37)
    assert [one.on for one in pairings(task, infusions, opens_on=_in(17))] == [_in(17), _in(36), _in(37)]
    assert [one.on for one in pairings(task, infusions, is_open=lambda day: day != _in(37))][-1] == _in(36)


def test_a_same_day_echo_whose_result_comes_later_is_not_offered_for_that_infusion() -> None:
    (found,) = _found(21, result=1)
    assert [one.on for one in pairings(found, _infusions(21))] == [_in(20)]


def test_a_safe_cycle_needs_no_pairing() -> None:
    assert pairings(_found(0)[0], _infusions(0)) == ()


@given(st.lists(days, max_size=8), days, st.lists(days, max_size=2), st.integers(0, 30), st.integers(0, 5), days)
def test_booking_an_echo_never_makes_a_cycle_worse(
    offsets: list[int], due: int, booked: list[int], lead: int, result: int, extra: int
) -> None:
    def held(appointments: list[int]) -> set[str]:
        found = _found(*offsets, due=due, booked=tuple(appointments), lead=lead, result=result)
        return {one.infusion.key for one in found if one.state.needs_hands or one.state is Outlook.AHEAD}

    assert held([*booked, extra]) <= held(booked)


@given(st.lists(days, min_size=1, max_size=8), days, st.integers(0, 30), st.integers(0, 5))
def test_the_days_offered_are_in_reach_and_useful(offsets: list[int], due: int, lead: int, result: int) -> None:
    found = _found(*offsets, due=due, lead=lead, result=result)
    task = first_at_risk(found)
    for pairing in pairings(task, _infusions(*offsets)) if task else ():
        assert task is not None
        assert pairing.on >= add_days(TODAY, lead)
        assert add_days(pairing.on, result) <= task.infusion.on


@given(st.lists(days, min_size=1, max_size=8), days, st.integers(0, 30), st.integers(0, 5), st.integers(-500, 500))
def test_shifting_all_dates_shifts_all_answers(
    offsets: list[int], due: int, lead: int, result: int, shift: int
) -> None:
    def seen(moved: int) -> list[tuple[str, str, date | None]]:
        cover = Cover(add_days(_in(due), moved), add_days(_in(due + 8), moved))
        infusions = [Infusion(one.key, add_days(one.on, moved)) for one in _infusions(*offsets)]
        found = outlooks(
            infusions, cover=cover, rule=RULE, bookings=[], lab=Lab(lead, result), today=add_days(TODAY, moved)
        )
        return [
            (one.infusion.key, one.state.value, add_days(one.ask_by, -moved) if one.ask_by else None) for one in found
        ]

    assert seen(shift) == seen(0)
