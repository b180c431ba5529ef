"""From one plan to another, and what was given before a plan that runs already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from scheduling.actions.plans import Prior
from scheduling.actions.switches import To
from scheduling.forms.cycles import Revised, note_field, reason_field
from scheduling.forms.fields import DayField
from scheduling.forms.new_plan import DECIDED, PriorForm
from scheduling.models import PriorTreatment, RegimenVersion
from scheduling.models.base import choices
from scheduling.models.standing import regimen_of
from scheduling.words import Setting, SwitchReason

COUNTS = {"yes": True, "no": False, "": None}


class SwitchToForm(forms.Form):
    """The other regimen, from when, and what only a clinician can answer."""

    regimen = forms.ChoiceField(label="Switch to", choices=[])
    setting = forms.ChoiceField(required=False, choices=[("", "As the regimen says"), *choices(Setting)])
    start_on = DayField(label="First dose of it on")
    doses_count = forms.ChoiceField(
        label="The doses given so far count in the new plan",
        required=False,
        choices=[("yes", "Yes, numbering goes on"), ("no", "No, it starts anew")],
        widget=forms.RadioSelect,
    )
    decided_kind = forms.ChoiceField(
        label="The first dose of the new plan is", required=False, choices=DECIDED, widget=forms.RadioSelect
    )

    def __init__(self, data: Any, *, initial: Any, versions: Iterable[RegimenVersion]) -> None:
        super().__init__(data, initial=initial)
        self.versions = {version.key: version for version in versions}
        named = sorted((version.name, key) for key, version in self.versions.items())
        self.fields["regimen"].choices = [("", "Choose a regimen"), *((key, name) for name, key in named)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A regimen of two settings asks which: the cardiac protocols follow it, so it is never guessed."""
        version = self.versions.get(self.cleaned_data.get("regimen", ""))
        settings = regimen_of(version).settings if version else ()
        if len(settings) > 1 and not self.cleaned_data.get("setting"):
            self.add_error("setting", f"Is it {' or '.join(settings)}?")
        return self.cleaned_data

    def to(self) -> To:
        said = self.cleaned_data
        return To(
            self.versions[said["regimen"]],
            said["start_on"],
            said["setting"],
            decided_kind=said["decided_kind"],
            doses_count=COUNTS[said["doses_count"]],
        )


class SwitchForm(Revised):
    """Why; asked only when the switch is made."""

    reason = reason_field(SwitchReason, "Why the plan is switched")
    note = note_field(required=False)


class CorrectPriorForm(Revised):
    reason = note_field(
        "How you know of these doses",
        help_text="For example: discharge letter of the other hospital, 12 May.",
        error_messages={"required": "Say in a sentence how you know of these doses."},
    )


class PriorForms:
    """One PriorForm per known agent; at first, filled in with what is on record."""

    def __init__(self, data: Any, *, agents: Mapping[str, str], recorded: Iterable[PriorTreatment]) -> None:
        data = _as_typed(recorded) if data is None else data
        self.forms = [PriorForm(data, agent=agent, title=title) for agent, title in agents.items()]

    def is_valid(self) -> bool:
        answers = [form.is_valid() for form in self.forms]  # every mistake is told, not only the first
        return all(answers)

    def priors(self) -> list[Prior]:
        return [form.prior() for form in self.forms if form.is_said]


def _as_typed(recorded: Iterable[PriorTreatment]) -> dict[str, str]:
    names = ("doses", "last_given_on", "first_given_on", "place", "decided_kind")
    return {f"{row.agent}-{name}": _typed(getattr(row, name)) for row in recorded for name in names}


def _typed(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
