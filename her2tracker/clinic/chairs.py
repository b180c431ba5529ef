"""Chairs in use by hour of one day, for the picture above the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

_LEFT, _TOP, _BAR, _GAP, _BASE = 8, 18, 34, 8, 66


@dataclass(frozen=True, slots=True)
class Stay:
    """Minutes after midnight: from the start until the patient may leave."""

    begins: int
    ends: int

    @classmethod
    def of(cls, starts_at: time, chair_minutes: int) -> Stay:
        begins = starts_at.hour * 60 + starts_at.minute
        return cls(begins, begins + max(chair_minutes, 1))


@dataclass(frozen=True, slots=True)
class Hour:
    """`chairs` is the most in use at one moment of the hour; the rest places its bar in the drawing."""

    hour: int
    chairs: int
    is_peak: bool
    x: int
    y: int
    height: int

    @property
    def label(self) -> str:
        return f"{self.hour:02d}"

    @property
    def middle(self) -> int:
        return self.x + _BAR // 2


@dataclass(frozen=True, slots=True)
class Chairs:
    hours: tuple[Hour, ...]
    peak: int
    width: int
    height: int = _BASE + 20
    base: int = _BASE
    bar: int = _BAR

    @property
    def description(self) -> str:
        at = ", ".join(f"{hour.label}:00" for hour in self.hours if hour.is_peak)
        return f"At most {self.peak} at once, in the hour from {at}."


def by_hour(stays: Iterable[Stay]) -> Chairs | None:
    """The day's hours from the first start to the last end; None when no start is known."""
    known = list(stays)
    if not known:
        return None
    first = min(stay.begins for stay in known) // 60
    # who stays past midnight leaves with the last hour of this day
    last = min(max(stay.ends - 1 for stay in known) // 60, 23)
    counts = {hour: _most_at_once(known, hour) for hour in range(first, last + 1)}
    peak = max(counts.values())
    hours = tuple(_hour(index, hour, count, peak) for index, (hour, count) in enumerate(counts.items()))
    return Chairs(hours, peak, _LEFT * 2 + len(hours) * (_BAR + _GAP) - _GAP)


def _most_at_once(stays: list[Stay], hour: int) -> int:
    begins, ends = hour * 60, hour * 60 + 60
    # the number in use only grows when somebody sits down
    moments = [begins, *(stay.begins for stay in stays if begins <= stay.begins < ends)]
    return max(sum(stay.begins <= moment < stay.ends for stay in stays) for moment in moments)


def _hour(index: int, hour: int, count: int, peak: int) -> Hour:
    height = round((_BASE - _TOP) * count / peak)
    return Hour(hour, count, count == peak, _LEFT + index * (_BAR + _GAP), _BASE - height, height)
