"""The demo patients, one line each: what happened to them so far, counted in days from today."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Echo:
    """A result so many days ago."""

    days_ago: int
    lvef: str
    modality: str = "echo-2d"
    symptoms: str = "none"
    lab: str = "Demo echo lab"


@dataclass(frozen=True, slots=True)
class Story:
    """One invented patient. `given` cycles lie behind her; the next one is planned `next_in` days from today.

    `echoes=None` means on time every twelve weeks at `baseline` and a little below.
    """

    family_name: str
    given_name: str
    born: str
    regimen: str
    given: int
    next_in: int
    kg: str = "68"
    baseline: str | None = "63"
    echoes: tuple[Echo, ...] | None = None
    time: str = ""
    then: str = ""  # a named turn of events, see load.py
    weighed_days_ago: int = 3
    details: dict[str, Any] = field(default_factory=dict)


TODAY = (
    Story("Alder", "Alice", "1972-03-12", "trastuzumab-pertuzumab", 6, 0, "68.4", "62", time="08:30", then="withhold"),
    Story("Birch", "Beatriz", "1966-11-02", "t-dm1", 2, 0, "66.1", "60", time="08:30"),
    Story("Cedar", "Chiara", "1981-07-23", "trastuzumab-q3w-17", 0, 0, "68", "64", time="09:00"),
    Story("Dogwood", "Dina", "1958-01-30", "trastuzumab-q3w-17", 4, -8, "70", "61", time="09:00", then="late-by-8"),
    Story("Elm", "Elena", "1975-05-09", "phesgo", 9, 0, "81.2", "66", time="09:15"),
    Story("Fir", "Fatima", "1969-09-17", "trastuzumab-sc", 11, 0, "74", "59", time="09:30"),
    Story("Ginkgo", "Grace", "1990-12-05", "apt", 5, 0, "59.5", "65", time="10:00"),
    Story("Hazel", "Hanna", "1963-04-21", "trastuzumab-q3w-18", 7, 0, "62", "60", time="10:00", then="echo-overdue"),
    Story("Ivy", "Ines", "1978-08-14", "trastuzumab-pertuzumab", 3, 0, "71", "58", time="10:30", then="lost-weight"),
    Story("Juniper", "Julia", "1985-02-28", "t-dxd", 1, 0, "64.3", "62", time="11:00"),
    Story("Katsura", "Klara", "1955-10-10", "trastuzumab-q3w-17", 15, 0, "77.7", "57", time="11:30", then="old-weight"),
    Story("Larch", "Lucia", "1971-06-06", "ac-th", 13, 0, "69", "61", time="13:00", then="given-today"),
    Story("Maple", "Marta", "1968-03-03", "tch-weekly", 2, 0, "72.5", "63", time="13:30"),
    Story("Nutmeg", "Nadia", "1983-01-19", "trastuzumab-6-months", 4, 0, "66", "64", time="14:00", then="held"),
    Story("Oak", "Olga", "1976-11-11", "trastuzumab-q3w-17", 0, 0, "58", None, time="14:30", then="no-baseline"),
)

MISSED = (
    Story("Pine", "Petra", "1974-04-04", "trastuzumab-pertuzumab", 5, -2, "65", "62"),
    Story("Quince", "Quirina", "1962-09-29", "trastuzumab-q3w-17", 8, -10, "73", "60"),
)

AHEAD = (
    Story("Rowan", "Rosa", "1979-12-24", "trastuzumab-pertuzumab", 10, 1, "67.8", "62", then="fall-tomorrow"),
    Story("Spruce", "Sofia", "1967-02-02", "trastuzumab-q3w-17", 12, 1, "79", "64"),
    Story("Tamarack", "Teresa", "1988-05-31", "t-dm1", 7, 1, "61", "61", then="t-dm1-fall"),
    Story("Umbu", "Uma", "1970-10-20", "trastuzumab-pertuzumab", 1, 2, "63", "60", then="review-pocket"),
    Story("Viburnum", "Vera", "1959-07-07", "trastuzumab-q3w-18", 2, 2, "84", "58", then="modality-change"),
    Story("Willow", "Wanda", "1973-03-28", "apt-q3w", 6, 3, "70.5", "66", then="overdue-booked"),
    Story("Yew", "Yara", "1982-08-08", "trastuzumab-q3w-17", 14, 4, "68", "62", then="range-result"),
    Story("Zelkova", "Zoe", "1986-06-15", "phesgo", 0, 5, "60", "65"),
    Story("Acacia", "Ana", "1964-01-08", "trastuzumab-q3w-17", 3, 6, "75", "63", then="delayed-once"),
    Story("Beech", "Bruna", "1977-09-03", "trastuzumab-pertuzumab", 8, 6, "69.9", "61"),
    Story("Cypress", "Cecilia", "1961-11-25", "t-dm1", 12, 7, "64", "60"),
    Story("Damson", "Daria", "1984-04-16", "trastuzumab-sc", 5, 8, "66", "63"),
    Story("Elder", "Emma", "1952-12-12", "trastuzumab-q3w-17", 16, 9, "71", "62"),
    Story("Fig", "Flora", "1987-10-01", "trastuzumab-pertuzumab", 2, 12, "58.2", "67", then="neoadjuvant-before"),
    Story("Guava", "Gloria", "1980-02-14", "apt", 11, 6, "65", "64"),
    Story("Holly", "Helena", "1965-08-27", "trastuzumab-q3w-18", 9, 13, "80", "59", then="omitted-once"),
)

# What then happened to these hearts is in hearts.py.
HEARTS = (
    Story("Linden", "Lena", "1971-02-17", "trastuzumab-pertuzumab", 5, -28, "66.5", "62"),
    Story("Mulberry", "Mira", "1966-06-21", "trastuzumab-q3w-17", 4, 5, "70", "53"),
    Story("Poplar", "Paula", "1974-10-09", "trastuzumab-q3w-17", 8, 13, "67", "63"),  # an echo in time is not booked
    Story("Robinia", "Renata", "1960-03-30", "trastuzumab-6-months", 8, -170, "73", "64", then="follow-up"),
)

# A cycle given earlier than planned, and a plan without infusions.
CHANGED = (
    Story("Laurel", "Lia", "1981-05-21", "trastuzumab-q3w-17", 5, 12, "67", "61", then="brought-forward"),
    Story("Medlar", "Mona", "1974-08-19", "neratinib", 0, 0, "65", "62", then="at-home"),
)

# Registered, nothing started: for the oncologist's new plans.
NEW = (
    Story("Iroko", "Irene", "1979-05-05", "", 0, 0, "70", "61", details={"size_mm": 14, "nodes_positive": 0}),
    Story("Jacaranda", "Joana", "1972-12-01", "", 0, 0, "63", "63", details={"size_mm": 31, "nodes_positive": 2}),
    Story("Kauri", "Kim", "1969-06-30", "", 0, 0, "77", "58", details={"residual_disease": "present"}),
)

ALL = (*TODAY, *MISSED, *AHEAD, *HEARTS, *CHANGED)
