"""Which of the languages there are is nearest to the one a patient reads."""

from __future__ import annotations

from collections.abc import Container


def nearest(code: str, known: Container[str], otherwise: str) -> str:
    """The language itself, its main one (`de` for `de-at`), else `otherwise`."""
    return next((one for one in (code, code.partition("-")[0]) if one in known), otherwise)
