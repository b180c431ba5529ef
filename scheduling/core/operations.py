"""How a clinic's weeks went: starts on time, chair minutes, what fell out on its own day, delivered of planned.

Minutes are counted after the site's midnight, days are the site's calendar days. No figure here is clinical.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GivenVisit:
    """An infusion on the day it was given: the hour it was planned for, and when its first drug ran and its last
    ended. None where that is not on record."""

    on: date
    hour: int | None = None
    started: int | None = None
    stopped: int | None = None

    @property
    def is_timed(self) -> bool:
        return self.hour is not None and self.started is not None

    def is_on_time(self, tolerance: int) -> bool:
        """Early is on time. Asked of timed ones only."""
        return self.is_timed and self.started <= self.hour + tolerance  # type: ignore[operator]

    @property
    def used(self) -> int | None:
        """Minutes from the first start to the last stop."""
        if self.started is None or self.stopped is None or self.stopped < self.started:
            return None
        return self.stopped - self.started


@dataclass(frozen=True, slots=True)
class FellOut:
    """An infusion that stood on a day when the day began and was taken off it on the day itself, and why."""

    on: date
    because: str


@dataclass(frozen=True, slots=True)
class ChairMinutes:
    """A day's chairs: minutes they were open, minutes booked when the day began."""

    on: date
    open: int
    booked: int


@dataclass(frozen=True, slots=True)
class Week:
    """`monday` to Sunday. Planned is what stood when each day began; delivered is what of it went in."""

    monday: date
    delivered: int = 0
    undecided: int = 0
    fell_out: dict[str, int] = field(default_factory=dict)
    timed: int = 0
    on_time: int = 0
    open_minutes: int = 0
    booked_minutes: int = 0
    used_minutes: int = 0
    used_unknown: int = 0

    @property
    def sunday(self) -> date:
        return self.monday + WEEK - timedelta(days=1)

    @property
    def cancelled(self) -> int:
        return sum(self.fell_out.values())

    @property
    def planned(self) -> int:
        return self.delivered + self.cancelled + self.undecided

    @property
    def untimed(self) -> int:
        """Given without an hour or without a recorded start: nothing can be said of them."""
        return self.delivered - self.timed

    @property
    def is_empty(self) -> bool:
        return self.planned == 0

    @property
    def on_time_percent(self) -> int | None:
        return percent(self.on_time, self.timed)

    @property
    def delivered_percent(self) -> int | None:
        return percent(self.delivered, self.planned)

    @property
    def booked_percent(self) -> int | None:
        return percent(self.booked_minutes, self.open_minutes)

    @property
    def used_percent(self) -> int | None:
        return percent(self.used_minutes, self.open_minutes)


def percent(part: int, whole: int) -> int | None:
    """None where there is nothing to divide by: 0 % would say that all failed."""
    return round(100 * part / whole) if whole else None


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks(
    first: date,
    last: date,
    *,
    given: Sequence[GivenVisit],
    fell_out: Sequence[FellOut],
    undecided: Sequence[date],
    chairs: Sequence[ChairMinutes],
    tolerance: int,
) -> tuple[Week, ...]:
    """Every week from that of `first` to that of `last`, the empty ones too."""
    mondays = [monday_of(first)]
    while mondays[-1] + WEEK <= last:
        mondays.append(mondays[-1] + WEEK)
    return tuple(_week(monday, given, fell_out, undecided, chairs, tolerance) for monday in mondays)


def _week(
    monday: date,
    given: Iterable[GivenVisit],
    fell_out: Iterable[FellOut],
    undecided: Iterable[date],
    chairs: Iterable[ChairMinutes],
    tolerance: int,
) -> Week:
    mine = [one for one in given if monday_of(one.on) == monday]
    out = Counter(one.because for one in fell_out if monday_of(one.on) == monday)
    days = [one for one in chairs if monday_of(one.on) == monday]
    used = [one.used for one in mine]
    return Week(
        monday,
        delivered=len(mine),
        undecided=sum(monday_of(on) == monday for on in undecided),
        fell_out=dict(sorted(out.items(), key=lambda pair: (-pair[1], pair[0]))),
        timed=sum(one.is_timed for one in mine),
        on_time=sum(one.is_on_time(tolerance) for one in mine),
        open_minutes=sum(one.open for one in days),
        booked_minutes=sum(one.booked for one in days),
        used_minutes=sum(minutes for minutes in used if minutes is not None),
        used_unknown=sum(minutes is None for minutes in used),
    )
