"""What a regimen's source asks for before it starts. Each condition not met is a named objection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.dates import days_between, in_words
from her2tracker.lib.sources import Citation


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known on the day a plan is ordered; None means nobody has said.

    `anthracycline` tells whether the chemotherapy held one, `has_begun` whether doses that count were given before.
    """

    start_on: date
    setting: str
    jurisdiction: str
    surgery_on: date | None = None
    residual_disease: bool | None = None
    hormone_receptor_positive: bool | None = None
    chemotherapy_cycles: int | None = None
    chemotherapy_ended_on: date | None = None
    anthracycline: bool | None = None
    trastuzumab_ended_on: date | None = None
    has_begun: bool = False


@dataclass(frozen=True, slots=True)
class Precondition:
    """One row of a preconditions file. Without `regimens` it holds for all of its `settings`.

    Days count from the end of the earlier treatment to the start; a figure left out does not count.
    """

    id: str
    regimens: tuple[str, ...]
    settings: tuple[str, ...]
    jurisdiction: str
    text: str
    citation: Citation
    surgery: bool = False
    residual_disease: bool | None = None
    hormone_receptor_positive: bool | None = None
    chemotherapy_cycles: Bounds | None = None
    days_since_anthracycline: Bounds | None = None
    days_since_trastuzumab: Bounds | None = None

    def concerns(self, regimen: str, situation: Situation) -> bool:
        return (
            (not self.regimens or regimen in self.regimens)
            and situation.setting in self.settings
            and self.jurisdiction in ("any", situation.jurisdiction)
        )


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a plan should not start as things stand. `missing` names the fact of Situation nobody recorded."""

    code: str
    sentence: str
    text: str
    citation: Citation
    missing: str = ""


Found = tuple[str, str]
"""A sentence, and the missing fact's name if that is all that is wrong."""


def objections(regimen: str, situation: Situation, preconditions: Sequence[Precondition]) -> tuple[Objection, ...]:
    """In the file's order. An override of one is the clinician's, and is recorded with its code."""
    return tuple(
        Objection(asked.id, sentence, asked.text, asked.citation, missing)
        for asked in preconditions
        if asked.concerns(regimen, situation)
        for sentence, missing in _unmet(asked, situation)
    )


def _unmet(asked: Precondition, known: Situation) -> Iterator[Found]:
    if asked.surgery:
        yield from _surgery(known)
    if asked.residual_disease is not None:
        yield from _is("residual_disease", known.residual_disease, asked.residual_disease, "residual invasive disease")
    if asked.hormone_receptor_positive is not None:
        wanted, positive = asked.hormone_receptor_positive, known.hormone_receptor_positive
        yield from _is("hormone_receptor_positive", positive, wanted, "a positive hormone receptor")
    if asked.chemotherapy_cycles is not None:
        yield from _holds("chemotherapy_cycles", known.chemotherapy_cycles, asked.chemotherapy_cycles, _cycles)
    if asked.days_since_anthracycline is not None:
        yield from _since_anthracycline(known, asked.days_since_anthracycline)
    if asked.days_since_trastuzumab is not None:
        since = _days_to_start(known, known.trastuzumab_ended_on)
        yield from _holds("trastuzumab_ended_on", since, asked.days_since_trastuzumab, _days("trastuzumab"))


def _surgery(known: Situation) -> Iterator[Found]:
    if known.surgery_on is None:
        yield "Surgery is not recorded as completed.", "surgery_on"
    elif known.surgery_on > known.start_on:
        yield f"Surgery is on {in_words(known.surgery_on)}, after the start on {in_words(known.start_on)}.", ""


def _since_anthracycline(known: Situation, bounds: Bounds) -> Iterator[Found]:
    """Only chemotherapy with an anthracycline opens the window; without one there is nothing to keep.

    Nor is there for a treatment that has begun: going on with it is not the start the window is about.
    """
    if known.has_begun:
        return
    if known.anthracycline is None:
        yield "Nobody recorded whether the chemotherapy held an anthracycline.", "anthracycline"
    elif known.anthracycline:
        since = _days_to_start(known, known.chemotherapy_ended_on)
        yield from _holds("chemotherapy_ended_on", since, bounds, _days("chemotherapy with an anthracycline"))


def _is(name: str, known: bool | None, wanted: bool, words: str) -> Iterator[Found]:
    if known is None:
        yield f"Nobody recorded whether there is {words}.", name
    elif known is not wanted:
        yield f"There is {'no ' if wanted else ''}{words.removeprefix('a ') if wanted else words}.", ""


def _holds(
    name: str, known: int | None, bounds: Bounds, sentence: Callable[[int | None, Bounds], str]
) -> Iterator[Found]:
    if known is None or not bounds.hold(known):
        yield sentence(known, bounds), name if known is None else ""


def _cycles(known: int | None, bounds: Bounds) -> str:
    asked = f"{bounds.in_words()} cycles of chemotherapy are asked for"
    return f"The cycles of chemotherapy are not recorded: {asked}." if known is None else f"{known} given: {asked}."


def _days(what: str) -> Callable[[int | None, Bounds], str]:
    def sentence(known: int | None, bounds: Bounds) -> str:
        if known is None:
            return f"The end of {what} is not recorded."
        return f"The start is {known} days after the end of {what}; {bounds.in_words(' days')} is asked for."

    return sentence


def _days_to_start(known: Situation, ended_on: date | None) -> int | None:
    return None if ended_on is None else days_between(ended_on, known.start_on)
