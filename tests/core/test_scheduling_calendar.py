"""Closed days: what is proposed, in which order, and what each day would mean (B22)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduling import catalog
from scheduling.core.calendar import Candidate, ClosedDays, LastDose, last_dose_of, on_closed_days, propose
from scheduling.core.expansion import expand

EASTER_MONDAY = date(2026, 4, 6)
CLOSED = ClosedDays(frozenset({5, 6}), {EASTER_MONDAY: "Easter Monday", date(2026, 4, 3): "Good Friday"})


def last(regimen: str, agent: str, days_ago: int, on: date = EASTER_MONDAY) -> LastDose:
    return LastDose(catalog.regimen(regimen).agent(agent), on - timedelta(days_ago), 21)


def proposed(*last_doses: LastDose, on: date = EASTER_MONDAY, closed: ClosedDays = CLOSED) -> tuple[Candidate, ...]:
    return propose(on, closed, catalog.window(), last_doses)


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
