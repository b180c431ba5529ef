"""Closed days: what is proposed, in which order, and what each day would mean (B22)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduling import catalog
from scheduling.core.calendar import (
    Candidate,
    ClosedDays,
    LastDose,
    NextDose,
    Surroundings,
    last_dose_of,
    on_closed_days,
    propose,
)
from scheduling.core.closure import on_closed
from scheduling.core.expansion import expand

EASTER_MONDAY = date(2026, 4, 6)
CLOSED = ClosedDays(frozenset({5, 6}), {EASTER_MONDAY: "Easter Monday", date(2026, 4, 3): "Good Friday"})


def last(regimen: str, agent: str, days_ago: int, on: date = EASTER_MONDAY) -> LastDose:
    return LastDose(catalog.regimen(regimen).agent(agent), on - timedelta(days_ago), 21)


def proposed(*last_doses: LastDose, on: date = EASTER_MONDAY, closed: ClosedDays = CLOSED) -> tuple[Candidate, ...]:
    return propose(Surroundings(on, last_doses), closed, catalog.window())


def test_a_closed_day_says_why() -> None:
    assert CLOSED.why(EASTER_MONDAY) == "Easter Monday"
    assert CLOSED.why(date(2026, 4, 11)) == "closed on Saturdays"
    assert CLOSED.why(date(2026, 4, 7)) == ""


def test_nothing_is_proposed_for_an_open_day() -> None:
    assert proposed(last("trastuzumab-q3w-17", "trastuzumab", 21), on=date(2026, 4, 7)) == ()


def test_the_nearest_open_days_within_three_are_proposed() -> None:
    found = proposed(last("trastuzumab-q3w-17", "trastuzumab", 21))
    assert [one.days_moved for one in found] == [1, 2, 3]


@pytest.mark.parametrize(("weekday", "shifts"), [(0, [1, -1, 2, -2, 3, -3])])
def test_the_window_is_three_days_either_way_and_later_wins_a_tie(weekday: int, shifts: list[int]) -> None:
    closed = ClosedDays(dates={EASTER_MONDAY: "Easter Monday"})
    found = proposed(last("trastuzumab-q3w-17", "trastuzumab", 21), closed=closed)
    assert [one.days_moved for one in found] == shifts


def test_a_re_load_is_said_and_loses_a_tie() -> None:
    closed = ClosedDays(dates={EASTER_MONDAY: "Easter Monday"})
    found = proposed(last("trastuzumab-q3w-17", "trastuzumab", 28), closed=closed)
    assert [one.days_moved for one in found] == [-1, 1, -2, 2, -3, 3]
    assert found[0].sentences == ()
    assert found[1].sentences == ("29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg",)


def test_a_minimum_interval_forbids_an_earlier_day() -> None:
    closed = ClosedDays(dates={EASTER_MONDAY: "Easter Monday"})
    found = proposed(last("trastuzumab-sc", "trastuzumab-hyaluronidase", 21), closed=closed)
    assert [(one.days_moved, one.allowed) for one in found] == [
        (1, True), (2, True), (3, True), (-1, False), (-2, False), (-3, False),
    ]  # fmt: skip
    assert "must not be given less than 21 days apart" in found[3].sentences[0]


def test_a_day_at_or_before_the_last_dose_is_not_allowed() -> None:
    closed = ClosedDays(dates={EASTER_MONDAY: "Easter Monday"})
    found = proposed(last("apt", "trastuzumab", 2), closed=closed)
    assert {one.days_moved for one in found if not one.allowed} == {-2, -3}


def test_each_agent_is_judged_by_its_own_rule() -> None:
    both = [last("trastuzumab-pertuzumab", agent, 41) for agent in ("trastuzumab", "pertuzumab")]
    tomorrow = proposed(*both)[0]
    assert [(found.agent, found.dose.in_words()) for found in tomorrow.reloads] == [
        ("trastuzumab", "8 mg/kg"),
        ("pertuzumab", "840 mg"),
    ]


def test_planned_entries_on_closed_days_are_named_and_nothing_moves() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-17")
    entries = expand(regimen, date(2026, 2, 23))  # cycle 3 falls on Easter Monday
    found = on_closed_days(entries, CLOSED)
    assert [(entry.cycle, why) for entry, why in found] == [(3, "Easter Monday")]
    assert found[0][0].on == EASTER_MONDAY
    assert last_dose_of(found[0][0], regimen.agent("trastuzumab")) == last("trastuzumab-q3w-17", "trastuzumab", 21)
    assert last_dose_of(entries[0], regimen.agent("trastuzumab")) is None


def following(on: date, agent: str = "trastuzumab", regimen: str = "trastuzumab-q3w-17") -> NextDose:
    return NextDose(catalog.regimen(regimen).agent(agent), on, 21)


def around(*next_doses: NextDose, **more: date) -> tuple[Candidate, ...]:
    closed = ClosedDays(dates={EASTER_MONDAY: "Easter Monday"})
    doses = (last("trastuzumab-q3w-17", "trastuzumab", 21),)
    return propose(Surroundings(EASTER_MONDAY, doses, next_doses, **more), closed, catalog.window())


def test_a_next_dose_that_moves_along_costs_nothing() -> None:
    assert all(one.sentences == () for one in around(following(EASTER_MONDAY + timedelta(21))))


def test_an_earlier_day_that_re_loads_the_next_dose_says_so_and_comes_after_the_later_one() -> None:
    # the next dose was delayed to the last day without a re-load, 28 days after this one: CLINICAL.md section 2
    found = around(following(EASTER_MONDAY + timedelta(28)))
    assert [one.days_moved for one in found] == [1, -1, 2, -2, 3, -3]
    assert found[0].sentences == ()
    assert found[1].sentences == (
        "the next dose: 29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg",
    )


def test_a_next_dose_brought_forward_keeps_its_day_when_this_one_goes_earlier() -> None:
    soon = following(EASTER_MONDAY + timedelta(19), "trastuzumab-hyaluronidase", "trastuzumab-sc")
    closed = ClosedDays(dates={EASTER_MONDAY: "Easter Monday"})
    found = {one.days_moved: one for one in propose(Surroundings(EASTER_MONDAY, (), (soon,)), closed, catalog.window())}
    assert {moved for moved, one in found.items() if not one.allowed} == {-1}  # 20 days; from two earlier on, 21
    assert "the next dose: 20 days since the last dose" in found[-1].sentences[0]


def test_no_day_is_proposed_that_no_act_can_choose() -> None:
    assert {one.days_moved for one in around(not_before=EASTER_MONDAY - timedelta(1))} == {-1, 1, 2, 3}
    assert {one.days_moved for one in around(not_before=EASTER_MONDAY)} == {1, 2, 3}


def test_the_first_infusion_of_a_plan_is_proposed_later_only() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-17")
    closed = ClosedDays(dates={EASTER_MONDAY: "Easter Monday", date(2026, 4, 27): "Moving house"})
    found = on_closed(
        expand(regimen, EASTER_MONDAY),
        closed,
        catalog.window(),
        lambda e: regimen.agent(e.agent),
        today=date(2026, 3, 1),
    )
    assert [one.days_moved for one in found[1, 1].proposals] == [1, 2, 3]
    assert [one.days_moved for one in found[2, 1].proposals] == [1, -1, 2, -2, 3, -3]


def test_a_day_that_has_passed_is_not_proposed() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-17")
    closed = ClosedDays(dates={date(2026, 4, 27): "Moving house"})
    found = on_closed(
        expand(regimen, EASTER_MONDAY),
        closed,
        catalog.window(),
        lambda e: regimen.agent(e.agent),
        today=date(2026, 4, 26),
    )
    assert [one.days_moved for one in found[2, 1].proposals] == [1, -1, 2, 3]
