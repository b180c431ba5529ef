"""What the program knows already of a risk proforma's questions, and from where. Shown to be checked, never assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from monitoring.core.lvef import Lvef
from monitoring.core.risk import Measure
from monitoring.models.assessments import LvefAssessment
from monitoring.models.standing import Standing
from scheduling.models import BodyMeasurement, Patient, TumourProfile

_TENTH = Decimal("0.1")
_CM_PER_M = 100


@dataclass(frozen=True, slots=True)
class Known:
    """One fact on record: a figure for a measure, or a yes or no to a factor by its id."""

    about: str
    value: Decimal | Lvef | bool
    origin: str

    @property
    def text(self) -> str:
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return str(self.value) if isinstance(self.value, Lvef) else plain(self.value)


def known_of(patient: Patient, standing: Standing | None, today: date) -> dict[str, Known]:
    """By measure or factor id. At most three queries."""
    echo = _echo(patient, standing)
    found = [Known(Measure.AGE, Decimal(patient.age_on(today)), "from the date of birth")]
    if echo is not None:
        origin = f"{echo.get_modality_display()} of {in_words(echo.performed_on)}"
        found.append(Known(Measure.LVEF, echo.lvef, f"baseline LVEF, {origin}"))
        found += [Known(one.marker.value, one.is_above, f"{one}, with the {origin}") for one in echo.biomarkers]
    found += [*_bmi(patient), *_anthracycline(patient)]
    return {one.about: one for one in found}


def _echo(patient: Patient, standing: Standing | None) -> LvefAssessment | None:
    if standing is not None and standing.first_given_on is not None:
        return standing.baseline
    return standing.baseline if standing and standing.baseline else patient.assessments.valid().last()


def _bmi(patient: Patient) -> list[Known]:
    """From the latest weight and the latest height; none when either is missing."""
    rows = BodyMeasurement.objects.filter(patient=patient)
    weighed, tall = rows.filter(weight_kg__isnull=False).first(), rows.filter(height_cm__isnull=False).first()
    if weighed is None or tall is None or weighed.weight_kg is None or tall.height_cm is None:
        return []
    metres = tall.height_cm / _CM_PER_M
    bmi = (weighed.weight_kg / metres**2).quantize(_TENTH, ROUND_HALF_UP)
    origin = f"{plain(weighed.weight_kg)} kg of {in_words(weighed.measured_on)}, {plain(tall.height_cm)} cm"
    return [Known(Measure.BMI, bmi, origin)]


def _anthracycline(patient: Patient) -> list[Known]:
    said = TumourProfile.objects.filter(patient=patient).values_list("anthracycline", flat=True).first()
    return [] if said is None else [Known("anthracycline-before", said, "from the description of the tumour")]
