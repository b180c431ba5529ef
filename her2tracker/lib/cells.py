"""One line of a table read cell by cell: what it says, or every reason why it cannot be understood.

Nothing is guessed: a date in another style, a word nobody listed are faults, told in sentences that name the column.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from her2tracker.lib.sheets import Row

MOST_LISTED = 12  # words that a sentence names
YEARS = (1900, 2199)
"""Guards against a mistyped year; no clinical meaning."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Cells:
    """One row being read; what cannot be understood is kept in `faults`, what is missing first."""

    def __init__(self, row: Row, required: Collection[str], today: date) -> None:
        self.row, self.today = row, today
        self.faults: list[str] = [f"{name}: is empty." for name in required if not row[name]]

    def one_of(self, column: str, known: Collection[str]) -> str:
        """The word of the list that stands there, whatever its capitals; empty for an empty cell and for a fault."""
        said = self.row[column]
        if not said or said in known:
            return said
        found = next((word for word in known if word.casefold() == said.casefold()), None)
        if found is None:
            listed = f"is not one of {', '.join(sorted(known))}" if len(known) <= MOST_LISTED else "is not known"
            self.faults.append(f"{column}: “{said}” {listed}.")
        return found or ""

    def past(self, column: str) -> date | None:
        """A day that is not in the future."""
        day = self.day(column)
        if day and day > self.today:
            self.faults.append(f"{column}: {day} lies in the future.")
        return day

    def day(self, column: str) -> date | None:
        """An ISO day; None for an empty cell and for a fault."""
        text = self.row[column]
        if not text:
            return None
        try:
            day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            self.faults.append(f"{column}: “{text}” is no date as it is read here. Write it like 2026-01-05.")
        elif not YEARS[0] <= day.year <= YEARS[1]:
            self.faults.append(f"{column}: {day} cannot be meant. Check the year.")
        return day


def refusal_of(faulty: Sequence[tuple[int, str, str]]) -> str:
    """One sentence about all lines that are refused: (line, MRN, sentence), the first of them in full."""
    line, mrn, sentence = faulty[0]
    who = f", MRN {mrn}" if mrn else ""
    more = f" {len(faulty) - 1} more cannot be imported either." if len(faulty) > 1 else ""
    return f"Line {line}{who}: {sentence}{more}"
