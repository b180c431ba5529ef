"""What is recorded or decided about one infusion."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from her2tracker.lib.dates import in_words
from scheduling.core.lifecycle import LONGEST_DELAY
from scheduling.forms.fields import DayField
from scheduling.models.base import choices
from scheduling.words import (
    DelayReason,
    DelayScope,
    ForwardReason,
    OmissionReason,
    OverrideReason,
)

NONE_CHOSEN = ("", "Choose a reason")


def reason_field(kind: Any, label: str) -> forms.ChoiceField:
    """A coded reason; nothing is preselected, so that the first in the list is not everybody's reason."""
    return forms.ChoiceField(
        label=label,
        choices=[NONE_CHOSEN, *choices(kind)],
        error_messages={"required": "Choose a reason."},
    )


def note_field(label: str = "Note", **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 2}), max_length=1000, **options)


def time_field(label: str, **options: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": "Enter a time such as 09:30.", "required": "Enter the time."},
        **options,
    )


def near(on: date, planned_on: date) -> date:
    """`on`, unless it is so far from the plan that the year must be mistyped."""
    if abs(on - planned_on) > LONGEST_DELAY:
        raise forms.ValidationError(
            f"{in_words(on)} is more than half a year from the planned {in_words(planned_on)}. Check the year."
        )
    return on


class Revised(forms.Form):
    """A form about a plan as it was shown: another person's change in between is refused, not overwritten."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def seen(self) -> int | None:
        """The revision the person was looking at when they pressed the button."""
        return self.cleaned_data.get("revision")

    def show_anew(self, revision: int) -> None:
        """The page shows the plan as it is now, so pressing again is about that."""
        if self.is_bound:
            self.data = dict(self.data.items()) | {self.add_prefix("revision"): str(revision)}


class OnForm(forms.Form):
    """The day to show an infusion for."""

    on = DayField(label="Given on")

    def __init__(self, planned_on: date, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.planned_on = planned_on

    def clean_on(self) -> date:
        return near(self.cleaned_data["on"], self.planned_on)


class GivenForm(Revised):
    """An infusion as a whole; its agents are in DoseForm."""

    given_on = DayField(widget=forms.HiddenInput)
    note = note_field("Note about this infusion", required=False)

    def __init__(self, planned_on: date, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.planned_on = planned_on

    def clean_given_on(self) -> date:
        return near(self.cleaned_data["given_on"], self.planned_on)


def scope_field() -> forms.TypedChoiceField:
    """What moves with the day; all later ones unless it is said."""
    return forms.TypedChoiceField(
        required=False, widget=forms.HiddenInput, choices=choices(DelayScope), coerce=DelayScope,
        empty_value=DelayScope.LATER,
    )  # fmt: skip


class ToDateForm(forms.Form):
    """The date a delay is looked at for; nothing is saved."""

    to_on = DayField(label="Move to")
    scope = scope_field()


class DelayForm(Revised):
    """A delay that was looked at, and its reason."""

    to_on = DayField(widget=forms.HiddenInput)
    scope = scope_field()
    reason = reason_field(DelayReason, "Why it is delayed")
    note = note_field(required=False)


class ForwardLook(forms.Form):
    """The earlier date that is looked at; nothing is saved."""

    to_on = DayField(label="Move to")


class ForwardForm(Revised):
    """A day brought forward that was looked at, and its reason."""

    to_on = DayField(widget=forms.HiddenInput)
    reason = reason_field(ForwardReason, "Why it is brought forward")
    note = note_field(required=False)


class OmitForm(Revised):
    """A dose that will not be given, and its reason."""

    made_up = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = reason_field(OmissionReason, "Why it is not given")
    note = note_field(required=False)


class TimeForm(forms.Form):
    starts_at = time_field("Starts at", required=False)


class OverrideForm(forms.Form):
    """An oncologist's decision to treat in spite of what stands against it."""

    reason = reason_field(OverrideReason, "Reason for treating")
    note = note_field(
        "Why treatment goes on",
        help_text="One sentence. It stands beside the objection for everybody who looks at this infusion.",
        error_messages={"required": "Say in a sentence why treatment goes on."},
    )
