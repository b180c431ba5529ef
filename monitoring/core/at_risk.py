"""Which coming infusions lack a valid LVEF on their day, weeks before, while an echo can still be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import add_days, in_words
from monitoring.core.protocol import OnTreatment
from monitoring.core.surveillance import Window


class Outlook(StrEnum):
    SAFE = "safe"
    BOOKED = "booked"
    AHEAD = "ahead"
    AT_RISK = "at-risk"
    TOO_LATE = "too-late"

    @property
    def label(self) -> str:
        return {
            Outlook.SAFE: "LVEF valid",
            Outlook.BOOKED: "echo booked in time",
            Outlook.AHEAD: "needs an echo, not yet time to ask",
            Outlook.AT_RISK: "at risk: no echo booked",
            Outlook.TOO_LATE: "at risk: too late for an ordinary echo",
        }[self]

    @property
    def needs_hands(self) -> bool:
        return self in (Outlook.AT_RISK, Outlook.TOO_LATE)

    @property
    def shape(self) -> str:
        """State is never colour alone: circle for what is safe, triangle for what needs somebody."""
        return "▲" if self.needs_hands else "●"


@dataclass(frozen=True, slots=True)
class Lab:
    """How many days the echo lab lets one wait, and how many until its result is on record."""

    lead_days: int
    result_days: int = 0


@dataclass(frozen=True, slots=True)
class Infusion:
    """A planned administration day. `key` is its stable name."""

    key: str
    on: date


@dataclass(frozen=True, slots=True)
class Cover:
    """What an LVEF is good for: the next is due on `due_on`, and `valid_until` is the last day it still counts."""

    due_on: date
    valid_until: date

    @classmethod
    def of_window(cls, window: Window) -> Cover | None:
        """From the window that surveillance asks for; None when there is no LVEF to count from, or none is due."""
        if window.due_on is None or window.overdue_on is None:
            return None
        return cls(window.due_on, add_days(window.overdue_on, -1))

    @classmethod
    def of_result(cls, performed_on: date, rule: OnTreatment) -> Cover:
        """From the day of an LVEF, where no window asks for the next one yet."""
        return cls(add_days(performed_on, rule.every_days), add_days(performed_on, rule.overdue_after_days))


@dataclass(frozen=True, slots=True)
class CycleOutlook:
    """`last_useful` is the last day on which an echo still helps this infusion, `ask_by` the last to ask the lab.

    Both are None when nothing is needed. `earliest` is about when the lab could do an echo asked for today.
    """

    infusion: Infusion
    state: Outlook
    sentence: str
    earliest: date
    ask_by: date | None = None
    last_useful: date | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """A day for the echo on which, or next to which, the patient comes for an infusion anyway."""

    on: date
    infusion: Infusion

    @property
    def is_same_day(self) -> bool:
        return self.on == self.infusion.on

    @property
    def sentence(self) -> str:
        if self.is_same_day:
            return f"{in_words(self.on)}, the day of the infusion"
        side = "before" if self.on < self.infusion.on else "after"
        return f"{in_words(self.on)}, the day {side} the infusion of {in_words(self.infusion.on)}"


@dataclass(frozen=True, slots=True)
class _Span:
    """Days on which an LVEF counts, had or hoped for, and when the one after it is due."""

    starts: date
    ends: date
    due_on: date
    booked_for: date | None = None
    is_hoped: bool = False


def outlooks(
    infusions: Iterable[Infusion],
    *,
    cover: Cover | None,
    rule: OnTreatment,
    bookings: Iterable[date],
    lab: Lab,
    today: date,
) -> tuple[CycleOutlook, ...]:
    """Each infusion from `today` on, in order. `cover` is None while there is no LVEF at all.

    `bookings` are appointments without a result yet; one whose result is late counts no longer. Infusions
    that one echo would save together share its due date; later ones wait for the echo after it.
    """
    spans = [_Span(date.min, cover.valid_until, cover.due_on)] if cover else []
    spans += [_booked(day, rule, lab) for day in sorted(bookings) if add_days(day, lab.result_days) >= today]
    found = []
    for infusion in sorted((one for one in infusions if one.on >= today), key=lambda one: (one.on, one.key)):
        covering = [span for span in spans if span.starts <= infusion.on <= span.ends]
        sure = next((span for span in covering if not span.is_hoped), None)
        if sure is not None:
            found.append(_covered(infusion, sure, lab, today))
            continue
        if not covering:
            spans.append(_hoped(infusion, spans, rule, lab))
            covering = spans[-1:]
        found.append(_uncovered(infusion, covering[0], lab, today))
    return tuple(found)


def first_at_risk(found: Iterable[CycleOutlook]) -> CycleOutlook | None:
    """The soonest one that needs somebody's hands: the coordinator's task."""
    return next((one for one in found if one.state.needs_hands), None)


def pairings(
    saving: CycleOutlook,
    infusions: Iterable[Infusion],
    *,
    opens_on: date | None = None,
    is_open: Callable[[date], bool] = lambda _: True,
) -> tuple[Pairing, ...]:
    """Days for the echo that save `saving` and spare a journey: with an infusion, or the day before or after one.

    Only days the lab can reach and, when given, not before the window opens nor on a day it is closed.
    """
    if saving.last_useful is None:
        return ()
    earliest = max(saving.earliest, opens_on) if opens_on else saving.earliest
    found: dict[date, Pairing] = {}
    for shift in (0, -1, 1):
        for infusion in infusions:
            day = add_days(infusion.on, shift)
            if earliest <= day <= saving.last_useful and is_open(day):
                found.setdefault(day, Pairing(day, infusion))
    return tuple(found[day] for day in sorted(found))


def _booked(day: date, rule: OnTreatment, lab: Lab) -> _Span:
    due, ends = add_days(day, rule.every_days), add_days(day, rule.overdue_after_days)
    return _Span(add_days(day, lab.result_days), ends, due, booked_for=day)


def _hoped(infusion: Infusion, spans: list[_Span], rule: OnTreatment, lab: Lab) -> _Span:
    """The echo this infusion waits for: on its due day, or sooner when the infusion comes first."""
    last_useful = add_days(infusion.on, -lab.result_days)
    due = max((span.due_on for span in spans if span.starts <= infusion.on), default=last_useful)
    on = min(due, last_useful)
    return _Span(infusion.on, add_days(on, rule.overdue_after_days), add_days(on, rule.every_days), on, is_hoped=True)


def _covered(infusion: Infusion, span: _Span, lab: Lab, today: date) -> CycleOutlook:
    earliest = add_days(today, lab.lead_days)
    if span.booked_for is None:
        return CycleOutlook(infusion, Outlook.SAFE, f"The LVEF on record counts until {in_words(span.ends)}", earliest)
    sentence = f"Depends on the echo booked for {in_words(span.booked_for)}"
    return CycleOutlook(infusion, Outlook.BOOKED, sentence, earliest)


def _uncovered(infusion: Infusion, echo: _Span, lab: Lab, today: date) -> CycleOutlook:
    assert echo.booked_for is not None  # noqa: S101 - the day it is hoped for
    last_useful, earliest = add_days(infusion.on, -lab.result_days), add_days(today, lab.lead_days)
    ask_by = add_days(min(echo.booked_for, last_useful), -lab.lead_days)
    if earliest > last_useful:
        state = Outlook.TOO_LATE
        sentence = (
            f"An echo asked for today is done about {in_words(earliest)}, after {in_words(last_useful)}: "
            "ask for an urgent one, or move the infusion"
        )
    elif today >= ask_by:
        state = Outlook.AT_RISK
        sentence = f"No echo booked in time: one by {in_words(last_useful)} saves this infusion"
    else:
        state = Outlook.AHEAD
        sentence = f"Needs an echo by {in_words(last_useful)}: ask the lab by {in_words(ask_by)}"
    return CycleOutlook(infusion, state, sentence, earliest, ask_by, last_useful)
