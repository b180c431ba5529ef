"""What a coordinator types beside a task: how a call went, whose it is, why it is settled."""

from __future__ import annotations

from typing import Any

from django import forms

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Role
from monitoring.actions import owners
from monitoring.core.calls import CallOutcome
from scheduling.forms.fields import DayField


class CallForm(forms.Form):
    outcome = forms.ChoiceField(
        label="How it went", choices=[(one.value, one.label) for one in CallOutcome], widget=forms.RadioSelect
    )
    words = forms.CharField(
        label="In a sentence",
        max_length=300,
        required=False,
        help_text="What was agreed; for a wrong number, who answered.",
    )
    next_try_on = DayField(label="Next try", required=False)
    about = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput)

    def clean_outcome(self) -> CallOutcome:
        return CallOutcome(self.cleaned_data["outcome"])


class OwnerField(forms.ChoiceField):
    """A person or a role, in one list: `person:<uuid>` or `role:<role>`. Clean: a User, a Role, or None."""

    def __init__(self, site: Site | None = None, **options: Any) -> None:
        self.people: dict[str, User] = {}
        super().__init__(**options)
        if site is not None:
            self.people = {f"person:{one.uuid}": one for one in owners.people(site)}
        roles = [(f"role:{role.value}", f"{role.label}, whoever is in") for role in owners.roles()]
        named = [(key, str(one)) for key, one in self.people.items()]
        self.choices = [("", "Nobody yet"), *named, *roles]

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found.startswith("role:"):
            return Role(found.removeprefix("role:"))
        return self.people.get(found)


class OwnerForm(forms.Form):
    next_on = DayField(label="Next step on", required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)

    field_order = ("owner", "next_on", "note")

    def __init__(self, site: Site, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"] = OwnerField(site, label="Owner", required=False)
        self.order_fields(self.field_order)

    def values(self) -> dict[str, Any]:
        """As the action takes them."""
        owner = self.cleaned_data["owner"]
        person, role = (owner, None) if isinstance(owner, User) else (None, owner)
        return {
            "owner": person, "role": role, "next_on": self.cleaned_data["next_on"], "note": self.cleaned_data["note"],
        }  # fmt: skip


class SettledForm(forms.Form):
    settlement = forms.CharField(label="Why it is settled", max_length=300)


class NotAttendedForm(forms.Form):
    words = forms.CharField(label="What is known", max_length=300, required=False)


class UnreachedForm(forms.Form):
    answer = forms.CharField(label="What is to be done", max_length=300)


class AddressForm(forms.Form):
    address = forms.CharField(label="Right address", max_length=254)


class CameBackForm(forms.Form):
    why = forms.CharField(
        label="What came back",
        max_length=300,
        help_text="The other server’s sentence, or who told you that it did not arrive.",
        error_messages={"required": "Say what came back."},
    )


class ToldForm(forms.Form):
    words = forms.CharField(label="How it was told, or why it is not needed", max_length=300)


class SavedListForm(forms.Form):
    name = forms.CharField(label="Name of this list", max_length=60)
    query = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    shared = forms.BooleanField(label="Everybody of my role sees it", required=False)
