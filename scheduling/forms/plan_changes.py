"""What changes a running plan: first the answers that decide what moves, then the reason that confirms it."""

from __future__ import annotations

from typing import Any

from django import forms

from scheduling import catalog
from scheduling.forms.cycles import Revised, note_field

MOST_CYCLES = 18
"""More at once is a typing mistake. Not a clinical figure."""

QUESTIONS = {
    "reload_with_pertuzumab": "Trastuzumab with pertuzumab, 29 to 41 days after the last dose",
    "anchor": "After a late dose",
    "cap": "Where the plan ends",
}


def why_field(label: str, required: str) -> forms.CharField:
    return note_field(label, error_messages={"required": required})


class ExtendLook(forms.Form):
    cycles = forms.IntegerField(label="Cycles to add", min_value=1, max_value=MOST_CYCLES)


class LevelLook(forms.Form):
    """`agents` and `planned` are what the plan offers: who has lower levels, and what is still to be given."""

    agent = forms.ChoiceField(label="Agent")
    from_cycle = forms.TypedChoiceField(label="From cycle", coerce=int)

    def __init__(self, data: Any = None, *, agents: Any = (), planned: Any = (), **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["agent"].choices = list(agents)  # type: ignore[attr-defined]
        self.fields["from_cycle"].choices = list(planned)  # type: ignore[attr-defined]


class PolicyLook(forms.Form):
    """One answer to each question that the labels leave open, in the policy file's own words."""

    reload_with_pertuzumab = forms.ChoiceField(label=QUESTIONS["reload_with_pertuzumab"], widget=forms.RadioSelect)
    anchor = forms.ChoiceField(label=QUESTIONS["anchor"], widget=forms.RadioSelect)
    cap = forms.ChoiceField(label=QUESTIONS["cap"], widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in QUESTIONS:
            self.fields[name].choices = option_choices(name)  # type: ignore[attr-defined]


class ExtendForm(Revised):
    cycles = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_CYCLES)
    overridden = forms.BooleanField(required=False, label="Add them all the same, under my name")
    reason = why_field("Why cycles are added", "Say why cycles are added.")


class LevelForm(Revised):
    agent = forms.CharField(widget=forms.HiddenInput, max_length=60)
    from_cycle = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=999)
    reason = why_field("Why the dose is reduced", "Say why the dose is reduced.")


class PolicyForm(Revised):
    reload_with_pertuzumab = forms.ChoiceField(widget=forms.HiddenInput)
    anchor = forms.ChoiceField(widget=forms.HiddenInput)
    cap = forms.ChoiceField(widget=forms.HiddenInput)
    reason = why_field("Why this plan goes by it", "Say why the plan goes by another policy.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in QUESTIONS:
            self.fields[name].choices = option_choices(name)  # type: ignore[attr-defined]


class UndoForm(Revised):
    reason = note_field("Why it is taken back", required=False)


def option_choices(name: str) -> list[tuple[str, str]]:
    question = name.replace("_", "-")
    return [(one.value, one.text) for one in catalog.policy_options().options if one.question == question]
