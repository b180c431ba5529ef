"""An infusion as it is started, stopped, or its start taken back."""

from __future__ import annotations

from typing import Any

from django import forms

from her2tracker.lib.bounds import plain
from scheduling.forms.cycles import Revised, note_field, time_field
from scheduling.forms.doses import Hung, ProductForm
from scheduling.forms.fields import FigureField
from scheduling.models import InfusionRun
from scheduling.models.base import choices
from scheduling.words import DifferenceReason


class StartForm(ProductForm, Revised):
    """One agent that runs from now on, or from a few minutes ago."""

    started_at = time_field("Started")
    rate_ml_per_h = FigureField(label="Rate", required=False, min_value=0, max_digits=5, decimal_places=1)
    why = note_field("Why now", required=False)

    def __init__(self, agent: str, revision: int, data: Any = None, *, hung: Hung, **options: Any) -> None:
        initial = options.pop("initial", {}) | {"revision": revision}
        super().__init__(data, initial=initial, **options)
        self._offer(agent, hung)

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        said = dict(self.cleaned_data)
        said.pop("other_product", None)
        return said


class StopForm(forms.Form):
    """The end of a running infusion. What was planned is filled in."""

    stopped_at = time_field("Stopped")
    amount = FigureField(
        label="Given",
        min_value=0,
        max_digits=7,
        decimal_places=2,
        error_messages={"required": "Enter how much went in."},
    )
    difference_reason = forms.ChoiceField(label="Why it differs from the planned dose", required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)

    def __init__(self, run: InfusionRun, data: Any = None, **options: Any) -> None:
        planned = run.planned_mg if run.planned_mg is not None else run.planned_ml
        initial = {"amount": plain(planned) if planned is not None else ""} | options.pop("initial", {})
        super().__init__(data, initial=initial, **options)
        self.unit = "mg" if run.planned_mg is not None or run.planned_ml is None else "mL"
        self.fields["difference_reason"].choices = [("", "It does not"), *choices(DifferenceReason)]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        said = dict(self.cleaned_data)
        return said | {"ml" if self.unit == "mL" else "mg": said.pop("amount")}


class WithdrawForm(forms.Form):
    """A start that was a mistake."""

    reason = note_field(
        "Why the start is withdrawn",
        help_text="One sentence. The start stays in the history, with your name and reason.",
        error_messages={"required": "Say in a sentence why the start is withdrawn."},
    )
