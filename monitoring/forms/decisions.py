"""Signing a decision about a flag."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from monitoring.models import CardiacFlag
from monitoring.words import DECISION_LABELS, DECISION_REASONS, Decision, DecisionReason

DATED = (Decision.HOLD, Decision.REPEAT)


class DecisionForm(forms.Form):
    """One of the four decisions about one flag; the page holds four, so ids carry both."""

    decision = forms.ChoiceField(choices=list(DECISION_LABELS.items()), widget=forms.HiddenInput)
    decisions_seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.ChoiceField(label="Reason")
    repeat_by = forms.DateField(
        label="Repeat the LVEF by", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label="In a sentence", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        flag: CardiacFlag,
        decision: Decision,
        data: Any = None,
        *,
        seen: int = 0,
        repeat_by: date | None = None,
    ) -> None:
        super().__init__(
            data,
            auto_id=f"id_{flag.uuid.hex[:8]}_{decision.value}_%s",
            initial={"decision": decision.value, "decisions_seen": seen, "repeat_by": repeat_by},
        )
        reasons = DECISION_REASONS[decision]
        self.fields["reason"].choices = [("", "Choose a reason"), *((r.value, r.label) for r in reasons)]  # type: ignore[attr-defined]
        if decision not in DATED:
            del self.fields["repeat_by"]
        if decision is Decision.NOT_VALID:
            self.fields["note"].required = True
            self.fields["note"].label = "Why this result is not valid"

    def signed(self) -> dict[str, Any]:
        """The keyword arguments of `decisions.decide`."""
        clean = self.cleaned_data
        return {
            "decision": Decision(clean["decision"]),
            "reason": DecisionReason(clean["reason"]),
            "note": clean["note"],
            "repeat_by": clean.get("repeat_by"),
            "decisions_seen": clean["decisions_seen"],
        }
