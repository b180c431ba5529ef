"""A hold's clocks in words: days on hold, when to look again, the limit, how many holds, and each agent's re-load."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.dates import add_days, days_between, in_words
from her2tracker.lib.sources import Citation
from monitoring.core.holds import HoldState, Resumption
from monitoring.core.protocol import Protocol, StopClock


class Clock(StrEnum):
    MINIMUM = "minimum"
    RECHECK = "recheck"
    LIMIT = "limit"
    COUNT = "count"
    RELOAD = "reload"


class Stage(StrEnum):
    """Where a hold stands on its way from a suspicion to a decision."""

    HELD = "held"
    REPEAT_DUE = "repeat-due"
    DECIDE = "decide"

    @property
    def label(self) -> str:
        return {
            Stage.HELD: "On hold",
            Stage.REPEAT_DUE: "Repeat LVEF due",
            Stage.DECIDE: "Decide: resume, continue with cardiology, or discontinue",
        }[self]


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day on which an agent goes on without loading again, by its gap rule; None: it never re-loads."""

    agent: str
    on: date | None
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One clock. `days_left` is negative once `on` has passed; both are None where no day counts."""

    clock: Clock
    sentence: str
    citation: Citation | None
    on: date | None = None
    days_left: int | None = None

    @property
    def has_passed(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def is_late(self) -> bool:
        """A day that must not pass undone: there is no grace for a repeat, and none after the limit."""
        if self.days_left is None:
            return False
        return self.days_left <= 0 if self.clock is Clock.RECHECK else self.clock is Clock.LIMIT and self.has_passed


@dataclass(frozen=True, slots=True)
class HoldClock:
    """`day` counts from 0 on the day the hold began; `lines` come in the order a clinician asks for them."""

    day: int
    since: date
    lines: tuple[Line, ...]
    stage: Stage = Stage.HELD

    @property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(Stage)

    @property
    def next_line(self) -> Line | None:
        """What is waited for: the repeat, else the limit; what a banner has room for."""
        found = {line.clock: line for line in self.lines}
        return found.get(Clock.RECHECK) or found.get(Clock.LIMIT)

    @property
    def sentence(self) -> str:
        """`On hold since Mon 2 Feb 2026, day 12. 8-week limit Fri 27 Mar 2026, 44 days left. …`."""
        begins = f"On hold since {in_words(self.since)}, day {self.day}."
        return " ".join([begins, *(f"{line.sentence}." for line in self.lines)])


def clock(
    protocols: Iterable[Protocol],
    states: Iterable[HoldState],
    *,
    began_on: date,
    because_of_on: date | None,
    holds: int,
    last_days: Iterable[LastDay],
    today: date,
) -> HoldClock:
    """All clocks of an open hold; of protocols that differ, the strictest day: the latest that must be waited
    for, the soonest that must not be passed.

    `because_of_on` is the day of the LVEF that led to the hold, from which its limit runs (the hold's own
    first day when none is known), `holds` counts this one, `last_days` come from scheduling's gap rules.
    """
    stops = [stop for one in protocols if one.hold for stop in one.hold.stop]
    told = list(states)
    repeats = [_line(Clock.RECHECK, "Repeat LVEF due", s.recheck_by, today, s.citation) for s in told if s.recheck_by]
    waits = [
        _line(Clock.MINIMUM, "Not to be resumed before", s.not_before, today, s.citation) for s in told if s.not_before
    ]
    limits = [_limit(stop, because_of_on or began_on, today) for stop in stops if stop.persistent_days]
    counts = {line.sentence: line for line in (_count(stop, holds) for stop in stops if stop.holds)}
    strictest = (
        max(waits, key=_left, default=None),
        *(min(some, key=_left, default=None) for some in (repeats, limits)),
    )
    lines = [line for line in strictest if line is not None]
    lines += [*counts.values(), *(_reload(one, today) for one in last_days)]
    return HoldClock(days_between(began_on, today), began_on, tuple(lines), _stage(told, lines))


def _stage(states: Iterable[HoldState], lines: Iterable[Line]) -> Stage:
    if any(state.stops or state.resumption is not Resumption.NO_RESULT for state in states):
        return Stage.DECIDE
    return Stage.REPEAT_DUE if any(line.is_late for line in lines) else Stage.HELD


def _left(line: Line) -> int:
    return line.days_left or 0


def left_in_words(days: int) -> str:
    """`12 days left`, `today`, `3 days ago`."""
    if days == 0:
        return "today"
    noun = "day" if abs(days) == 1 else "days"
    return f"{days} {noun} left" if days > 0 else f"{-days} {noun} ago"


def _line(kind: Clock, words: str, on: date, today: date, citation: Citation | None) -> Line:
    left = days_between(today, on)
    return Line(kind, f"{words} {in_words(on)}, {left_in_words(left)}", citation, on, left)


def _first(bounds: Bounds) -> int:
    """The smallest whole number the bounds hold."""
    start = int(min(bounds.figures()))
    return next(n for n in range(start, start + 2) if bounds.hold(n))


def _limit(stop: StopClock, since: date, today: date) -> Line:
    """The last day before a fall counts as persistent."""
    assert stop.persistent_days is not None  # noqa: S101 - the caller looked
    days = _first(stop.persistent_days) - 1
    name = f"{days // 7}-week limit" if days % 7 == 0 else f"{days}-day limit"
    return _line(Clock.LIMIT, name, add_days(since, days), today, stop.citation)


def _count(stop: StopClock, holds: int) -> Line:
    assert stop.holds is not None  # noqa: S101 - the caller looked
    fatal = _first(stop.holds)
    after = "discontinuing is advised" if stop.holds.hold(holds) else f"number {fatal} advises discontinuing"
    return Line(Clock.COUNT, f"Hold number {holds} for the heart: {after}", stop.citation)


def _reload(one: LastDay, today: date) -> Line:
    if one.on is None:
        return Line(Clock.RELOAD, f"{one.agent} never loads again, however long the hold", one.citation)
    left = days_between(today, one.on)
    if left < 0:
        words = f"{one.agent} loads again: the last day without was"
        return Line(Clock.RELOAD, f"{words} {in_words(one.on)}", one.citation, one.on, left)
    return _line(Clock.RELOAD, f"{one.agent}: last day without loading again", one.on, today, one.citation)
