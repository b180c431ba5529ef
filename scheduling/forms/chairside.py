"""What a nurse writes down at the chair: a set of vital signs in two taps, a reaction in one page."""

from __future__ import annotations

from typing import Any

from django import forms

from scheduling.core.chairside import GRADES
from scheduling.forms.cycles import note_field, time_field
from scheduling.forms.fields import DayField, FigureField
from scheduling.models.base import choices
from scheduling.words import ReactionAction, ReactionSign

LATE = "Write the time when it was seen, not when it is written down."


def whole_field(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class SeenForm(forms.Form):
    seen_on = DayField(label="On", error_messages={"required": "Enter the day."})
    seen_at = time_field("At")


class Amended(forms.Form):
    """What is asked when an entry is corrected; shown after the entry's own fields."""

    in_error = forms.BooleanField(
        label="Entered in error: never happened, or to somebody else",
        help_text="The entry stays in sight, struck through, and counts no more.",
        required=False,
    )
    reason = note_field(
        "Why the entry is amended",
        help_text="One sentence. It stays beside the old and the new value.",
        error_messages={"required": "Say in a sentence why the entry is amended."},
    )


class VitalsForm(SeenForm):
    """One timed set; what was not measured stays empty."""

    temperature_c = FigureField(label="Temperature", required=False, max_digits=3, decimal_places=1)
    pulse_bpm = whole_field("Pulse")
    systolic_mmhg = whole_field("Upper pressure")
    diastolic_mmhg = whole_field("Lower pressure")
    saturation_percent = whole_field("Saturation")


class ReactionForm(SeenForm):
    """An infusion reaction."""

    agent = forms.ChoiceField(label="During or after")
    grade = forms.TypedChoiceField(
        label="Grade (CTCAE)",
        coerce=int,
        choices=[(grade, f"Grade {grade}") for grade in GRADES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the grade."},
    )
    signs = forms.MultipleChoiceField(
        label="Signs",
        choices=choices(ReactionSign),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Name at least one sign."},
    )
    action = forms.ChoiceField(
        label="What became of the infusion",
        choices=choices(ReactionAction),
        widget=forms.RadioSelect,
        error_messages={"required": "Say what became of the infusion."},
    )
    note = note_field("What was done, and how it ended", required=False)

    def __init__(self, agents: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].choices = agents  # type: ignore[attr-defined]
        self.fields["seen_at"].help_text = LATE


class AmendVitalsForm(Amended, VitalsForm):
    """A set of vital signs, corrected. What stands there now is filled in."""


class AmendReactionForm(Amended, ReactionForm):
    """A reaction, corrected. What stands there now is filled in."""
