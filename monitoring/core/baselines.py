"""Which results may serve as a plan's baseline, and which one does until a clinician chooses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.dates import days_between, in_words
from her2tracker.lib.sources import Citation


class Dated(Protocol):
    @property
    def performed_on(self) -> date: ...


class Recorded(Dated, Protocol):
    @property
    def recorded_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class BaselineNote:
    """What a guideline says of the baseline, shown where that protocol judges the plan."""

    protocol_id: str
    words: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class BaselinePolicy:
    """`days_before_first`: from how many days before the first dose on a baseline is too old."""

    id: str
    version: int
    days_before_first: Bounds
    citation: Citation
    notes: tuple[BaselineNote, ...] = ()


@dataclass(frozen=True, slots=True)
class TooOld:
    """A baseline measured too long before the first dose, with its arithmetic."""

    days: int
    sentence: str
    citation: Citation


def too_old(policy: BaselinePolicy, performed_on: date, first_on: date) -> TooOld | None:
    """`first_on` is the first dose: given, or the day on which it is to be given."""
    days = days_between(performed_on, first_on)
    if not policy.days_before_first.hold(days):
        return None
    limit = policy.days_before_first.in_words(" days")
    sentence = f"Baseline LVEF of {in_words(performed_on)} is {days} days old at the first dose: {limit}"
    return TooOld(days, sentence, policy.citation)


Result = TypeVar("Result", bound=Dated)
Known = TypeVar("Known", bound=Recorded)


def default(results: Iterable[Known], first_given_on: date | None, first_recorded_at: datetime | None) -> Known | None:
    """The last result before the drug line's first dose; the latest of all while nothing was given.

    A result dated on the day of the first dose may have been measured before it or after. It counts
    only when it was on record before that dose was; otherwise a clinician must say so.
    """
    fitting = [one for one in results if _is_before(one, first_given_on, first_recorded_at)]
    return max(fitting, key=lambda one: (one.performed_on, one.recorded_at), default=None)


def _is_before(result: Recorded, first_given_on: date | None, first_recorded_at: datetime | None) -> bool:
    if first_given_on is None or result.performed_on < first_given_on:
        return True
    on_the_day = result.performed_on == first_given_on
    return on_the_day and first_recorded_at is not None and result.recorded_at <= first_recorded_at


def candidates(results: Iterable[Result], first_given_on: date | None) -> list[Result]:
    """Results up to the plan's own first dose, the latest first: a later one would hide the fall it should show."""
    fitting = [one for one in results if first_given_on is None or one.performed_on <= first_given_on]
    return sorted(fitting, key=lambda one: one.performed_on, reverse=True)
