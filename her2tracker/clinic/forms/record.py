"""From which day to which."""

from __future__ import annotations

from django import forms

from scheduling.forms.fields import DayField


class SpanForm(forms.Form):
    first = DayField(label="First day")
    last = DayField(label="Last day", help_text="At most a year at once.")
