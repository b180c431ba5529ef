"""The year in a patient's own words: what paper, file and page all show alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from her2tracker.accounts.models import Site
from her2tracker.clinic.paper.words import Words, words_for
from her2tracker.clinic.paper.year import Event, Year


@dataclass(frozen=True, slots=True)
class Line:
    event: Event
    day: str
    what: str
    when: str
    where: str


@dataclass(frozen=True, slots=True)
class Letter:
    """`language` is the one it is written in, which is not the one asked for when that has no words yet."""

    language: str
    words: Words
    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    revision: int
    made_on: str
    discreet: bool


def write(year: Year, site: Site, today: date, *, language: str, discreet: bool) -> Letter:
    """`discreet` leaves out what the dates are for, and where: only that somebody is expected."""
    code, words = words_for(language)
    return Letter(
        language=code,
        words=words,
        title=words.titled(discreet=discreet),
        lines=tuple(_line(event, words, discreet) for event in year.events),
        notes=tuple(_notes(year, site, words)),
        revision=year.revision,
        made_on=words.made_on.format(date=words.of_day(today)),
        discreet=discreet,
    )


def _line(event: Event, words: Words, discreet: bool) -> Line:
    what = getattr(words, f"discreet_{event.kind}" if discreet else event.kind.value)
    return Line(
        event=event,
        day=words.of_day(event.on),
        what=f"{what} ({words.last})" if event.is_last else what,
        when=_when(event, words),
        where="" if discreet else event.where,
    )


def _when(event: Event, words: Words) -> str:
    length = f", {words.minutes.format(minutes=event.minutes)}" if event.minutes else ""
    return f"{event.at:%H:%M}{length}" if event.at else words.time_open


def _notes(year: Year, site: Site, words: Words) -> list[str]:
    call = words.call.format(phone=site.phone) if site.phone else words.call_clinic
    return [*([words.on_hold] if year.is_held else []), words.may_move, call]
