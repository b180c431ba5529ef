"""The calendar's words in each language there is, read from words.toml once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path

from her2tracker.lib.languages import nearest

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `discreet_…` say that something is due, and not what."""

    language: str
    title: str
    discreet_title: str
    infusion: str
    discreet_infusion: str
    echo_booked: str
    echo_due: str
    discreet_echo_booked: str
    discreet_echo_due: str
    last: str
    time_open: str
    minutes: str
    no_dates: str
    may_move: str
    call: str
    call_clinic: str
    made_on: str
    on_hold: str
    date_heading: str
    what_heading: str
    when_heading: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str

    def of_day(self, day: date) -> str:
        """`Monday 5 January 2026`, `Montag, 5. Januar 2026`."""
        weekday, month = self.weekdays[day.weekday()], self.months[day.month - 1]
        return self.day.format(weekday=weekday, day=day.day, month=month, year=day.year)

    def titled(self, *, discreet: bool) -> str:
        return self.discreet_title if discreet else self.title


@cache
def languages() -> dict[str, Words]:
    """By code. Raises TypeError when a language lacks a word or has one too many."""
    raw = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    return {code: _words(said) for code, said in raw.items()}


def words_for(code: str) -> tuple[str, Words]:
    """The language asked for, its main one (`de` for `de-at`), else English; with the code that was found."""
    known = languages()
    found = nearest(code, known, FALLBACK)
    return found, known[found]


def _words(said: dict[str, object]) -> Words:
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    words = Words(**{**said, **lists})  # type: ignore[arg-type]
    if empty := [one.name for one in fields(words) if not getattr(words, one.name)]:
        raise ValueError(f"no words for {', '.join(empty)}")
    return words
