"""A closed span, and where each infusion in it is to go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from scheduling.actions.closures import Line
from scheduling.forms.fields import DayField

LEAVE = "leave"


class SpanForm(forms.Form):
    """The first and last day without infusions."""

    first_on = DayField(label="First closed day")
    last_on = DayField(label="Last closed day")
    name = forms.CharField(max_length=80, label="Why, as plans will show it")


class ChoicesForm(forms.Form):
    """One choice per line: a day that is named, or to leave it where it is."""

    def __init__(self, lines: Iterable[Line], data: Any = None) -> None:
        super().__init__(data)
        for line in lines:
            self.fields[str(line.move.uuid)] = _choice(line)

    def days(self) -> dict[UUID, date | None]:
        """What the action takes."""
        return {
            UUID(name): None if value == LEAVE else date.fromisoformat(value)
            for name, value in self.cleaned_data.items()
            if name in self.fields
        }


def _choice(line: Line) -> forms.ChoiceField:
    """The label names whose line it is, for whoever hears the page."""
    move = line.move
    field = forms.ChoiceField(
        label=f"New day for {move.plan.patient}, cycle {move.cycle}",
        choices=[*((one.on.isoformat(), one.in_words) for one in line.candidates), (LEAVE, "Leave it, decide later")],
        initial=move.to_on.isoformat() if move.to_on else LEAVE,
    )
    field.error_messages["invalid_choice"] = "This day can no longer be chosen. Look at the list again."
    return field
