"""When the next LVEF assessment is due, and why. Overdue is computed here from results, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import add_days, add_months, in_words
from her2tracker.lib.sources import Citation
from monitoring.core.protocol import Protocol, Surveillance, WhileHeld


class WindowState(StrEnum):
    NONE = "none"
    NOT_YET = "not-yet"
    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"

    @property
    def label(self) -> str:
        return {
            WindowState.NONE: "no assessment due",
            WindowState.NOT_YET: "not yet open",
            WindowState.OPEN: "can be done now",
            WindowState.DUE: "due",
            WindowState.OVERDUE: "overdue",
        }[self]


class Occasion(StrEnum):
    """What an assessment is due for."""

    BASELINE = "baseline"
    ON_TREATMENT = "on-treatment"
    WHILE_HELD = "while-held"
    REPEAT = "repeat"
    COMPLETION = "completion"
    FOLLOW_UP = "follow-up"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class RepeatAsked:
    """A decision to repeat the LVEF by a date. Any result after `asked_on` fulfils it."""

    asked_on: date
    by: date


@dataclass(frozen=True, slots=True)
class Facts:
    """The dated facts of one plan. `results` may hold the baseline and need no order."""

    first_given_on: date | None
    last_given_on: date | None
    completed_on: date | None
    results: tuple[date, ...]
    held_since: date | None = None
    repeat_asked: RepeatAsked | None = None

    @property
    def last_result(self) -> date | None:
        return max(self.results, default=None)


@dataclass(frozen=True, slots=True)
class Window:
    """The next assessment: opens, is due, and from `overdue_on` counts as overdue. Dates are None when none is due."""

    opens_on: date | None
    due_on: date | None
    overdue_on: date | None
    state: WindowState
    occasion: Occasion
    because: str
    citation: Citation | None
    protocol_id: str = ""
    version: int = 0
    others: tuple[Window, ...] = ()

    @property
    def overdue_after(self) -> date | None:
        """The last day that is not yet overdue."""
        return None if self.overdue_on is None else add_days(self.overdue_on, -1)

    @property
    def is_overdue(self) -> bool:
        return self.state is WindowState.OVERDUE


def window(
    protocols: Protocol | Iterable[Protocol],
    *,
    first_given_on: date | None,
    last_given_on: date | None,
    completed_on: date | None,
    results: Iterable[date],
    baseline_on: date | None,
    held_since: date | None,
    today: date,
    repeat_asked: RepeatAsked | None = None,
) -> Window:
    """The soonest assessment any of these protocols asks for; `others` holds what the rest ask, soonest first.

    Results and facts after `today` do not count. Nothing is due before the first administration:
    that is the start rules' business. Only a result moves the window, never an order or a booking.
    """
    known = (*results, *([baseline_on] if baseline_on else ()))
    facts = Facts(
        _past(first_given_on, today),
        _past(last_given_on, today),
        _past(completed_on, today),
        tuple(day for day in known if day <= today),
        _past(held_since, today),
        repeat_asked,
    )
    asking = [p for p in ([protocols] if isinstance(protocols, Protocol) else protocols) if p.surveillance]
    found = [one for one in (*(_window_of(p, facts, today) for p in asking), _repeat(facts, today)) if one]
    if not found:
        return _nothing(facts, asking)
    soonest, *others = sorted(found, key=_soonest_first)
    return replace(soonest, others=tuple(others))


def _soonest_first(one: Window) -> tuple[date, date, str]:
    return one.due_on or date.max, one.overdue_on or date.max, one.protocol_id


@dataclass(frozen=True, slots=True)
class _Due:
    opens_on: date
    due_on: date
    overdue_on: date
    occasion: Occasion
    because: str
    citation: Citation


def _window_of(protocol: Protocol, facts: Facts, today: date) -> Window | None:
    if facts.first_given_on is None or protocol.surveillance is None:
        return None
    candidates = (_after_completion if facts.completed_on else _during)(protocol.surveillance, facts)
    if not candidates:
        return None
    due = min(candidates, key=lambda one: (one.due_on, one.overdue_on))
    state = _state(due.opens_on, due.due_on, due.overdue_on, today)
    return Window(
        due.opens_on,
        due.due_on,
        due.overdue_on,
        state,
        due.occasion,
        due.because,
        due.citation,
        protocol.id,
        protocol.version,
    )


def _during(surveillance: Surveillance, facts: Facts) -> list[_Due]:
    """On treatment: from the last result; while held also from the hold; without any result, at once."""
    rule, last = surveillance.on_treatment, facts.last_result
    if last is None:
        assert facts.first_given_on is not None  # noqa: S101 - _window_of looked
        first = facts.first_given_on
        because = f"Treatment began on {in_words(first)} and no LVEF is on record."
        return [_Due(first, first, first, Occasion.BASELINE, because, rule.citation)]
    because = f"{rule.every_days} days after the LVEF of {in_words(last)}"
    opens, due, overdue = (
        add_days(last, days) for days in (rule.opens_after_days, rule.every_days, rule.overdue_after_days + 1)
    )
    found = [_Due(opens, due, overdue, Occasion.ON_TREATMENT, because, rule.citation)]
    if facts.held_since and surveillance.while_held:
        found.append(_held(surveillance.while_held, facts.held_since, last))
    return found


def _held(rule: WhileHeld, held_since: date, last: date) -> _Due:
    """While held there is no grace: the day it is due without a result is the day it is overdue."""
    start = max(held_since, last)
    since = "the hold began" if start == held_since else f"the LVEF of {in_words(last)}"
    due = add_days(start, rule.every_days)
    because = f"On hold since {in_words(held_since)}: {rule.every_days} days after {since}"
    return _Due(start, due, due, Occasion.WHILE_HELD, because, rule.citation)


def _after_completion(surveillance: Surveillance, facts: Facts) -> list[_Due]:
    """The first of completion and follow-up that no result has answered. One result may answer several."""
    unanswered = (due for due in _aftercare(surveillance, facts) if not _answered(due, facts))
    return [due] if (due := next(unanswered, None)) else []


def _aftercare(surveillance: Surveillance, facts: Facts) -> Iterable[_Due]:
    assert facts.completed_on is not None  # noqa: S101 - _window_of looked
    last_given = facts.last_given_on or facts.completed_on
    rule = surveillance.on_treatment
    if surveillance.at_completion:
        because = f"At completion of treatment, {in_words(facts.completed_on)}"
        late = add_days(facts.completed_on, rule.grace_days + 1)
        yield _Due(last_given, facts.completed_on, late, Occasion.COMPLETION, because, surveillance.at_completion)
    for months in surveillance.follow_up.months if surveillance.follow_up else ():
        assert surveillance.follow_up is not None  # noqa: S101
        due = add_months(last_given, months)
        opens, late = add_days(due, -rule.opens_before_due_days), add_days(due, rule.grace_days + 1)
        because = f"{months} months after the last administration on {in_words(last_given)}"
        yield _Due(opens, due, late, Occasion.FOLLOW_UP, because, surveillance.follow_up.citation)


def _answered(due: _Due, facts: Facts) -> bool:
    return any(result >= due.opens_on for result in facts.results)


def _repeat(facts: Facts, today: date) -> Window | None:
    asked = facts.repeat_asked
    if asked is None or any(result > asked.asked_on for result in facts.results):
        return None
    overdue = add_days(asked.by, 1)
    return Window(
        asked.asked_on,
        asked.by,
        overdue,
        _state(asked.asked_on, asked.by, overdue, today),
        Occasion.REPEAT,
        f"A repeat by {in_words(asked.by)} was decided on {in_words(asked.asked_on)}",
        None,
    )


def _state(opens_on: date, due_on: date, overdue_on: date, today: date) -> WindowState:
    if today >= overdue_on:
        return WindowState.OVERDUE
    if today >= due_on:
        return WindowState.DUE
    return WindowState.OPEN if today >= opens_on else WindowState.NOT_YET


def _nothing(facts: Facts, asking: list[Protocol]) -> Window:
    if not asking:
        because = "No cardiac protocol of this plan asks for surveillance."
    else:
        because = "Treatment has not begun." if facts.first_given_on is None else "Surveillance has ended."
    return Window(None, None, None, WindowState.NONE, Occasion.NOTHING, because, None)


def _past(day: date | None, today: date) -> date | None:
    return day if day is not None and day <= today else None
