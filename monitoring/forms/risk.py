"""The risk proforma as a form, and an interval set for a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.forms import BoundField

from monitoring.actions.intervals import Offer
from monitoring.core.lvef import Lvef
from monitoring.core.risk import Answers, Factor, Measure, Proforma
from monitoring.forms.assessments import LvefField
from monitoring.models.known import Known
from scheduling.forms.fields import DayField, FigureField

SAID = {"yes": True, "no": False, "unknown": None}
FIGURES = (
    Measure.AGE, Measure.LVEF, Measure.BMI, Measure.SYSTOLIC, Measure.DIASTOLIC, Measure.HBA1C, Measure.HBA1C_SI,
    Measure.EGFR,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the proforma: a question, or a figure, with what is on record about it."""

    field: BoundField
    factors: tuple[Factor, ...]
    known: Known | None


class RiskForm(forms.Form):
    """Each question is answered yes, no or unknown: none has an answer before somebody gives it."""

    note = forms.CharField(label="Note", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, proforma: Proforma, known: Mapping[str, Known]) -> None:
        super().__init__(data)
        self.proforma, self.known = proforma, known
        for measure in FIGURES:
            self.fields[measure.value] = _figure(measure)
            if found := known.get(measure):
                self.initial[measure.value] = found.text.removesuffix(" %")
        for factor in self._questions():
            self.fields[factor.id] = _question(factor)
            if found := known.get(factor.id):
                self.initial[factor.id] = found.text

    def _questions(self) -> list[Factor]:
        return [factor for factor in self.proforma.factors if not factor.is_measured]

    def figures(self) -> Iterator[Row]:
        """Each figure with the factors it decides."""
        for measure in FIGURES:
            factors = tuple(one for one in self.proforma.factors if measure in one.measures)
            yield Row(self[measure.value], factors, self.known.get(measure))

    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        """The questions, in the proforma's own groups."""
        for name, factors in groupby(self._questions(), key=lambda factor: factor.group):
            yield name, [Row(self[one.id], (one,), self.known.get(one.id)) for one in factors]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        if clean.get(Measure.HBA1C) is not None and clean.get(Measure.HBA1C_SI) is not None:
            self.add_error(Measure.HBA1C_SI.value, "Give HbA1c once, in the laboratory's own unit.")
        return clean

    def answers(self) -> Answers:
        clean = self.cleaned_data
        said = {one.id: SAID[clean[one.id]] for one in self._questions()}
        measured: dict[Measure, Decimal | Lvef] = {one: clean[one] for one in FIGURES if clean.get(one) is not None}
        return Answers({id_: answer for id_, answer in said.items() if answer is not None}, measured)


def _figure(measure: Measure) -> forms.Field:
    # eGFR keeps its letter: EGFR is a receptor.
    label = measure.label if measure is Measure.EGFR else f"{measure.label[0].upper()}{measure.label[1:]}"
    if measure is Measure.LVEF:
        return LvefField(label=label, required=False)
    return FigureField(label=label, required=False, max_digits=6, decimal_places=1, min_value=0)


def _question(factor: Factor) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=f"{factor.words[0].upper()}{factor.words[1:]}",
        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Unknown")],
        widget=forms.RadioSelect,
        error_messages={"required": "Answer yes, no or unknown."},
    )


class IntervalForm(forms.Form):
    """An interval that the risk level proposes, or a clinician's own; how long it lasts; why."""

    choice = forms.ChoiceField(label="Interval", widget=forms.RadioSelect)
    weeks = forms.IntegerField(
        label="Weeks between assessments", required=False, min_value=1, max_value=52,
        help_text="For an interval of your own, for example on cardiology’s advice.",
    )  # fmt: skip
    until = DayField(label="Until", required=False, help_text="The first result on or after this day ends it.")
    results = forms.IntegerField(
        label="For so many results", required=False, min_value=1, max_value=50,
        help_text="Leave both empty and it lasts until somebody ends it.",
    )  # fmt: skip
    reason = forms.CharField(label="Why", max_length=500)
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, offers: tuple[Offer, ...], seen: Any = None) -> None:
        super().__init__(data)
        able = [one for one in offers if one.refusal is None]
        named = [(one.choice.id, f"{one.choice.name.capitalize()}: {one.choice.rule.every_days} days") for one in able]
        self.fields["choice"].choices = [*named, ("own", "Another: every so many weeks")]  # type: ignore[attr-defined]
        proposed = next((one.choice.id for one in able if one.choice.proposed), "" if able else "own")
        self.initial.update({"choice": proposed, "seen": seen})

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        if clean.get("choice") == "own" and clean.get("weeks") is None and "weeks" not in self.errors:
            self.add_error("weeks", "Say how many weeks.")
        if clean.get("choice") not in ("own", None, "") and clean.get("weeks") is not None:
            self.add_error("weeks", "Leave the weeks empty, or choose another interval.")
        return clean

    def chosen(self) -> dict[str, Any]:
        """The keyword arguments of `intervals.choose`."""
        clean = dict(self.cleaned_data)
        return clean | {"choice": "" if clean["choice"] == "own" else clean["choice"]}


class EndIntervalForm(forms.Form):
    reason = forms.CharField(label="Why it ends", max_length=500)
