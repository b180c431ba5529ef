"""The questions of a new plan: regimen, start, weight, and what was given before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from scheduling.actions.plans import Prior
from scheduling.core.regimen import DoseKind
from scheduling.forms.fields import DayField
from scheduling.models import BodyMeasurement, RegimenVersion
from scheduling.models.base import choices
from scheduling.models.standing import regimen_of
from scheduling.words import Setting

DECIDED = [(DoseKind.LOADING.value, "Loading dose"), (DoseKind.MAINTENANCE.value, "Maintenance dose")]


class NewPlanForm(forms.Form):
    """What to give, from when, by which weight."""

    regimen = forms.ChoiceField(choices=[])
    setting = forms.ChoiceField(required=False, choices=[("", "As the regimen says"), *choices(Setting)])
    start_on = DayField(label="First dose here on")
    weight = forms.ChoiceField(label="Weight to calculate with", required=False, choices=[])
    in_spite_of = forms.CharField(label="Start in spite of that, because", required=False, max_length=500)

    def __init__(
        self,
        data: Any,
        *,
        initial: Any = None,
        versions: Mapping[str, RegimenVersion],
        weights: Iterable[BodyMeasurement],
    ) -> None:
        super().__init__(data, initial=initial)
        self.versions, self.weights = versions, {str(row.uuid): row for row in weights}
        named = sorted((version.name, key) for key, version in versions.items())
        self.fields["regimen"].choices = [("", "Choose a regimen"), *((key, name) for name, key in named)]  # type: ignore[attr-defined]
        self.fields["weight"].choices = [  # type: ignore[attr-defined]
            (key, f"{plain(row.weight_kg or 0)} kg, {in_words(row.measured_on)}") for key, row in self.weights.items()
        ] or [("", "Never weighed here")]
        self.fields["weight"].required = bool(self.weights)

    def clean_regimen(self) -> RegimenVersion:
        return self.versions[self.cleaned_data["regimen"]]

    def clean_weight(self) -> BodyMeasurement | None:
        return self.weights.get(self.cleaned_data["weight"])

    def clean(self) -> dict[str, Any]:
        """A regimen of two settings asks which: the cardiac protocols follow it, so it is never guessed."""
        regimen = self.cleaned_data.get("regimen")
        settings = regimen_of(regimen).settings if regimen else ()
        self.fields["setting"].required = len(settings) > 1  # its label then stops saying "optional"
        if len(settings) > 1 and not self.cleaned_data.get("setting"):
            self.add_error("setting", f"Is it {' or '.join(settings)}?")
        return self.cleaned_data


class PriorForm(forms.Form):
    """Doses of one agent given before, here or elsewhere. Left empty, there were none."""

    doses = forms.IntegerField(label="Doses given", required=False, min_value=1, max_value=99)
    last_given_on = DayField(label="Last given on", required=False)
    first_given_on = DayField(
        label="First given on", required=False, help_text="One year of treatment counts from this day."
    )
    place = forms.CharField(label="Where", required=False, max_length=120)
    decided_kind = forms.ChoiceField(label="First dose here", required=False, choices=DECIDED, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, agent: str, title: str) -> None:
        super().__init__(data, prefix=agent)
        self.agent, self.title = agent, title

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.is_said and not self.errors:
            for name, sentence in (("doses", "How many doses?"), ("last_given_on", "When was the last one?")):
                if not given.get(name):
                    self.add_error(name, sentence)
        return given

    @property
    def is_said(self) -> bool:
        """Whether anything was typed."""
        return self.is_bound and any(
            self[name].value() for name in ("doses", "last_given_on", "first_given_on", "place")
        )

    def prior(self) -> Prior:
        return Prior(self.agent, **self.cleaned_data)


class NewPlanForms:
    """The form and one PriorForm per known agent, read as one."""

    def __init__(
        self,
        data: Any,
        *,
        initial: Any = None,
        versions: Mapping[str, RegimenVersion],
        weights: Iterable[BodyMeasurement],
        agents: Mapping[str, str],
    ) -> None:
        self.plan = NewPlanForm(data, initial=initial, versions=versions, weights=weights)
        self.priors = [PriorForm(data, agent=agent, title=title) for agent, title in agents.items()]

    def is_valid(self) -> bool:
        return all([self.plan.is_valid(), *(form.is_valid() for form in self.priors)])

    @property
    def has_prior(self) -> bool:
        return any(form.is_said for form in self.priors)

    @property
    def errors(self) -> list[str]:
        """Every mistake in a sentence, with what it is about."""
        mistakes = [(form, field) for form in (self.plan, *self.priors) for field in form if field.errors]
        about = [f"{form.title}: {f.label.lower()}" if isinstance(form, PriorForm) else f.label for form, f in mistakes]
        told = [f"{name}: {error}" for name, (_, field) in zip(about, mistakes, strict=True) for error in field.errors]
        return [*self.plan.non_field_errors(), *told]

    def arguments(self) -> dict[str, Any]:
        """What `plans.preview` asks for, and `plans.start` with the reason beside it."""
        said = {name: value for name, value in self.plan.cleaned_data.items() if name != "in_spite_of"}
        return {**said, "prior": [form.prior() for form in self.priors if form.is_said]}

    @property
    def in_spite_of(self) -> str:
        return str(self.plan.cleaned_data["in_spite_of"])
