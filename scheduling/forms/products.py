"""A trade number and the product it is on."""

from __future__ import annotations

from typing import Any

from django import forms

from scheduling import catalog
from scheduling.catalog.uploads import agents

OTHER = "other"


class TradeNumberForm(forms.Form):
    """A known product, or another one by its brand and substance."""

    number = forms.CharField(
        label="Trade number (GTIN)",
        max_length=400,
        strip=False,
        help_text="Scan the pack here, or type the digits below its code.",
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "data-scan": ""}
        ),
    )
    product = forms.ChoiceField(label="Product")
    agent = forms.ChoiceField(label="Its drug", required=False)
    brand = forms.CharField(label="Brand", max_length=40, required=False)
    substance = forms.CharField(
        label="Substance with its suffix", max_length=60, required=False, help_text="As on the label: trastuzumab-dkst."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {one.name: one for one in catalog.products()}
        offered = [(name, name) for name in sorted(self.known)]
        product, agent = self.fields["product"], self.fields["agent"]
        assert isinstance(product, forms.ChoiceField)  # noqa: S101
        assert isinstance(agent, forms.ChoiceField)  # noqa: S101
        product.choices = [("", "Choose the product"), *offered, (OTHER, "Another product, named below")]
        agent.choices = [
            ("", "Choose the drug"),
            *((name, name.replace("-", " ").capitalize()) for name in sorted(agents())),
        ]

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("product") == OTHER:
            told = {"agent": "Choose its drug.", "brand": "Write its brand.", "substance": "Write its substance."}
            for name, sentence in told.items():
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return self.cleaned_data

    def said(self) -> dict[str, str]:
        """What the act takes."""
        values = self.cleaned_data
        known = self.known.get(values["product"])
        if known:
            return {
                "number": values["number"],
                "agent": known.agent,
                "brand": known.brand,
                "substance": known.substance,
            }
        return {name: values[name] for name in ("number", "agent", "brand", "substance")}
