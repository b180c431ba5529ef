"""What a patient is told about an appointment, and when: no word of disease, drug or organ, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_SMS = 80, 2000, 300


class LetterKind(StrEnum):
    """`MOVED`: a day that was written to the patient no longer stands."""

    INFUSION = "infusion"
    EXAMINATION = "examination"
    MOVED = "moved"

    @property
    def label(self) -> str:
        return {
            LetterKind.INFUSION: "Infusion coming up",
            LetterKind.EXAMINATION: "Examination booked",
            LetterKind.MOVED: "A day that was announced has changed",
        }[self]

    @property
    def needs(self) -> tuple[str, ...]:
        """Places a text of this kind must have: without the day it announces nothing."""
        return ("when",) if self is LetterKind.MOVED else ("when", "answer")


class Answer(StrEnum):
    COMING = "coming"
    OTHER_DAY = "other-day"

    @property
    def label(self) -> str:
        return {Answer.COMING: "Will come", Answer.OTHER_DAY: "Asks for another day"}[self]


PLACES = ("when", "place", "phone", "answer")


@dataclass(frozen=True, slots=True)
class Wording:
    """The subject has no places: it is read on locked screens. `sms` may be empty where none is sent."""

    subject: str
    text: str
    sms: str = ""

    def filled(self, values: Mapping[str, str]) -> Wording:
        """Raises KeyError for a place without a value; `problems` finds that before anything is saved."""
        return Wording(self.subject, self.text.format_map(values).strip() + "\n", self.sms.format_map(values).strip())


def problems(kind: LetterKind, wording: Wording, kept_out: Iterable[str] = ()) -> dict[str, list[str]]:
    """Why a wording cannot be used, by field; empty when it can. `kept_out` are words that no letter says."""
    words = tuple(kept_out)
    found = {
        "subject": [*_too_long(wording.subject, LONGEST_SUBJECT), *_spoken_of(wording.subject, words)],
        "text": [*_text(kind, wording.text), *_too_long(wording.text, LONGEST_TEXT), *_spoken_of(wording.text, words)],
        "sms": [*_too_long(wording.sms, LONGEST_SMS), *_spoken_of(wording.sms, words)],
    }
    if not wording.subject.strip():
        found["subject"].append("A mail needs a subject.")
    if "\n" in wording.subject or "\r" in wording.subject or "{" in wording.subject or "}" in wording.subject:
        found["subject"].append("One plain line: no places in braces, no line breaks.")
    if wording.sms.strip():
        found["sms"] += _text(kind, wording.sms)
    return {field: said for field, said in found.items() if said}


def _text(kind: LetterKind, text: str) -> Iterator[str]:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        yield "A brace stands alone: write places as {when}."
        return
    names = [name for _, name, _, _ in parts if name is not None]
    if any(spec or conversion for _, name, spec, conversion in parts if name is not None):
        yield "A place is only its name in braces: {when}."
    for name in sorted(set(names) - set(PLACES)):
        yield f"There is no place {{{name}}}. There are {', '.join('{' + place + '}' for place in PLACES)}."
    for name in kind.needs:
        if name not in names:
            yield f"It must say {{{name}}}."


def _too_long(text: str, most: int) -> Iterator[str]:
    if len(text) > most:
        yield f"At most {most} characters; these are {len(text)}."


def telling(text: str, kept_out: Iterable[str]) -> list[str]:
    """The words of `kept_out` that `text` says, whole and in any case."""
    said = {word.casefold() for word in re.findall(r"\w+", text)}
    return [word for word in kept_out if word.casefold() in said]


def _spoken_of(text: str, kept_out: tuple[str, ...]) -> Iterator[str]:
    for word in telling(text, kept_out):
        yield f"“{word}” tells others about the illness: leave it out."
