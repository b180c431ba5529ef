"""Signing a decision about a flag."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from her2tracker.accounts.models import User
from her2tracker.lib.dates import in_words
from monitoring.models import CardiacFlag
from monitoring.words import DECISION_LABELS, DECISION_REASONS, Decision, DecisionReason
from scheduling.forms.fields import DayField

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
        if decision is Decision.CONTINUE:
            again = self.fields["repeat_by"]
            again.label, again.required, again.initial = "Next LVEF by", False, None
            again.help_text = "When cardiology wants it sooner; empty: when the protocols ask for it."
            self.initial["repeat_by"] = None
        elif decision not in DATED:
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


class SnoozeForm(forms.Form):
    """Putting one flag off; a list holds several, so ids carry which."""

    until = DayField(label="Comes back on")
    reason = forms.CharField(
        label="Why it can wait",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why this can wait."},
    )

    def __init__(self, flag: CardiacFlag, data: Any = None, *, last_on: date | None = None) -> None:
        super().__init__(data, auto_id=f"id_{flag.uuid.hex[:8]}_put_off_%s")
        if last_on is not None:
            self.fields["until"].help_text = f"{in_words(last_on)} at the latest."


class DelegationForm(forms.Form):
    """Who stands in, and for how long."""

    to = forms.ModelChoiceField(
        User.objects.none(), to_field_name="uuid", label="Who stands in", empty_label="Choose a colleague"
    )
    since = DayField(label="From", required=False, help_text="Empty: from now on.")
    until = DayField(label="Last day", required=False, help_text="Empty: until you end it.")

    def __init__(self, colleagues: list[User], data: Any = None) -> None:
        super().__init__(data)
        people = User.objects.filter(pk__in=[person.pk for person in colleagues])
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
