"""Chairs as people arrange and book them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms

from scheduling.core.calendar import WEEKDAYS
from scheduling.forms.cycles import time_field
from scheduling.forms.fields import DayField
from scheduling.models import Chair, OpeningHours


class BookForm(forms.Form):
    """A chair and an hour. `seen` is the booking that was shown, empty for none."""

    chair = forms.ChoiceField(label="Chair")
    starts_at = time_field("From", required=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, chairs: Iterable[Chair], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chairs = {str(chair.uuid): chair for chair in chairs}
        field = self.fields["chair"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(key, chair.name) for key, chair in self.chairs.items()]

    def chosen(self) -> Chair:
        return self.chairs[self.cleaned_data["chair"]]


class WishForm(forms.Form):
    not_before = time_field("Not before", required=False)
    leave_by = time_field("Gone by", required=False)


class AddChairForm(forms.Form):
    name = forms.CharField(label="Name", max_length=40, help_text="As it is written on the chair: “Chair 7”, “Bed 2”.")
    from_on = DayField(label="In use from", required=False, help_text="Empty: from now on.")


class ChairForm(forms.Form):
    name = forms.CharField(label="Name", max_length=40)
    position = forms.IntegerField(label="Place in the list", min_value=0, max_value=999)
    from_on = DayField(label="First day in use", required=False)
    until_on = DayField(label="Last day in use", required=False, help_text="Empty: no end.")


class HoursForm(forms.Form):
    """Two hours per weekday, both or none; and the minutes of a set-up."""

    set_up_minutes = forms.IntegerField(
        label="Set-up before each infusion", min_value=0, max_value=240,
        help_text="Minutes in the chair before the first drug runs. They are added to the regimen’s minutes.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            self.fields[f"opens_{number}"] = time_field(f"{name} from", required=False)
            self.fields[f"closes_{number}"] = time_field(f"{name} until", required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for number in range(len(WEEKDAYS)):
            opens, closes = said.get(f"opens_{number}"), said.get(f"closes_{number}")
            if (opens is None) != (closes is None) and not self._faulty(number):
                self.add_error(f"closes_{number}" if opens else f"opens_{number}", "Give both hours, or neither.")
        return said

    def _faulty(self, number: int) -> bool:
        return f"opens_{number}" in self.errors or f"closes_{number}" in self.errors

    def days(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"opens_{number}"], self[f"closes_{number}"]) for number in range(len(WEEKDAYS))]

    def hours(self) -> dict[int, tuple[time, time]]:
        """By weekday, Monday is 0; weekdays left empty are not in it."""
        said = self.cleaned_data
        pairs = {number: (said[f"opens_{number}"], said[f"closes_{number}"]) for number in range(len(WEEKDAYS))}
        return {number: pair for number, pair in pairs.items() if pair[0] and pair[1]}

    @staticmethod
    def of(hours: Iterable[OpeningHours], set_up_minutes: int) -> dict[str, Any]:
        """What the form shows of what is stored."""
        shown: dict[str, Any] = {"set_up_minutes": set_up_minutes}
        for one in hours:
            shown |= {f"opens_{one.weekday}": one.opens_at, f"closes_{one.weekday}": one.closes_at}
        return shown
