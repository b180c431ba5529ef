"""What changes a running plan: first the answers that decide what moves, then the reason that confirms it."""

from __future__ import annotations

from typing import Any

from django import forms

from scheduling import catalog
from scheduling.forms.cycles import Revised, note_field
from scheduling.forms.fields import DayField

MOST_CYCLES = 18
"""More at once is a typing mistake. Not a clinical figure."""

QUESTIONS = {
    "reload_with_pertuzumab": "Trastuzumab with pertuzumab, 29 to 41 days after the last dose",
    "anchor": "After a late dose",
    "cap": "Where the plan ends",
}


_FROM_WHEN = "Say from when it is reduced."


def why_field(label: str, required: str) -> forms.CharField:
    return note_field(label, error_messages={"required": required})


class ExtendLook(forms.Form):
    cycles = forms.IntegerField(label="Cycles to add", min_value=1, max_value=MOST_CYCLES)


class LevelLook(forms.Form):
    """What the plan offers: `agents` that have lower levels, infused ones from a `planned` cycle on, those taken
    `at_home` from a day on.
    """

    agent = forms.ChoiceField(label="Agent")
    from_cycle = forms.TypedChoiceField(label="From cycle", coerce=int, required=False, empty_value=None)
    from_on = DayField(label="Taken so from", required=False)

    def __init__(
        self, data: Any = None, *, agents: Any = (), planned: Any = (), at_home: Any = (), **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.at_home = {name for name, _ in at_home}
        self.fields["agent"].choices = [*agents, *at_home]  # type: ignore[attr-defined]
        self.fields["from_cycle"].choices = list(planned)  # type: ignore[attr-defined]
        for name, is_asked, is_other in (("from_cycle", agents, at_home), ("from_on", at_home, agents)):
            self.fields[name].required = not is_other
            self.fields[name].error_messages["required"] = _FROM_WHEN
            if not is_asked:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """One of the two answers counts: the other one is of the other kind of agent."""
        said = super().clean() or {}
        wanted, other = ("from_on", "from_cycle") if said.get("agent") in self.at_home else ("from_cycle", "from_on")
        said.pop(other, None)
        if said.get("agent") and wanted not in self.errors and not said.get(wanted):
            self.add_error(wanted, _FROM_WHEN)
        return said


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
    """From a cycle on, or from a day on: the one that was looked at."""

    agent = forms.CharField(widget=forms.HiddenInput, max_length=60)
    from_cycle = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=999, required=False)
    from_on = DayField(widget=forms.HiddenInput, required=False)
    reason = why_field("Why the dose is reduced", "Say why the dose is reduced.")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and bool(said.get("from_cycle")) == bool(said.get("from_on")):
            raise forms.ValidationError("Look first at what would change: from which cycle, or from which day on.")
        return said


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
