"""Typing an LVEF as the report says it, with a second entry where a slip would cost most."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from her2tracker.lib.refusals import Refusal
from monitoring.core.biomarkers import Biomarker, Marker, MarkerUnit, biomarker, refuse_unsaid
from monitoring.core.entry import DoubleEntry
from monitoring.core.lvef import Lvef, Unreadable
from monitoring.core.report_file import LARGEST_BYTES
from monitoring.core.report_file import refuse as refuse_file
from monitoring.core.result import Modality, Symptoms
from scheduling.forms.fields import DayField, FigureField

RISE = {"": None, "no": False, "yes": True}


class LvefField(forms.CharField):
    """`47`, `47,5`, `50-55 %`, `>55`. Cleans to an Lvef, or says what to write instead."""

    def __init__(self, **options: Any) -> None:
        # Ranges need a hyphen, so the numeric keypad of a phone would not do.
        super().__init__(max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"}), **options)

    def clean(self, value: Any) -> Lvef | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Lvef.parse(text)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error


MARKERS = {"troponin": Marker.TROPONIN, "peptide": Marker.NATRIURETIC_PEPTIDE}


def _value(label: str) -> FigureField:
    return FigureField(label=label, required=False, max_digits=9, decimal_places=3, min_value=0)


def _limit() -> FigureField:
    return FigureField(label="Laboratory’s upper limit", required=False, max_digits=9, decimal_places=3, min_value=0)


def _unit(*units: MarkerUnit) -> forms.ChoiceField:
    return forms.ChoiceField(label="Unit", required=False, choices=[("", "–"), *((u.value, u.label) for u in units)])


class ReportField(forms.FileField):
    """A file as (name, bytes). One that is too large is refused unread."""

    def __init__(self, **options: Any) -> None:
        widget = forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"})
        help_text = "PDF, PNG or JPEG, at most 5 MB."
        super().__init__(widget=widget, help_text=help_text, allow_empty_file=True, **options)

    def clean(self, data: Any, initial: Any = None) -> tuple[str, bytes] | None:
        uploaded = super().clean(data, initial)
        if not uploaded:
            return None
        content = uploaded.read(LARGEST_BYTES + 1)
        if found := refuse_file(content, already=0):
            raise forms.ValidationError(found.sentence)
        return str(uploaded.name or ""), content


class AssessmentForm(forms.Form):
    lvef = LvefField(label="LVEF", help_text="Percent, as the report says it: 55, 47.5, 50-55 or >55.")
    lvef_again = LvefField(label="LVEF again", required=False)
    performed_on = DayField(label="Performed on")
    modality = forms.ChoiceField(label="Modality", choices=[(m.value, m.label) for m in Modality])
    lab = forms.CharField(label="Laboratory", max_length=120, required=False)
    symptoms = forms.ChoiceField(
        label="Symptoms of heart failure",
        choices=[(s.value, s.label.capitalize()) for s in Symptoms],
        initial=Symptoms.UNKNOWN.value,
        help_text="Symptoms override the figures.",
    )
    gls_percent = FigureField(
        label="GLS", required=False, max_digits=4, decimal_places=1, min_value=-40, max_value=40,
        help_text="Global longitudinal strain in percent, for example -18.5.",
    )  # fmt: skip
    biomarker_rise = forms.ChoiceField(
        label="Rise of troponin or natriuretic peptide",
        required=False,
        choices=[("", "Not measured"), ("no", "No"), ("yes", "Yes")],
    )
    troponin = _value("Troponin")
    troponin_limit = _limit()
    troponin_unit = _unit(MarkerUnit.NG_PER_L, MarkerUnit.PG_PER_ML, MarkerUnit.NG_PER_ML, MarkerUnit.UG_PER_L)
    peptide = _value("BNP or NT-proBNP")
    peptide_limit = _limit()
    peptide_unit = _unit(MarkerUnit.NG_PER_L, MarkerUnit.PG_PER_ML, MarkerUnit.PMOL_PER_L)
    note = forms.CharField(label="Note", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    report = ReportField(label="The laboratory’s report", required=False)

    def __init__(
        self, data: Any = None, *, limits: DoubleEntry, last: Lvef | None, today: date, files: Any = None
    ) -> None:
        super().__init__(data, files, initial={"performed_on": today, "modality": Modality.ECHO_2D.value})
        self.limits, self.last = limits, last
        self.asked_again = ""
        self.biomarkers: tuple[Biomarker, ...] = ()

    @property
    def has_biomarkers(self) -> bool:
        """Whether anything was typed there: the page then shows those fields open."""
        return any(self[f"{name}{part}"].value() for name in MARKERS for part in ("", "_limit", "_unit"))

    def clean_biomarker_rise(self) -> bool | None:
        return RISE[self.cleaned_data["biomarker_rise"]]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        self._read_biomarkers(clean)
        typed = clean.get("lvef")
        self.asked_again = self.limits.asks(typed, self.last) if typed else ""
        self.fields["lvef_again"].required = bool(self.asked_again)
        if self.asked_again and "lvef_again" not in self.errors:
            again = clean.get("lvef_again")
            if again is None:
                self.add_error("lvef_again", self.asked_again)
            elif again != typed:
                self.add_error("lvef_again", f"First {typed}, then {again}: look at the report and correct one.")
        return clean

    def _read_biomarkers(self, clean: dict[str, Any]) -> None:
        """Value, limit and unit belong together, and somebody must say whether they are a rise."""
        for name, marker in MARKERS.items():
            if {name, f"{name}_limit", f"{name}_unit"} & set(self.errors):
                continue
            found = biomarker(marker, clean.get(name), clean.get(f"{name}_limit"), clean.get(f"{name}_unit") or "")
            if isinstance(found, Refusal):
                self.add_error(name, found.sentence)
            elif found:
                self.biomarkers += (found,)
        if unsaid := refuse_unsaid(self.biomarkers, clean.get("biomarker_rise")):
            self.add_error("biomarker_rise", unsaid.sentence)

    def recorded(self) -> dict[str, Any]:
        """The keyword arguments of `assessments.record`."""
        apart = {"lvef_again", "report", *(f"{name}{part}" for name in MARKERS for part in ("", "_limit", "_unit"))}
        clean = {name: value for name, value in self.cleaned_data.items() if name not in apart}
        clean["biomarkers"] = self.biomarkers
        return clean | {"modality": Modality(clean["modality"]), "symptoms": Symptoms(clean["symptoms"])}


class ReportForm(forms.Form):
    report = ReportField(label="The laboratory’s report", error_messages={"required": "Choose a file."})


class InvalidateForm(forms.Form):
    because = forms.CharField(label="Why this result is not valid", widget=forms.Textarea(attrs={"rows": 2}))


class EchoForm(forms.Form):
    """An appointment; it closes nothing."""

    booked_for = DayField(label="Date")
    lab = forms.CharField(label="Laboratory", max_length=120)
    note = forms.CharField(label="Note", required=False, max_length=500)


class BaselineForm(forms.Form):
    """The rows are drawn by the page, a radio in each; the field here checks that one of them was meant."""

    assessment = forms.ChoiceField(label="Baseline")
    reason = forms.CharField(label="Why this one", max_length=500)

    def __init__(self, data: Any = None, *, uuids: list[str], chosen: str = "") -> None:
        super().__init__(data, initial={"assessment": chosen})
        self.fields["assessment"].choices = [(uuid, uuid) for uuid in uuids]  # type: ignore[attr-defined]
        self.fields["assessment"].error_messages["required"] = "Choose one of the results."
