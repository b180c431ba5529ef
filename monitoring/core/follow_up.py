"""What is asked for after the last administration: every assessment of it, what answered it, and who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.sources import Citation
from monitoring.core.protocol import Protocol
from monitoring.core.surveillance import Occasion, Window, WindowState, aftercare


class Progress(StrEnum):
    ANSWERED = "answered"
    OVERDUE = "overdue"
    DUE = "due"
    OPEN = "open"
    TO_COME = "not-yet"

    @property
    def label(self) -> str:
        return {
            Progress.ANSWERED: "done",
            Progress.OVERDUE: "overdue",
            Progress.DUE: "due",
            Progress.OPEN: "can be done now",
            Progress.TO_COME: "to come",
        }[self]


_PROGRESS = {
    WindowState.OVERDUE: Progress.OVERDUE,
    WindowState.DUE: Progress.DUE,
    WindowState.OPEN: Progress.OPEN,
}


@dataclass(frozen=True, slots=True)
class FollowUpTask:
    """One assessment after treatment. Several sources may ask for it; one result answers them all.

    `answered_on` is the first result that answers every one of them.
    """

    due_on: date
    opens_on: date
    overdue_on: date
    asked: tuple[Window, ...]
    answered_on: date | None
    progress: Progress

    @property
    def occasion(self) -> Occasion:
        return self.asked[0].occasion

    @property
    def because(self) -> str:
        """Each reason once: two sources often say the same in the same words."""
        return "; ".join(dict.fromkeys(one.because for one in self.asked))

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(one.citation for one in self.asked if one.citation))


def follow_up_tasks(
    protocols: Iterable[Protocol],
    *,
    first_given_on: date | None,
    last_given_on: date | None,
    completed_on: date | None,
    results: Iterable[date],
    today: date,
) -> tuple[FollowUpTask, ...]:
    """Soonest first; what several sources ask for on one day is one task. None before treatment has ended."""
    known = sorted(day for day in results if day <= today)
    if first_given_on is None or completed_on is None or completed_on > today:
        return ()
    by_day: dict[date, list[Window]] = {}
    for protocol in protocols:
        for window in aftercare(protocol, last_given_on or completed_on, completed_on, today):
            by_day.setdefault(window.due_on or completed_on, []).append(window)
    return tuple(_task(due_on, windows, known) for due_on, windows in sorted(by_day.items()))


def next_task(tasks: Iterable[FollowUpTask]) -> FollowUpTask | None:
    """The soonest that no result has answered."""
    return next((one for one in tasks if one.progress is not Progress.ANSWERED), None)


def _task(due_on: date, windows: list[Window], results: list[date]) -> FollowUpTask:
    """All must be answered before it counts as done; the strictest of them says from when it is overdue."""
    asked = tuple(sorted(windows, key=lambda one: (one.overdue_on or date.max, one.protocol_id)))
    answers = [_answer(one, results) for one in asked]
    answered_on = max((day for day in answers if day), default=None) if all(answers) else None
    open_ = next((one for one, answer in zip(asked, answers, strict=True) if answer is None), asked[0])
    progress = Progress.ANSWERED if answered_on else _PROGRESS.get(open_.state, Progress.TO_COME)
    opens = [one.opens_on for one in asked if one.opens_on]
    return FollowUpTask(due_on, max(opens, default=due_on), open_.overdue_on or due_on, asked, answered_on, progress)


def _answer(window: Window, results: list[date]) -> date | None:
    return next((day for day in results if window.answered_from and day >= window.answered_from), None)
