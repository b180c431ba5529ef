"""What a coordinator makes sure of when a plan is new: each point done, or waived with a reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from her2tracker.lib.refusals import Refusal

ENTERED_LATER = timedelta(days=7)
"""A plan that had begun longer ago when it was entered is no new one. How clinics work, not a clinical figure."""


class Point(StrEnum):
    ADDRESS = "address"
    LANGUAGE = "language"
    MAIL_CONSENT = "mail-consent"
    FIRST_DATES = "first-dates"
    ECHO_LAB = "echo-lab"

    @property
    def label(self) -> str:
        return {
            Point.ADDRESS: "Telephone and e-mail",
            Point.LANGUAGE: "Language",
            Point.MAIL_CONSENT: "Consent to e-mail",
            Point.FIRST_DATES: "First three dates",
            Point.ECHO_LAB: "Echo lab",
        }[self]

    @property
    def asks(self) -> str:
        """What the coordinator makes sure of."""
        return {
            Point.ADDRESS: "They are on record and right.",
            Point.LANGUAGE: "The patient reads letters in it.",
            Point.MAIL_CONSENT: "The patient agreed to e-mail, or that none is wanted is on record.",
            Point.FIRST_DATES: "They are agreed with the patient.",
            Point.ECHO_LAB: "Where the first echo is done is agreed.",
        }[self]


def is_new(start_on: date, entered_on: date) -> bool:
    """Started here, not entered when it had been running."""
    return start_on >= entered_on - ENTERED_LATER


def open_points(settled: Collection[Point]) -> tuple[Point, ...]:
    """In the order in which they are asked."""
    return tuple(point for point in Point if point not in settled)


def refuse_waive(words: str) -> Refusal | None:
    if not words.strip():
        return Refusal("words-missing", "Say in a sentence why this is not needed.")
    return None
