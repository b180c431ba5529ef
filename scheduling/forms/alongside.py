"""What runs alongside a plan."""

from __future__ import annotations

from typing import Any

from django import forms

from scheduling.core.alongside import AlongsideKind
from scheduling.forms.fields import DayField
from scheduling.models import AlongsideTreatment
from scheduling.models.base import choices


class AlongsideForm(forms.Form):
    """One kind with its dates. `seen` carries the revision of each kind that was on the page."""

    kind = forms.ChoiceField(label="What", choices=[("", "Choose"), *choices(AlongsideKind)])
    from_on = DayField(label="First day", error_messages={"required": "Say from which day on."})
    until_on = DayField(label="Last day, empty while it lasts", required=False)
    note = forms.CharField(
        label="Note", required=False, max_length=200, help_text="Which, where; or why it is corrected."
    )
    seen = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        """Taking back needs no dates."""
        super().__init__(data, initial=initial)
        self.fields["from_on"].required = self.data.get("act") != "remove"

    @property
    def chosen(self) -> AlongsideKind:
        return AlongsideKind(self.cleaned_data["kind"])

    @property
    def revision(self) -> int:
        """That of the chosen kind as the page showed it; 0 where it was not on record."""
        pairs = (pair.split("=", 1) for pair in self.cleaned_data["seen"].split(",") if "=" in pair)
        text = dict(pairs).get(self.chosen.value, "0")
        return int(text) if text.isdecimal() else 0


def seen_of(rows: list[AlongsideTreatment]) -> str:
    return ",".join(f"{row.kind}={row.revision}" for row in rows)
