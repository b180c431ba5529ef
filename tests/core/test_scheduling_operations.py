"""Weeks counted by hand: starts, chairs, what fell out, what was delivered; and how full a day is."""

from __future__ import annotations

from datetime import date

from scheduling.core.capacity import Load, fullness
from scheduling.core.chair_day import ChairDay, Place, Stay
from scheduling.core.operations import ChairMinutes, FellOut, GivenVisit, monday_of, weeks

MON, TUE, NEXT = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 12)
NINE = 9 * 60


def test_two_weeks_counted_by_hand():
    first, second = weeks(
        MON,
        date(2026, 1, 18),
        given=[
            GivenVisit(MON, NINE, NINE + 15, NINE + 105),  # on time to the minute, 90 minutes
            GivenVisit(MON, NINE, NINE + 16, NINE + 46),  # a minute late, 30 minutes
            GivenVisit(TUE, NINE, NINE - 30, None),  # early is on time; its stop is not on record
            GivenVisit(TUE, None, NINE, NINE + 30),  # no hour: nothing can be said of its start
        ],
        fell_out=[FellOut(MON, "hold"), FellOut(TUE, "did not attend"), FellOut(date(2026, 1, 11), "hold")],
        undecided=[TUE],
        chairs=[ChairMinutes(MON, 1000, 400), ChairMinutes(TUE, 1000, 100), ChairMinutes(NEXT, 500, 0)],
        tolerance=15,
    )
    assert (first.planned, first.delivered, first.cancelled, first.undecided) == (8, 4, 3, 1)
    assert first.fell_out == {"hold": 2, "did not attend": 1}
    assert (first.timed, first.on_time, first.untimed, first.on_time_percent) == (3, 2, 1, 67)
    assert (first.open_minutes, first.booked_minutes, first.used_minutes, first.used_unknown) == (2000, 500, 150, 1)
    assert (first.booked_percent, first.used_percent, first.delivered_percent) == (25, 8, 50)
    assert (second.monday, second.is_empty, second.on_time_percent) == (NEXT, True, None)
    assert second.open_minutes == 500  # a week without infusions still had chairs


def test_sunday_belongs_to_the_week_that_began_on_monday():
    assert monday_of(date(2026, 1, 11)) == MON
    [only] = weeks(
        date(2026, 1, 11), date(2026, 1, 11), given=[], fell_out=[], undecided=[], chairs=[], tolerance=0
    )  # fmt: skip
    assert (only.monday, only.sunday) == (MON, date(2026, 1, 11))


def day(stays: list[Stay], taken: tuple[Place, ...] = ()) -> ChairDay:
    """Two chairs from 08:00 to 12:00: 480 minutes."""
    return ChairDay(480, 720, ("1", "2"), tuple(stays), taken)


def test_a_day_is_full_when_its_minutes_are_asked_for_or_somebody_finds_no_chair():
    assert fullness(day([]), is_open=True).load is Load.ROOM
    assert fullness(day([Stay("a", 240)]), is_open=True).percent == 50
    assert fullness(day([Stay("a", 240), Stay("b", 180)]), is_open=True).load is Load.NEARLY_FULL  # 420 of 480: 87.5 %
    assert fullness(day([Stay("a", 240), Stay("b", 165)]), is_open=True).load is Load.ROOM  # 405 of 480: 84.4 %
    assert fullness(day([Stay("a", 240), Stay("b", 240)]), is_open=True).load is Load.FULL
    squeezed = fullness(day([Stay("a", 130), Stay("b", 130), Stay("c", 130)]), is_open=True)
    assert (squeezed.percent, squeezed.left_out, squeezed.load) == (81, 1, Load.FULL)  # minutes remain, no chair does
    assert fullness(day([Stay("a", 240)]), is_open=False).load is Load.CLOSED


def test_hours_gone_by_were_chair_time_too():
    taken = (Place("a", "1", 480, 120),)
    rest = ChairDay(660, 720, ("1", "2"), (), taken)  # at 11:00 an hour is left of the day
    assert fullness(rest, is_open=True).load is Load.FULL
    found = fullness(rest, is_open=True, opens=480)
    assert (found.percent, found.load, found.hours[0]) == (25, Load.ROOM, (8, 1))


def test_an_hour_shows_the_most_chairs_in_use_at_one_moment():
    taken = (Place("a", "1", 480, 75), Place("b", "2", 540, 30))
    found = fullness(day([], taken), is_open=True)
    assert found.hours == ((8, 1), (9, 2), (10, 0), (11, 0))
    assert (found.booked, found.asked) == (105, 105)
