"""What is decided about a running plan: held, resumed, ceased, calculated anew."""

from __future__ import annotations

from typing import Any

from django import forms

from her2tracker.accounts.models import User
from scheduling.forms.cycles import Revised, note_field, reason_field
from scheduling.forms.fields import DayField
from scheduling.models import BodyMeasurement
from scheduling.words import CeaseReason, HoldReason

# switching is an act of its own, which starts the other plan too
CEASE_REASONS = [reason for reason in CeaseReason if reason is not CeaseReason.SWITCHED]


class HoldForm(Revised):
    reason = reason_field(HoldReason, "Why treatment stops")
    repeat_assessment_by = DayField(label="Repeat LVEF by", required=False)
    note = note_field(required=False)


class ResumeForm(Revised):
    note = note_field(
        "Why treatment may go on",
        help_text="For example: LVEF 55 % on repeat, cardiology agrees.",
        error_messages={"required": "Say in a sentence why treatment may go on."},
    )


class CeaseForm(Revised):
    reason = reason_field(CEASE_REASONS, "Why the plan ends")
    note = note_field(required=False)


class WeightChoiceForm(forms.Form):
    """Which of the last weights to calculate with; the newest unless another is chosen."""

    weight = forms.ModelChoiceField(
        BodyMeasurement.objects.none(), to_field_name="uuid", empty_label=None, label="Calculate with"
    )

    def __init__(self, patient: Any, data: Any = None) -> None:
        super().__init__(data)
        weights = patient.measurements.filter(weight_kg__isnull=False)
        self.fields["weight"].queryset = weights  # type: ignore[attr-defined]
        self.newest = weights.first()

    @property
    def chosen(self) -> BodyMeasurement | None:
        """The weight named in the address or the form, else the newest; None where there is none."""
        named: BodyMeasurement | None = self.cleaned_data["weight"] if self.is_valid() else None
        return named or self.newest


class RecalculateForm(Revised):
    """The weight that was looked at."""

    weight = forms.UUIDField(widget=forms.HiddenInput)


class AssignForm(Revised):
    """Who answers for the plan from now on."""

    to = forms.ModelChoiceField(
        User.objects.none(), to_field_name="uuid", label="Responsible oncologist", empty_label="Choose an oncologist"
    )
    note = note_field(required=False)

    def __init__(self, oncologists: list[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=[person.pk for person in oncologists])
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
