"""Identity, measurements, tumour, and the merge of two records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from scheduling.core.intake import WEIGHT_KG
from scheduling.forms.fields import DayField, FigureField
from scheduling.models import BodyMeasurement, Patient, TumourProfile
from scheduling.models.base import choices
from scheduling.words import Receptor, ResidualDisease, Sex

# Not a medical limit either, as WEIGHT_KG is none: outside it a unit was mistaken.
HEIGHT_CM = (Decimal(90), Decimal(250))
UNSAID = {"": None, "yes": True, "no": False}


class PatientForm(forms.Form):
    """Two identifiers and how to reach her."""

    mrn = forms.CharField(label="MRN", max_length=40)
    family_name = forms.CharField(max_length=80)
    given_name = forms.CharField(max_length=80)
    born_on = DayField(label="Date of birth")
    sex = forms.ChoiceField(choices=choices(Sex), initial=Sex.FEMALE)
    allergies = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown on every page about this patient. Write “none known” when you asked.",
    )
    phone = forms.CharField(max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.EmailField(label="E-mail", required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, initial="en", help_text="What letters are written in.")

    @classmethod
    def of(cls, patient: Patient, data: Any = None) -> PatientForm:
        """The form of a patient on record; a language nobody listed is kept."""
        form = cls(data, initial={name: getattr(patient, name) for name in cls.base_fields})
        language = form.fields["language"]
        if patient.language not in dict(settings.LANGUAGES):
            language.choices = [(patient.language, patient.language), *settings.LANGUAGES]  # type: ignore[attr-defined]
        return form


class MeasureForm(forms.Form):
    """A weight, a height, or both, on one day."""

    weight_kg = FigureField(label="Weight", required=False, max_digits=4, decimal_places=1)
    height_cm = FigureField(label="Height", required=False, max_digits=4, decimal_places=1)
    measured_on = DayField(label="Measured on")

    def clean_weight_kg(self) -> Decimal | None:
        return self._within("weight_kg", WEIGHT_KG, "kg")

    def clean_height_cm(self) -> Decimal | None:
        return self._within("height_cm", HEIGHT_CM, "cm")

    def clean(self) -> dict[str, Any]:
        if not self.errors and not (self.cleaned_data["weight_kg"] or self.cleaned_data["height_cm"]):
            self.add_error("weight_kg", "Enter a weight, a height, or both.")
        return self.cleaned_data

    def _within(self, name: str, limits: tuple[Decimal, Decimal], unit: str) -> Decimal | None:
        figure: Decimal | None = self.cleaned_data[name]
        if figure is not None and not limits[0] <= figure <= limits[1]:
            raise forms.ValidationError(
                f"{figure} {unit} is outside {limits[0]} to {limits[1]} {unit}. Check the unit and the decimal point."
            )
        return figure


class TumourForm(forms.Form):
    """What the choice of a regimen asks. Every answer may be unknown."""

    her2 = forms.ChoiceField(label="HER2", choices=choices(Receptor), initial=Receptor.UNKNOWN)
    er = forms.ChoiceField(label="ER", choices=choices(Receptor), initial=Receptor.UNKNOWN)
    pr = forms.ChoiceField(label="PR", choices=choices(Receptor), initial=Receptor.UNKNOWN)
    size_mm = FigureField(label="Size", required=False, max_digits=4, decimal_places=1, min_value=0)
    nodes_positive = forms.IntegerField(label="Positive lymph nodes", required=False, min_value=0, max_value=100)
    neoadjuvant_therapy = forms.TypedChoiceField(
        label="Treated before surgery against HER2",
        required=False,
        choices=[("", "Unknown"), ("yes", "Yes"), ("no", "No")],
        coerce=lambda answer: UNSAID[answer],
        empty_value=None,
    )
    surgery_on = DayField(label="Surgery on", required=False)
    residual_disease = forms.ChoiceField(
        label="Invasive disease left at surgery", choices=choices(ResidualDisease), initial=ResidualDisease.UNKNOWN
    )
    chemotherapy_cycles = forms.IntegerField(
        label="Chemotherapy cycles given", required=False, min_value=0, max_value=50
    )

    chemotherapy_ended_on = DayField(label="Chemotherapy ended on", required=False)
    anthracycline = forms.TypedChoiceField(
        label="An anthracycline was part of it",
        required=False,
        choices=[("", "Unknown"), ("yes", "Yes"), ("no", "No")],
        coerce=lambda answer: UNSAID[answer],
        empty_value=None,
    )

    @classmethod
    def of(cls, profile: TumourProfile | None, data: Any = None) -> TumourForm:
        """The form of what is on record; nothing when nobody has described the tumour."""
        if profile is None:
            return cls(data)
        said = {None: "", True: "yes", False: "no"}
        recorded = {name: getattr(profile, name) for name in cls.base_fields}
        answers = {name: said[recorded[name]] for name in ("neoadjuvant_therapy", "anthracycline")}
        return cls(data, initial=recorded | answers)


class MergeForm(forms.Form):
    """Why these two records are one person."""

    into = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="How you know that they are the same person", widget=forms.Textarea(attrs={"rows": 2}), max_length=500
    )


def last_weight(measurements: list[BodyMeasurement]) -> BodyMeasurement | None:
    """The newest that weighed; the list is newest first."""
    return next((row for row in measurements if row.weight_kg is not None), None)
