"""How the figures, days and codes of an act are said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words


def names(fields: Iterable[str]) -> str:
    return ", ".join(str(name).replace("_", " ") for name in fields)


def day(text: object) -> str:
    """An ISO date of the details in words; what is not one stays as it was written."""
    try:
        return in_words(date.fromisoformat(str(text)))
    except ValueError:
        return str(text or "an unknown day")


def coded(value: object) -> str:
    """A stored code as words."""
    return str(value or "no reason").replace("-", " ")


def figures(text: str) -> str:
    """`420.00 mg` as `420 mg`."""
    return " ".join(tidy(word) for word in str(text).split(" "))


def tidy(word: str) -> str:
    try:
        return plain(Decimal(word))
    except InvalidOperation:
        return word
