"""Public holidays by country and subdivision, from the `holidays` library. Which of them count is the site's choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays
from holidays.registry import COUNTRIES

_LANGUAGE = "en_US"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Whose holidays: an ISO 3166 country, and a subdivision of it or none."""

    country: str
    subdivision: str = ""

    @property
    def title(self) -> str:
        place = dict(subdivisions(self.country)).get(self.subdivision, "")
        return countries()[self.country] + (f", {place}" if place else "")


def is_known(calendar: Calendar) -> bool:
    """Whether the library has this calendar; without a subdivision, that of the whole country."""
    known = {code for code, _ in subdivisions(calendar.country)}
    return calendar.country in countries() and (not calendar.subdivision or calendar.subdivision in known)


@cache
def countries() -> dict[str, str]:
    """Names by code, in the order of their names."""
    named = ((codes[1], name.replace("_", " ").title()) for name, codes in COUNTRIES.items())
    return dict(sorted(named, key=lambda pair: pair[1]))


@cache
def subdivisions(country: str) -> tuple[tuple[str, str], ...]:
    """Codes and names of a country's subdivisions; empty where it has none, or is not known."""
    if country not in countries():
        return ()
    found = holidays.country_holidays(country)
    names = {code: aliases[0] for code, aliases in found.get_subdivision_aliases().items() if aliases}
    pairs = ((code, names.get(code, code)) for code in found.subdivisions)
    return tuple(sorted(pairs, key=lambda pair: pair[1]))


@cache
def of_year(calendar: Calendar, year: int) -> dict[date, str]:
    """Every public holiday of one year by date, in English where the library has it."""
    spoken = holidays.country_holidays(calendar.country).supported_languages
    language = _LANGUAGE if _LANGUAGE in spoken else None
    # what it calls observed is the day on which people are off work
    found = holidays.country_holidays(
        calendar.country, subdiv=calendar.subdivision or None, years=year, language=language
    )
    # a year asked for can bring the neighbour's New Year along
    return {day: name for day, name in sorted(found.items()) if day.year == year}


def of_years(calendar: Calendar, years: Iterable[int]) -> dict[date, str]:
    return {day: name for year in years for day, name in of_year(calendar, year).items()}
