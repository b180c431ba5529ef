"""Cardiac biomarkers as the laboratory reports them. What counts as above normal is the laboratory's own limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal


class Marker(StrEnum):
    TROPONIN = "troponin"
    NATRIURETIC_PEPTIDE = "natriuretic-peptide"

    @property
    def label(self) -> str:
        return {Marker.TROPONIN: "Troponin", Marker.NATRIURETIC_PEPTIDE: "Natriuretic peptide"}[self]


class MarkerUnit(StrEnum):
    NG_PER_L = "ng/L"
    PG_PER_ML = "pg/mL"
    NG_PER_ML = "ng/mL"
    UG_PER_L = "µg/L"
    PMOL_PER_L = "pmol/L"

    @property
    def label(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Biomarker:
    """One measured biomarker with the upper limit of normal of the laboratory that measured it, in its unit."""

    marker: Marker
    value: Decimal
    limit: Decimal
    unit: MarkerUnit

    @property
    def is_above(self) -> bool:
        """Exactly the limit is still normal."""
        return self.value > self.limit

    def __str__(self) -> str:
        where = "above" if self.is_above else "not above"
        return f"{plain(self.value)} {self.unit}, {where} the laboratory's limit of {plain(self.limit)} {self.unit}"


def biomarker(marker: Marker, value: Decimal | None, limit: Decimal | None, unit: str) -> Biomarker | Refusal | None:
    """The biomarker, None when nothing was given, or what is missing or cannot be."""
    if value is None and limit is None and not unit:
        return None
    if value is None or limit is None or not unit:
        return Refusal(
            "biomarker-incomplete", f"{marker.label}: give the value, the laboratory's upper limit and the unit."
        )
    if value < 0 or limit <= 0:
        return Refusal(
            "biomarker-implausible", f"{marker.label}: a value cannot be negative, and a limit is over nothing."
        )
    return Biomarker(marker, value, limit, MarkerUnit(unit))


def refuse_unsaid(biomarkers: Iterable[Biomarker], rise: bool | None) -> Refusal | None:
    """Why figures alone are not enough: whether one is a new rise is a clinician's word, never ours."""
    found = list(biomarkers)
    if not found or rise is not None:
        return None
    names = "; ".join(f"{one.marker.label}: {one}" for one in found)
    return Refusal("rise-not-said", f"{names}. Say whether that is a rise for this patient: yes or no.")
