"""One measured LVEF with what was measured beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from monitoring.core.lvef import Lvef


class Modality(StrEnum):
    ECHO_2D = "echo-2d"
    ECHO_3D = "echo-3d"
    MUGA = "muga"
    CMR = "cmr"

    @property
    def label(self) -> str:
        return {"echo-2d": "2D echo", "echo-3d": "3D echo", "muga": "MUGA", "cmr": "CMR"}[self.value]


class Symptoms(StrEnum):
    """Heart failure as ESC 2022 grades it; `UNKNOWN` when nobody recorded whether there is any."""

    UNKNOWN = "unknown"
    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    VERY_SEVERE = "very-severe"

    @property
    def label(self) -> str:
        return {
            Symptoms.UNKNOWN: "symptoms not recorded",
            Symptoms.NONE: "no symptoms of heart failure",
            Symptoms.MILD: "mild symptomatic heart failure (no intensified therapy)",
            Symptoms.MODERATE: "moderate symptomatic heart failure (therapy intensified as an outpatient)",
            Symptoms.SEVERE: "severe symptomatic heart failure (admitted)",
            Symptoms.VERY_SEVERE: "very severe symptomatic heart failure (inotropes or mechanical support)",
        }[self]

    @property
    def grade(self) -> int:
        """0 for none or unknown, then 1 to 4."""
        return _GRADES[self]


class Dysfunction(StrEnum):
    """Cardiac dysfunction under treatment (CTRCD) as ESC 2022, Table 3 grades it, mildest first."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    SYMPTOMATIC_MILD = "symptomatic-mild"
    SYMPTOMATIC_MODERATE = "symptomatic-moderate"
    SYMPTOMATIC_SEVERE = "symptomatic-severe"
    SYMPTOMATIC_VERY_SEVERE = "symptomatic-very-severe"

    @property
    def label(self) -> str:
        if self is Dysfunction.NONE:
            return "no cardiac dysfunction"
        head, _, rest = self.value.partition("-")
        return f"symptomatic, {rest.replace('-', ' ')}" if rest else f"asymptomatic, {head}"

    @property
    def severity(self) -> int:
        return _SEVERITIES[self]

    @property
    def is_symptomatic(self) -> bool:
        return self.severity >= Dysfunction.SYMPTOMATIC_MILD.severity


# Asked for each rule of each result.
_GRADES = {one: max(0, place - 1) for place, one in enumerate(Symptoms)}
_SEVERITIES = {one: place for place, one in enumerate(Dysfunction)}


@dataclass(frozen=True, slots=True)
class Assessment:
    """An LVEF assessment. GLS in percent, either sign; None means it was not measured."""

    performed_on: date
    lvef: Lvef
    modality: Modality = Modality.ECHO_2D
    lab: str = ""
    gls: Decimal | None = None
    symptoms: Symptoms = Symptoms.UNKNOWN
    biomarker_rise: bool | None = None


def gls_fall_percent(baseline: Decimal | None, current: Decimal | None) -> Decimal | None:
    """The relative fall of GLS in percent of its baseline (magnitudes), or None when either is missing."""
    if baseline is None or current is None or baseline == 0:
        return None
    return (abs(baseline) - abs(current)) / abs(baseline) * 100
