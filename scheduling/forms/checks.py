"""The second check, with nothing filled in, and the one field a scanner types into."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from scheduling.core.second_check import Item
from scheduling.forms.cycles import Revised, note_field
from scheduling.forms.fields import FigureField


class CheckRequestForm(Revised):
    """A request about the plan as it was shown."""


class CheckForm(forms.Form):
    """An own figure for each agent, a tick for each item; `not_right` is what speaks against it."""

    not_right = note_field(
        "What is not right",
        required=False,
        help_text="Leave empty when everything is. Anything written here stops the infusion until it is resolved.",
    )

    def __init__(self, doses: Iterable[tuple[str, str, str]], items: Iterable[Item], data: Any = None) -> None:
        super().__init__(data)
        self.doses, self.items = tuple(doses), tuple(items)
        for agent, title, unit in self.doses:
            self.fields[agent] = FigureField(
                label=f"{title}: your own figure in {unit}",
                min_value=0,
                max_digits=7,
                decimal_places=2,
                error_messages={"required": f"Enter your own figure for {title}."},
            )
        for item in self.items:
            self.fields[f"item-{item.id}"] = forms.BooleanField(label=item.title, help_text=item.text, required=False)

    @property
    def figure_fields(self) -> list[tuple[str, forms.BoundField, str]]:
        return [(agent, self[agent], unit) for agent, _, unit in self.doses]

    @property
    def item_fields(self) -> list[forms.BoundField]:
        return [self[f"item-{item.id}"] for item in self.items]

    def entered(self) -> dict[str, Decimal]:
        return {agent: self.cleaned_data[agent] for agent, _, _ in self.doses}

    def confirmed(self) -> list[str]:
        return [item.id for item in self.items if self.cleaned_data[f"item-{item.id}"]]


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Why it is withdrawn", max_length=300, required=False)


class CodeForm(forms.Form):
    """A scanner types here and ends with Enter. Separators inside the code are part of it: nothing is stripped."""

    code = forms.CharField(
        label="Scan wristband or bag",
        max_length=400,
        strip=False,
        help_text="Point, scan, done: the wristband ticks identity, a bag fills lot and expiry.",
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "data-scan": ""}
        ),
        error_messages={"required": "Nothing was read. Scan the code again."},
    )
    agent = forms.ChoiceField(label="This bag is", required=False)

    def __init__(self, agents: list[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        if len(agents) > 1:
            self.fields["agent"].choices = [("", "as its code says"), *agents]  # type: ignore[attr-defined]
        else:
            del self.fields["agent"]
