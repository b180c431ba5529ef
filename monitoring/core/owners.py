"""Whose a task is, and when somebody takes it up next. Nothing is left without either when the day closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal


class Lack(StrEnum):
    """What an item still wants before the day may close."""

    OWNER = "owner"
    NEXT_DATE = "next-date"

    @property
    def label(self) -> str:
        return {Lack.OWNER: "No owner", Lack.NEXT_DATE: "No next date"}[self]


@dataclass(frozen=True, slots=True)
class Owning:
    """One task: whether somebody who still works here, or a role, answers for it, and the day of the next step."""

    is_owned: bool = False
    next_on: date | None = None

    def lacks(self, today: date) -> tuple[Lack, ...]:
        """A next date that has passed is none: the step was not taken, or not written down."""
        found = () if self.is_owned else (Lack.OWNER,)
        dated = self.next_on is not None and self.next_on >= today
        return found if dated else (*found, Lack.NEXT_DATE)


def refuse_next(next_on: date | None, *, today: date) -> Refusal | None:
    """The next step lies ahead."""
    if next_on is not None and next_on < today:
        return Refusal("next-in-the-past", f"{in_words(next_on)} is past: the next step is today or later.")
    return None
