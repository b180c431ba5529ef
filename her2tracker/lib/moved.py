"""A date beside the infusions that a change of the schedule moves, drops, or leaves where it no longer fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Moved:
    """One date as it stands and as it would stand; None where there is none.

    What stays although the infusions move has two equal dates, and its sentence says what that means.
    """

    what: str
    old_on: date | None
    new_on: date | None
    sentence: str = ""

    @property
    def stays(self) -> bool:
        return self.old_on == self.new_on
