"""What went in of one agent: as it is recorded, and as a record is amended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from her2tracker.lib.bounds import plain
from scheduling import catalog
from scheduling.actions.administrations import Dose, Due
from scheduling.core.products import of_agent
from scheduling.forms.cycles import Revised, note_field, time_field
from scheduling.forms.fields import DayField, FigureField
from scheduling.models import Administration, CodeRead
from scheduling.models.base import choices
from scheduling.words import DifferenceReason, OmissionReason

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Hung:
    """Products of one agent that the site knows from its own records, and the one this patient had last."""

    before: tuple[str, ...] = ()
    last: str = ""


class ProductForm(forms.Form):
    """What hangs: brand with its suffix, lot and expiry."""

    product = forms.ChoiceField(
        label="Product", error_messages={"required": "Choose the product that was hung: brand and suffix."}
    )
    other_product = forms.CharField(
        label="Which other product",
        help_text="Brand and suffix, as the label says.",
        max_length=80,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    lot = forms.CharField(label="Lot", max_length=40, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    expires_on = DayField(label="Expires on", required=False)

    def _offer(self, agent: str, hung: Hung, *also: str) -> None:
        """Known products first, then what this site hung of its own, then any other by name."""
        known = [product.name for product in of_agent(catalog.products(), agent)]
        names = list(dict.fromkeys([*known, *hung.before, *filter(None, also)]))
        offered = [("", "Choose the product"), *((name, name) for name in names), (OTHER, "Another product …")]
        self.fields["product"].choices = offered  # type: ignore[attr-defined]
        if hung.last:
            self.fields["product"].help_text = f"Last time: {hung.last}"

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("product") == OTHER:
            said["product"] = said.get("other_product", "")
            if not said["product"] and "other_product" not in self.errors:
                self.add_error("other_product", "Write the product’s name: brand and suffix.")
        return said


class HungForm(ProductForm):
    """The amount, the product and the times of one agent."""

    amount = FigureField(label="Given", min_value=0, max_digits=7, decimal_places=2)
    difference_reason = forms.ChoiceField(label="Why it differs from the planned dose", required=False)
    started_at = time_field("Started", required=False)
    stopped_at = time_field("Stopped", required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)

    field_order = (
        "amount", "difference_reason", "started_at", "stopped_at", "product", "other_product", "lot", "expires_on",
    )  # fmt: skip

    def _offer(self, agent: str, hung: Hung, *also: str) -> None:
        super()._offer(agent, hung, *also)
        self.fields["amount"].error_messages["required"] = f"Enter how much {agent} was given."
        self.fields["difference_reason"].choices = [("", "It does not"), *choices(DifferenceReason)]  # type: ignore[attr-defined]


class DoseForm(HungForm):
    """One agent: what went in, or why it did not."""

    omission_reason = forms.ChoiceField(label="Not given", required=False)

    def __init__(self, due: Due, data: Any = None, *, hung: Hung = Hung(), bag: CodeRead | None = None) -> None:
        planned = due.calculation.ml if due.entry.dose.components else due.calculation.planned_mg
        initial: dict[str, Any] = {"amount": plain(planned) if planned is not None else ""}
        if bag:  # as its code said; the nurse may write something else
            initial |= {"lot": bag.lot, "expires_on": bag.expires_on, "product": bag.product}
        super().__init__(data, prefix=due.agent, initial=initial)
        self.due = due
        self._offer(due.agent, hung)
        self.fields["omission_reason"].choices = [  # type: ignore[attr-defined]
            ("", "It was given"),
            *((value, f"Not given: {label.lower()}") for value, label in choices(OmissionReason)),
        ]

    def clean(self) -> dict[str, Any]:
        """An agent that was not given has no amount and no product, whatever stands in the fields."""
        if self.cleaned_data.get("omission_reason"):
            for name in ("amount", "product", "other_product"):
                self.errors.pop(name, None)
            return self.cleaned_data
        return super().clean()

    @property
    def unit(self) -> str:
        return "mL" if self.due.entry.dose.components else "mg"

    def dose(self) -> Dose:
        """What the action takes. A prefilled amount does not count for an agent that was not given."""
        said = dict(self.cleaned_data)
        amount = said.pop("amount", None)
        said.pop("other_product", None)
        if said["omission_reason"]:
            return Dose(self.due.agent, omission_reason=said["omission_reason"], note=said["note"])
        measure = {"ml": amount} if self.due.entry.dose.components else {"mg": amount}
        return Dose(self.due.agent, **measure, **said)


class AmendForm(HungForm, Revised):
    """A completed record, corrected. What stands there now is filled in."""

    reason = note_field(
        "Why the record is amended",
        help_text="One sentence. It stays beside the old and the new value.",
        error_messages={"required": "Say in a sentence why the record is amended."},
    )

    def __init__(self, recorded: Administration, revision: int, data: Any = None, *, hung: Hung = Hung()) -> None:
        amount = recorded.given_ml if recorded.given_ml is not None else recorded.given_mg
        names = ("product", "lot", "expires_on", "started_at", "stopped_at", "difference_reason", "note")
        initial = {name: getattr(recorded, name) for name in names}
        super().__init__(
            data, initial=initial | {"revision": revision, "amount": plain(amount) if amount is not None else ""}
        )
        self.recorded = recorded
        self._offer(recorded.agent, hung, recorded.product)

    @property
    def unit(self) -> str:
        return "mL" if self.recorded.given_ml is not None else "mg"

    def dose(self) -> Dose:
        said = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("amount", "other_product", "reason", "revision")
        }
        measure = {"ml" if self.recorded.given_ml is not None else "mg": self.cleaned_data["amount"]}
        return Dose(self.recorded.agent, **measure, **said)
