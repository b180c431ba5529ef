"""When the next LVEF assessment is due, and why. Overdue is computed here from results, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import add_days, add_months, in_words
from her2tracker.lib.sources import Citation
from monitoring.core.intervals import Interval
from monitoring.core.protocol import FollowUp, OnTreatment, Protocol, Setting, Surveillance, WhileHeld
from monitoring.core.result import Dysfunction


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

    @property
    def in_words(self) -> str:
        """Fit to follow "echo"."""
        return _IN_WORDS.get(self, self.value)


_IN_WORDS = {
    Occasion.BASELINE: "before the first dose",
    Occasion.ON_TREATMENT: "on treatment",
    Occasion.WHILE_HELD: "while on hold",
    Occasion.REPEAT: "to repeat the last one",
    Occasion.COMPLETION: "at completion",
    Occasion.FOLLOW_UP: "after treatment",
}


@dataclass(frozen=True, slots=True)
class RepeatAsked:
    """A decision to repeat the LVEF by a date. Any result after `asked_on` fulfils it."""

    asked_on: date
    by: date


@dataclass(frozen=True, slots=True)
class Facts:
    """The dated facts of one plan. `results` may hold the baseline and need no order.

    `dysfunction` is None while nobody has graded the latest result: that is not the same as none.
    """

    first_given_on: date | None
    last_given_on: date | None
    completed_on: date | None
    results: tuple[date, ...]
    held_since: date | None = None
    repeat_asked: RepeatAsked | None = None
    setting: Setting | None = None
    dysfunction: Dysfunction | None = None
    interval: Interval | None = None

    @property
    def last_result(self) -> date | None:
        return max(self.results, default=None)


@dataclass(frozen=True, slots=True)
class Window:
    """The next assessment: opens, is due, and from `overdue_on` counts as overdue. Dates are None when none is due.

    A result from `answered_from` on answers it, though the window may open later.
    """

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
    answered_from: date | None = None

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
    setting: Setting | str | None = None,
    dysfunction: Dysfunction | None = None,
    interval: Interval | None = None,
) -> Window:
    """The soonest assessment any of these protocols asks for; `others` holds what the rest ask, soonest first.

    `setting` and `dysfunction` (of the latest result) matter where a source asks more, or less, of some
    patients; `interval` can only bring an assessment forward. Results and facts after `today` do not
    count. Nothing is due before the first administration: that is the start rules' business. Only a
    result moves the window, never an order or a booking.
    """
    known = (*results, *([baseline_on] if baseline_on else ()))
    facts = Facts(
        _past(first_given_on, today),
        _past(last_given_on, today),
        _past(completed_on, today),
        tuple(day for day in known if day <= today),
        _past(held_since, today),
        repeat_asked,
        Setting(setting) if setting else None,
        dysfunction,
        interval,
    )
    asking = [p for p in ([protocols] if isinstance(protocols, Protocol) else protocols) if p.surveillance]
    every = (*(_window_of(p, facts, today) for p in asking), _repeat(facts, today), _by_interval(facts, today))
    found = [one for one in every if one]
    if not found:
        return _nothing(facts, asking)
    if len(found) == 1:
        return found[0]
    soonest, *others = sorted(found, key=_soonest_first)
    return replace(soonest, others=tuple(others)) if others else soonest


def answered_by(window: Window, on: date) -> tuple[Window, ...]:
    """Which of the assessments asked for a result of `on` would answer: one journey may serve several sources."""
    asked = (replace(window, others=()), *window.others)
    return tuple(one for one in asked if one.answered_from is not None and one.answered_from <= on)


def aftercare(protocol: Protocol, last_given_on: date, completed_on: date, today: date) -> tuple[Window, ...]:
    """All that this protocol asks for from the end of treatment on, answered or not."""
    if protocol.surveillance is None:
        return ()
    facts = Facts(last_given_on, last_given_on, completed_on, ())
    return tuple(_as_window(due, today, protocol) for due in _aftercare(protocol.surveillance, facts))


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
    answered_from: date


def _window_of(protocol: Protocol, facts: Facts, today: date) -> Window | None:
    if facts.first_given_on is None or protocol.surveillance is None:
        return None
    candidates = (_after_completion if facts.completed_on else _during)(protocol.surveillance, facts)
    if not candidates:
        return None
    due = min(candidates, key=lambda one: (one.due_on, one.overdue_on)) if len(candidates) > 1 else candidates[0]
    return _as_window(due, today, protocol)


def _as_window(due: _Due, today: date, protocol: Protocol | None = None) -> Window:
    state = _state(due.opens_on, due.due_on, due.overdue_on, today)
    return Window(
        due.opens_on,
        due.due_on,
        due.overdue_on,
        state,
        due.occasion,
        due.because,
        due.citation,
        protocol.id if protocol else "",
        protocol.version if protocol else 0,
        answered_from=due.answered_from,
    )


def _during(surveillance: Surveillance, facts: Facts) -> list[_Due]:
    """On treatment: from the last result; while held also from the hold; without any result, at once."""
    rule, last = surveillance.on_treatment, facts.last_result
    if last is None:
        assert facts.first_given_on is not None  # noqa: S101 - _window_of looked
        first = facts.first_given_on
        because = f"Treatment began on {in_words(first)} and no LVEF is on record."
        return [_Due(first, first, first, Occasion.BASELINE, because, rule.citation, first)]
    found = [_next(_interval_of(surveillance, facts, last), last)]
    if surveillance.with_dysfunction and facts.dysfunction not in (None, Dysfunction.NONE):
        found.append(_next(surveillance.with_dysfunction, last, ", with cardiac dysfunction"))
    if facts.held_since and surveillance.while_held:
        found.append(_held(surveillance.while_held, facts.held_since, last))
    return found


def _interval_of(surveillance: Surveillance, facts: Facts, last: date) -> OnTreatment:
    """Longer only when a source allows it for this setting, after its first months, and dysfunction is ruled out."""
    later, first = surveillance.later, facts.first_given_on
    if later is None or first is None or facts.setting not in later.settings:
        return surveillance.on_treatment
    is_late = last >= add_months(first, later.after_months)
    is_well = facts.dysfunction is Dysfunction.NONE and facts.held_since is None
    return later.on_treatment if is_late and is_well else surveillance.on_treatment


def _next(rule: OnTreatment, last: date, why: str = "") -> _Due:
    opens, due = add_days(last, rule.opens_after_days), add_days(last, rule.every_days)
    overdue = add_days(last, rule.overdue_after_days + 1)
    because = f"{rule.every_days} days after the LVEF of {in_words(last)}{why}"
    return _Due(opens, due, overdue, Occasion.ON_TREATMENT, because, rule.citation, add_days(last, 1))


def _by_interval(facts: Facts, today: date) -> Window | None:
    """What the interval set for this patient asks, while treatment lasts."""
    interval, last = facts.interval, facts.last_result
    if interval is None or last is None or facts.first_given_on is None or facts.completed_on:
        return None
    if interval.is_spent(facts.results):
        return None
    return _as_window(_next(interval.rule, last, f", {interval.name}"), today)


def _held(rule: WhileHeld, held_since: date, last: date) -> _Due:
    """While held there is no grace: the day it is due without a result is the day it is overdue."""
    start = max(held_since, last)
    since = "the hold began" if start == held_since else f"the LVEF of {in_words(last)}"
    due = add_days(start, rule.every_days)
    because = f"On hold since {in_words(held_since)}: {rule.every_days} days after {since}"
    return _Due(start, due, due, Occasion.WHILE_HELD, because, rule.citation, add_days(start, 1))


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
        citation = surveillance.at_completion
        yield _Due(last_given, facts.completed_on, late, Occasion.COMPLETION, because, citation, last_given)
    if surveillance.follow_up:
        yield from (_follow_up(surveillance.follow_up, rule, last_given, m) for m in surveillance.follow_up.months)


def _follow_up(follow_up: FollowUp, rule: OnTreatment, last_given: date, months: int) -> _Due:
    """`within` so many months leaves no grace after them, and any result since the last administration answers."""
    due = add_months(last_given, months)
    opens = add_days(due, -rule.opens_before_due_days)
    late = add_days(due, 1 if follow_up.within else rule.grace_days + 1)
    answered_from = add_days(last_given, 1) if follow_up.within else opens
    when = "Within" if follow_up.within else ""
    because = f"{when} {months} months after the last administration on {in_words(last_given)}".strip()
    return _Due(opens, due, late, Occasion.FOLLOW_UP, because, follow_up.citation, answered_from)


def _answered(due: _Due, facts: Facts) -> bool:
    return any(result >= due.answered_from for result in facts.results)


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
        answered_from=add_days(asked.asked_on, 1),
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
