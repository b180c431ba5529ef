"""Taking responsibility for figures that no primary text confirmed."""

from __future__ import annotations

from django import forms


class SignOffForm(forms.Form):
    statement = forms.CharField(
        label="What you checked them against",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name the label or guideline and its version. Your name and the date are kept with it.",
    )
