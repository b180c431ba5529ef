"""Text for spreadsheets, which run what looks like a formula."""

from __future__ import annotations

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> str:
    """`value` as plain text in any spreadsheet: what would start a formula is quoted. None is empty."""
    text = "" if value is None else str(value)
    is_number = isinstance(value, int | float)
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) and not is_number else text
