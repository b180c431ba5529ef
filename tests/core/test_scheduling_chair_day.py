"""The day by chair: a proposal keeps every rule and is never worse than first come, first served."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.core import chair_proposal
from scheduling.core.chair_day import (
    ChairDay,
    Measure,
    Place,
    Stay,
    clock,
    faults,
    first_come,
    measure,
    openings,
    spread,
)
from scheduling.core.chair_proposal import propose

EIGHT, NOON, FOUR = 8 * 60, 12 * 60, 16 * 60


def day(*stays: Stay, chairs: int = 2, taken: tuple[Place, ...] = (), closes: int = FOUR) -> ChairDay:
    return ChairDay(EIGHT, closes, tuple(f"c{number}" for number in range(chairs)), stays, taken)


def test_first_come_takes_the_earliest_start_in_the_first_free_chair() -> None:
    placed = first_come(day(Stay("a", 60), Stay("b", 60), Stay("c", 60)))
    assert placed == (Place("a", "c0", EIGHT, 60), Place("b", "c1", EIGHT, 60), Place("c", "c0", 540, 60))


def test_a_stay_that_ends_at_closing_fits_and_one_minute_more_does_not() -> None:
    assert [one.begins for one in openings(day(closes=540, chairs=1), Stay("a", 60))] == [EIGHT]
    assert list(openings(day(closes=540, chairs=1), Stay("a", 61))) == []


def test_a_stay_may_begin_the_minute_another_ends() -> None:
    stands = Place("x", "c0", EIGHT, 60)
    full = day(chairs=1, taken=(stands,), closes=600)
    assert [one.begins for one in openings(full, Stay("a", 60))] == [540]
    assert faults(day(Stay("a", 60), chairs=1, taken=(stands,)), [Place("a", "c0", 539, 60)])
    assert not faults(day(Stay("a", 60), chairs=1, taken=(stands,)), [Place("a", "c0", 540, 60)])


def test_wishes_hold_to_the_minute() -> None:
    stay = Stay("a", 60, not_before=9 * 60, leave_by=11 * 60)
    assert [clock(one.begins) for one in openings(day(stay, chairs=1), stay)] == [
        "09:00", "09:15", "09:30", "09:45", "10:00",
    ]  # fmt: skip
    assert faults(day(stay), [Place("a", "c0", 539, 60)]) == ("08:59 is too early.",)
    assert faults(day(stay), [Place("a", "c0", 601, 60)]) == ("11:01 is too late to leave.",)


def test_everything_wrong_with_a_seating_is_said() -> None:
    one = day(Stay("a", 60), Stay("b", 60))
    wrong = [Place("a", "c0", 540, 60), Place("a", "c9", 480, 30), Place("z", "c1", 480, 60), Place("b", "c0", 555, 60)]
    assert set(faults(one, wrong)) == {
        "Chair c9 is not in use on this day.",
        "30 minutes are not the 60 this stay needs.",
        "Somebody is placed who asks for no chair on this day.",
        "Somebody is given two chairs.",
        "Chair c0 is taken twice from 09:15.",
    }


def test_what_stands_weighs_on_the_peak() -> None:
    stands = Place("x", "c0", EIGHT, 60)
    assert measure(day(Stay("a", 60), taken=(stands,)), [Place("a", "c1", EIGHT + 29, 60)]).peak == 2
    assert measure(day(Stay("a", 60), taken=(stands,)), [Place("a", "c1", EIGHT + 30, 60)]).peak == 1


def test_spreading_makes_a_flatter_day_than_the_queue() -> None:
    full = day(*(Stay(f"s{number}", 30) for number in range(8)), chairs=8)
    assert measure(full, first_come(full)).peak == 8
    assert measure(full, spread(full)).peak == 1


def test_the_optimiser_flattens_the_day_and_proves_it() -> None:
    pytest.importorskip("ortools")
    full = day(*(Stay(f"s{number}", 90) for number in range(8)), chairs=4, closes=NOON)
    found = propose(full)
    # eight starts in five half hours that leave ninety minutes: at best two in one of them
    assert (found.measure.unplaced, found.measure.peak, found.queue.peak) == (0, 2, 4)
    assert (found.way, found.is_best) == ("optimiser", True)


def test_the_same_day_is_answered_the_same() -> None:
    full = day(*(Stay(f"s{number}", 30 + 15 * (number % 5)) for number in range(12)), chairs=4)
    assert propose(full) == propose(full)


def test_without_the_optimiser_the_plain_ways_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chair_proposal, "has_optimiser", lambda: False)
    full = day(*(Stay(f"s{number}", 90) for number in range(8)), chairs=4)
    found = propose(full)
    assert found.way == "spread"
    assert found.measure < found.queue


def test_a_day_without_chairs_or_without_stays_is_answered() -> None:
    assert propose(day()).measure == Measure(0, 0, 0)
    assert propose(day(Stay("a", 60), chairs=0)).left_out == 1


def test_a_full_day_says_how_many_are_left_out() -> None:
    found = propose(day(Stay("a", 240), Stay("b", 240), Stay("c", 240), chairs=1))
    assert (len(found.places), found.left_out) == (2, 1)


STAYS = st.builds(
    lambda minutes, start, length, acuity: (minutes, EIGHT + start * 15, length * 15, acuity),
    st.integers(1, 300), st.integers(-4, 30), st.integers(0, 40), st.integers(1, 4),
)  # fmt: skip


@st.composite
def days(draw: st.DrawFn) -> ChairDay:
    chairs = draw(st.integers(0, 4))
    taken = [
        Place(f"t{number}", f"c{number}", EIGHT + draw(st.integers(0, 400)), draw(st.integers(1, 200)))
        for number in range(chairs)
        if draw(st.booleans())
    ]
    stays = [
        Stay(f"s{number}", minutes, begins, begins + length, acuity)
        for number, (minutes, begins, length, acuity) in enumerate(draw(st.lists(STAYS, max_size=9)))
    ]
    return ChairDay(
        EIGHT, draw(st.integers(EIGHT, FOUR)), tuple(f"c{n}" for n in range(chairs)), tuple(stays), tuple(taken)
    )


@given(days())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_proposal_breaks_no_rule_and_is_never_worse_than_the_queue(one: ChairDay) -> None:
    found = propose(one, seconds=0.5)
    assert found.measure <= found.queue
    minute_by_minute(one, found.places)
    assert found.measure.unplaced == len(one.stays) - len(found.places)


def minute_by_minute(one: ChairDay, placed: tuple[Place, ...]) -> None:
    """Written without the code's own arithmetic: every minute of every chair is coloured once."""
    wanted = {stay.key: stay for stay in one.stays}
    assert len({place.key for place in placed}) == len(placed)
    coloured: dict[tuple[str, int], str] = {
        (place.chair, minute): place.key
        for place in one.taken
        for minute in range(place.begins, place.begins + place.minutes)
    }
    for place in placed:
        stay = wanted[place.key]
        assert place.minutes == stay.minutes
        assert place.chair in one.chairs
        for minute in range(place.begins, place.begins + stay.minutes):
            assert one.opens <= minute < one.closes
            assert stay.not_before <= minute < stay.leave_by
            assert (place.chair, minute) not in coloured
            coloured[place.chair, minute] = place.key
