"""Calls to a patient: what came of each, and when somebody else must hear that nobody is reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation


class CallOutcome(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no-answer"
    LEFT_MESSAGE = "left-message"
    WRONG_NUMBER = "wrong-number"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """`attempts` calls in a row that reached nobody, and the oncologist is told."""

    id: str
    version: int
    attempts: int
    citation: Citation


def unreached(outcomes: Iterable[CallOutcome]) -> int:
    """How many calls in a row reached nobody; `outcomes` with the latest first."""
    count = 0
    for outcome in outcomes:
        if outcome is CallOutcome.REACHED:
            break
        count += 1
    return count


def is_lost(outcomes: Iterable[CallOutcome], attempts: int) -> bool:
    """Whether the latest calls reached nobody `attempts` times in a row, or more often."""
    return unreached(outcomes) >= attempts


def refuse_call(outcome: CallOutcome, words: str, next_try_on: date | None, *, today: date) -> Refusal | None:
    """A call is told as it went: reached says what was agreed, and the next try lies ahead."""
    if outcome is CallOutcome.REACHED and not words.strip():
        return Refusal("words-missing", "Say in a sentence what was agreed.")
    if outcome is CallOutcome.WRONG_NUMBER and not words.strip():
        return Refusal("words-missing", "Say in a sentence how the patient can be reached instead, or who answered.")
    if next_try_on is not None and next_try_on < today:
        return Refusal("next-try-in-the-past", "The next try is today or later.")
    return None
