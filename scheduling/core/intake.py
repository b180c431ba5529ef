"""A line of a file of patients and plans: what it asks for, or every reason why it cannot be understood.

Nothing is guessed: a date in another style, a name that differs from the record, a word nobody listed are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from her2tracker.lib.cells import Cells
from her2tracker.lib.sheets import Row
from scheduling.core.regimen import DoseKind

REQUIRED = ("mrn", "family_name", "given_name", "born_on", "regimen", "start_on")
ABOUT_HER = ("sex", "language", "phone", "email")
EARLIER = ("agent", "doses", "first_on", "last_on", "place", "kind")
AGAIN = ("", "_2")  # what ends the columns of a first and of a second agent given before
OPTIONAL = (
    *ABOUT_HER, "setting", "weight_kg", "weighed_on", *(f"prior_{name}{again}" for again in AGAIN for name in EARLIER)
)  # fmt: skip
MOST_DOSES = 99
WEIGHT_KG = (Decimal(20), Decimal(400))
"""Not medical limits: outside them a unit or a decimal point was mistaken."""
_WEIGHT = re.compile(r"\d{1,3}([.,]\d)?", re.ASCII)
_DOSES = re.compile(r"\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Words:
    """What may stand where a word is chosen from a list."""

    sexes: Collection[str]
    settings: Collection[str]
    languages: Collection[str]
    agents: Collection[str]


@dataclass(frozen=True, slots=True)
class Person:
    """Two identifiers and how to reach her. Empty: the file does not say."""

    mrn: str
    family_name: str
    given_name: str
    born_on: date
    sex: str = ""
    language: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Doses of one agent given before the plan. `kind` is a clinician's answer about the first dose in it."""

    agent: str
    doses: int
    last_on: date
    first_on: date | None = None
    place: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A patient and the plan to start for her. Weights in kg."""

    person: Person
    regimen: str
    start_on: date
    setting: str = ""
    weight_kg: Decimal | None = None
    weighed_on: date | None = None
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """One line: what it asks for, or why not. `mrn` and `name` are as written, so that the line is found again."""

    line: int
    mrn: str
    name: str
    wanted: Wanted | None = None
    faults: tuple[str, ...] = ()


def read(rows: Iterable[Row], words: Words, *, today: date) -> list[Understood]:
    """Every line, read by itself; then a patient who is there twice is told at the later line."""
    found = [_read(row, words, today) for row in rows]
    first: dict[str, int] = {}
    return [_once(asked, first.setdefault(asked.mrn, asked.line)) for asked in found]


def refuse_another(person: Person, record: Person) -> str:
    """Why the record under this MRN may be somebody else; empty when name and date of birth agree."""
    differing = [
        f"{said}, and the file says {asked}"
        for said, asked in (
            (record.family_name, person.family_name),
            (record.given_name, person.given_name),
            (record.born_on, person.born_on),
        )
        if _alike(said) != _alike(asked)
    ]
    if not differing:
        return ""
    return f"MRN {person.mrn} is on record as {'; '.join(differing)}. Is it her? Correct the record or the file."


def not_taken_over(person: Person, record: Person) -> Iterator[str]:
    """What the file says otherwise about a patient on record: an import changes nobody."""
    for name in ABOUT_HER:
        asked, said = getattr(person, name), getattr(record, name)
        if asked and asked != said:
            yield f"{name}: the record says {said or 'nothing'} and stays as it is."


def _read(row: Row, words: Words, today: date) -> Understood:
    name = ", ".join(part for part in (row["family_name"], row["given_name"]) if part)
    if row.fault:
        return Understood(row.line, row["mrn"], name, faults=(row.fault,))
    line = _Line(row, words, today)
    wanted = line.wanted()
    faults = tuple(line.faults)
    return Understood(row.line, row["mrn"], name, None if faults else wanted, faults)


def _once(asked: Understood, first: int) -> Understood:
    if not asked.mrn or first == asked.line:
        return asked
    twice = f"mrn: {asked.mrn} stands in line {first} already. One line for each patient."
    return Understood(asked.line, asked.mrn, asked.name, None, (*asked.faults, twice))


class _Line(Cells):
    """One row of patient and plan being read."""

    def __init__(self, row: Row, words: Words, today: date) -> None:
        super().__init__(row, REQUIRED, today)
        self.words = words

    def wanted(self) -> Wanted | None:
        """What the line asks for; None, or something nobody may use, when there are faults."""
        row = self.row
        born_on, start_on = self.past("born_on"), self.day("start_on")
        sex, language = self.one_of("sex", self.words.sexes), self.one_of("language", self.words.languages)
        setting = self.one_of("setting", self.words.settings)
        weight_kg, weighed_on = self._weight()
        earlier = tuple(one for again in AGAIN if (one := self._earlier(again)))
        if len({one.agent for one in earlier}) < len(earlier):
            self.faults.append(f"prior_agent_2: {earlier[0].agent} stands in prior_agent already. Add the doses up.")
        if born_on is None or start_on is None:
            return None
        person = Person(
            row["mrn"], row["family_name"], row["given_name"], born_on, sex, language, row["phone"], row["email"]
        )
        return Wanted(person, row["regimen"], start_on, setting, weight_kg, weighed_on, earlier)

    def _weight(self) -> tuple[Decimal | None, date | None]:
        text, weighed_on = self.row["weight_kg"], self.past("weighed_on")
        if not text and not self.row["weighed_on"]:
            return None, None
        if not text or not self.row["weighed_on"]:
            self.faults.append("weight_kg and weighed_on: a weight has its day, so both or neither.")
            return None, None
        if not _WEIGHT.fullmatch(text):
            self.faults.append(f"weight_kg: “{text}” is no weight. Write kilograms with one decimal, such as 68.4.")
            return None, None
        weight_kg, (least, most) = Decimal(text.replace(",", ".")), WEIGHT_KG
        if not least <= weight_kg <= most:
            self.faults.append(
                f"weight_kg: {weight_kg} kg is outside {least} to {most} kg. Check the unit and the decimal point."
            )
        return weight_kg, weighed_on

    def _earlier(self, again: str) -> Earlier | None:
        row = self.row
        said = {name: row[f"prior_{name}{again}"] for name in EARLIER}
        if not any(said.values()):
            return None
        needed = [f"prior_{name}{again}" for name in ("agent", "doses", "last_on") if not said[name]]
        if needed:
            self.faults.append(f"{', '.join(needed)}: earlier doses need their agent, their number and their last day.")
            return None
        doses = self._doses(f"prior_doses{again}")
        agent = self.one_of(f"prior_agent{again}", self.words.agents)
        kind = self.one_of(f"prior_kind{again}", (DoseKind.LOADING.value, DoseKind.MAINTENANCE.value))
        last_on, first_on = self.past(f"prior_last_on{again}"), self.past(f"prior_first_on{again}")
        return Earlier(agent, doses, last_on, first_on, said["place"], kind) if last_on and doses else None

    def _doses(self, column: str) -> int:
        text = self.row[column]
        if _DOSES.fullmatch(text) and 1 <= int(text) <= MOST_DOSES:
            return int(text)
        self.faults.append(f"{column}: “{text}” is no number of doses from 1 to {MOST_DOSES}.")
        return 0


def _alike(said: object) -> str:
    """Capitals, spaces and how an accent is stored are no other name."""
    return " ".join(unicodedata.normalize("NFC", str(said)).casefold().split())
