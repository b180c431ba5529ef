"""A doctor's release, and the blood tests entered for an infusion."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from scheduling.core.laboratory import LabTest
from scheduling.forms.cycles import Revised
from scheduling.forms.fields import DayField, FigureField


class ReleaseForm(Revised):
    """Release, or take back what stands."""

    take_back = forms.BooleanField(required=False, widget=forms.HiddenInput)


class LaboratoryForm(forms.Form):
    """A value and its unit for each test that is asked for; one left empty is not entered."""

    taken_on = DayField(label="Blood taken on")

    def __init__(self, tests: Iterable[LabTest], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tests = tuple(tests)
        for test in self.tests:
            self.fields[test.id] = FigureField(
                label=test.title, required=False, min_value=0, max_digits=8, decimal_places=2
            )
            self.fields[f"{test.id}-unit"] = forms.ChoiceField(
                label=f"Unit of {test.title}", choices=[(unit, unit) for unit in test.units]
            )

    @property
    def lines(self) -> list[tuple[LabTest, forms.BoundField, forms.BoundField]]:
        return [(test, self[test.id], self[f"{test.id}-unit"]) for test in self.tests]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.entered():
            raise forms.ValidationError("Enter at least one value.")
        return self.cleaned_data

    def entered(self) -> list[tuple[str, Decimal, str]]:
        """`(test, value, unit)` of each value that was typed."""
        said = self.cleaned_data
        return [
            (test.id, said[test.id], said.get(f"{test.id}-unit") or test.units[0])
            for test in self.tests
            if said.get(test.id) is not None
        ]
