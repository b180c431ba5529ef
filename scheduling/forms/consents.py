"""A patient's consent to a plan's treatment: signed, withdrawn, or recorded in error."""

from __future__ import annotations

from django import forms

from scheduling.forms.cycles import note_field
from scheduling.forms.fields import DayField
from scheduling.words import ConsentEnd


class ConsentForm(forms.Form):
    signed_on = DayField(
        label="Signed on",
        error_messages={
            "required": "Enter the day on the signed form.",
            "invalid": "Enter a date such as 2026-01-05.",
        },
    )
    kept_in = forms.CharField(
        label="Where the signed form is",
        required=False,
        max_length=200,
        help_text="For example: paper record, volume 2. So that whoever asks finds it.",
    )


class ConsentEndForm(forms.Form):
    """Which of the two it is, nobody presses by chance: nothing is preselected."""

    end = forms.ChoiceField(
        label="What happened",
        choices=[
            (ConsentEnd.WITHDRAWN.value, "The patient withdrew it"),
            (ConsentEnd.IN_ERROR.value, "It was never signed: recorded in error"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say which of the two it is."},
    )
    on = DayField(label="Withdrawn on", required=False, help_text="The day the patient said so.")
    note = note_field(required=False, help_text="A patient need not give a reason. An error needs one.")
