"""Every LVEF assessment a plan will ask for if nothing changes: on treatment, at its end, and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from her2tracker.lib.sources import Citation
from monitoring.core.intervals import Interval
from monitoring.core.protocol import Protocol
from monitoring.core.result import Dysfunction
from monitoring.core.surveillance import Occasion, Window, window

_DURING = (Occasion.BASELINE, Occasion.ON_TREATMENT)


@dataclass(frozen=True, slots=True)
class Expected:
    """One assessment to come. `protocol_id` asks for it first; others may ask for it too."""

    on: date
    occasion: Occasion
    because: str
    citation: Citation | None
    protocol_id: str


def expected(
    protocols: Iterable[Protocol],
    *,
    start_on: date,
    last_on: date,
    results: Iterable[date] = (),
    setting: str | None = None,
    dysfunction: Dysfunction | None = None,
    interval: Interval | None = None,
) -> tuple[Expected, ...]:
    """The due dates from the results so far until surveillance ends, each taken as done on its day.

    `start_on` is the first administration, `last_on` the last one planned. It asks `window` again and
    again, so what is foretold here is what will be due then. Without any result the baseline comes first.
    `dysfunction` was found by the last of the results: it brings the next one forward, and no later one.
    """
    asking, known = tuple(protocols), set(results)
    found = list(_until(last_on, asking, start_on, known, dysfunction, setting=setting, interval=interval))
    found += _after(last_on, asking, start_on, known)
    return tuple(found)


def _until(
    last_on: date,
    asking: tuple[Protocol, ...],
    start_on: date,
    known: set[date],
    dysfunction: Dysfunction | None,
    **patient: Any,
) -> Iterator[Expected]:
    found_by_last = len(known)
    while True:
        graded = dysfunction if len(known) == found_by_last else None
        due = _window(asking, start_on, last_on, None, known, dysfunction=graded, **patient)
        if due.due_on is None or due.due_on > last_on or due.occasion not in _DURING:
            return
        yield _expected(due, due.due_on)
        known.add(due.due_on)


def _after(last_on: date, asking: tuple[Protocol, ...], start_on: date, known: set[date]) -> Iterator[Expected]:
    while (due := _window(asking, start_on, last_on, last_on, known)).due_on is not None:
        yield _expected(due, due.due_on)
        known.add(due.due_on)


def _window(
    asking: tuple[Protocol, ...],
    start_on: date,
    last_on: date,
    completed_on: date | None,
    known: set[date],
    **patient: Any,
) -> Window:
    # The clock stands at the end of time: every fact counts, and nobody asks what is overdue.
    return window(
        asking,
        first_given_on=start_on,
        last_given_on=last_on,
        completed_on=completed_on,
        results=known,
        baseline_on=None,
        held_since=None,
        today=date.max,
        **patient,
    )


def _expected(due: Window, on: date) -> Expected:
    because = "Before the first administration" if due.occasion is Occasion.BASELINE else due.because
    return Expected(on, due.occasion, because, due.citation, due.protocol_id)
