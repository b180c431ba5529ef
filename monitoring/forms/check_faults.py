"""Saying what was found out about a check that was wrong."""

from __future__ import annotations

from typing import Any

from django import forms


class SeenForm(forms.Form):
    """The page holds one for each fault, so ids carry it."""

    because = forms.CharField(
        label="What was found out, and who was told",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what you found out, and who was told."},
    )

    def __init__(self, fault: object, data: Any = None) -> None:
        super().__init__(data, auto_id=f"id_{fault}_%s")
