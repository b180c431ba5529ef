"""Whose public holidays close the site."""

from __future__ import annotations

from typing import Any

from django import forms

from scheduling.catalog import public_holidays
from scheduling.catalog.public_holidays import Calendar
from scheduling.forms.fields import DayField


class CalendarForm(forms.Form):
    """A country and, of a country that has them, a subdivision; an unknown one is refused beside its field."""

    country = forms.ChoiceField(required=False, label="Country")
    subdivision = forms.ChoiceField(
        required=False, label="State, region or province", help_text="Shown once a country that has them is chosen."
    )

    def __init__(self, data: Any = None, *, chosen: Calendar | None = None) -> None:
        initial = {"country": chosen.country, "subdivision": chosen.subdivision} if chosen else {}
        super().__init__(data, initial=initial)
        country = (data.get("country", "") if data is not None else "") or initial.get("country", "")
        parts = public_holidays.subdivisions(country)
        named = [("", "No public holidays"), *public_holidays.countries().items()]
        self.fields["country"].choices = named  # type: ignore[attr-defined]
        self.fields["subdivision"].choices = [("", "The whole country"), *parts]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A subdivision of the country asked for before falls away with it."""
        if "subdivision" in self.errors and not self.data.get("strict"):
            del self.errors["subdivision"]
            self.cleaned_data["subdivision"] = ""
        return self.cleaned_data


class HolidayForm(forms.Form):
    on = DayField()
    act = forms.ChoiceField(choices=[("open", "open"), ("close", "close")])
