"""A line of a file of LVEF results: what it says, or every reason why it cannot be understood.

Nothing is guessed: whose result it is follows from MRN and date of birth, and never from a name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from her2tracker.lib.cells import Cells
from her2tracker.lib.dates import in_words
from her2tracker.lib.sheets import Row
from monitoring.core.entry import DoubleEntry
from monitoring.core.lvef import Lvef, Unreadable
from monitoring.core.result import Modality, Symptoms

REQUIRED = ("mrn", "born_on", "performed_on", "lvef", "modality")
OPTIONAL = ("name", "lab", "symptoms", "gls_percent", "note")
MODALITIES = tuple(one.value for one in Modality)
SYMPTOMS = tuple(one.value for one in Symptoms)
LONGEST_LAB = 120
GLS = (Decimal(-40), Decimal(40))
"""Percent, either sign. Not medical limits: outside them a decimal point was mistaken; the page takes the same."""
_GLS = re.compile(r"[-−]?\d{1,2}([.,]\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Measured:
    """A result as a file states it. GLS in percent; empty where the file does not say."""

    performed_on: date
    lvef: Lvef
    modality: Modality
    symptoms: Symptoms = Symptoms.UNKNOWN
    lab: str = ""
    gls_percent: Decimal | None = None
    note: str = ""

    @property
    def same(self) -> tuple[date, Modality, Lvef]:
        """The same figure of the same day by the same method is the same result sent twice."""
        return self.performed_on, self.modality, self.lvef


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One line: whose, and what was measured, or why not. `mrn` and `name` are as written."""

    line: int
    mrn: str
    name: str
    born_on: date | None = None
    measured: Measured | None = None
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class OnRecord:
    """A patient's results, on record or of earlier lines, by day: what a new one is compared with."""

    days: list[date] = field(default_factory=list)
    results: list[tuple[date, Modality, Lvef]] = field(default_factory=list)
    known: set[tuple[date, Modality, Lvef]] = field(default_factory=set)

    def add(self, one: tuple[date, Modality, Lvef]) -> None:
        place = bisect_right(self.days, one[0])
        self.days.insert(place, one[0])
        self.results.insert(place, one)
        self.known.add(one)

    def last_before(self, one: Measured) -> Lvef | None:
        """The last one measured before that day, or on it; what came later says nothing about a slip of the keys."""
        place = bisect_right(self.days, one.performed_on)
        return self.results[place - 1][2] if place else None

    def contradicts(self, one: Measured) -> str:
        """A sentence, when another figure of that day by that method is there."""
        place = bisect_right(self.days, one.performed_on)
        for day, modality, lvef in reversed(self.results[:place]):
            if day != one.performed_on:
                break
            if modality is one.modality and lvef != one.lvef:
                return f"Another LVEF of {in_words(day)} by {modality.label} is there already: {lvef}."
        return ""


def read(rows: Iterable[Row], *, today: date) -> list[ResultLine]:
    """Every line, read by itself; then a result that is there twice is told at the later line."""
    found = [_read(row, today) for row in rows]
    first: dict[object, int] = {}
    return [_once(one, first) for one in found]


def asks_again(limits: DoubleEntry, one: Measured, record: OnRecord) -> str:
    """Why its figure is to be typed again from the report, as a sentence; empty when it is not."""
    return limits.asks(one.lvef, record.last_before(one))


def refuse_again(one: Measured, typed: str) -> str:
    """Why the figure typed a second time does not confirm the file's; empty when it does."""
    if not typed.strip():
        return f"The file says {one.lvef}: type the figure again from the report."
    try:
        again = Lvef.parse(typed)
    except Unreadable as error:
        return str(error)
    if again != one.lvef:
        return f"The file says {one.lvef}, and you typed {again}: look at the report and correct one."
    return ""


def _once(one: ResultLine, first: dict[object, int]) -> ResultLine:
    if one.measured is None:
        return one
    there = first.setdefault((one.mrn, one.measured.same), one.line)
    if there == one.line:
        return one
    twice = f"The same result stands in line {there} already."
    return ResultLine(one.line, one.mrn, one.name, one.born_on, None, (twice,))


def _read(row: Row, today: date) -> ResultLine:
    mrn, name = row["mrn"], row["name"]
    if row.fault:
        return ResultLine(row.line, mrn, name, faults=(row.fault,))
    line = _Line(row, REQUIRED, today)
    born_on, measured = line.past("born_on"), line.measured()
    if born_on and measured and measured.performed_on < born_on:
        line.faults.append("performed_on: the result lies before the date of birth.")
    faults = tuple(line.faults)
    return ResultLine(row.line, mrn, name, born_on, None if faults else measured, faults)


class _Line(Cells):
    """One row of a result being read."""

    def measured(self) -> Measured | None:
        row, performed_on, lvef = self.row, self.past("performed_on"), self._lvef()
        modality = self.one_of("modality", MODALITIES)
        symptoms = self.one_of("symptoms", SYMPTOMS) or Symptoms.UNKNOWN.value
        gls = self._gls()
        if len(row["lab"]) > LONGEST_LAB:
            self.faults.append(f"lab: {len(row['lab'])} characters are too many for a laboratory’s name.")
        if performed_on is None or lvef is None or not modality:
            return None
        return Measured(performed_on, lvef, Modality(modality), Symptoms(symptoms), row["lab"], gls, row["note"])

    def _lvef(self) -> Lvef | None:
        if not (text := self.row["lvef"]):
            return None
        found = _parsed(text)
        if isinstance(found, str):
            self.faults.append(f"lvef: {found}")
            return None
        return found

    def _gls(self) -> Decimal | None:
        if not (text := self.row["gls_percent"]):
            return None
        figure = Decimal(text.replace("−", "-").replace(",", ".")) if _GLS.fullmatch(text) else None
        if figure is None or not GLS[0] <= figure <= GLS[1]:
            self.faults.append(f"gls_percent: “{text}” is no GLS. Write percent with one decimal, such as -18.5.")
            return None
        return figure


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Lvef | str:
    """The figure, or why it is none. A file repeats the same few hundred figures thousands of times."""
    try:
        return Lvef.parse(text)
    except Unreadable as error:
        return str(error)


def faulty(lines: Sequence[tuple[int, str, Sequence[str]]]) -> list[tuple[int, str, str]]:
    """Of (line, MRN, refusals) those that are refused, each with its first sentence."""
    return [(line, mrn, refusals[0]) for line, mrn, refusals in lines if refusals]
