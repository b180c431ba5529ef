"""Which product was hung: brand and suffix, and that it is a product of the agent that was due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation


@dataclass(frozen=True, slots=True)
class Product:
    """One brand of one agent. `substance` carries a biosimilar's suffix: `trastuzumab-dkst`.

    `gtins` are the trade numbers, of 14 digits, that its packs carry as far as they are on record.
    """

    agent: str
    brand: str
    substance: str
    citation: Citation
    gtins: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`Ogivri (trastuzumab-dkst)`."""
        return f"{self.brand} ({self.substance})"


@dataclass(frozen=True, slots=True)
class Numbered:
    """One trade number, of 14 digits, and the product a site buys under it."""

    gtin: str
    agent: str
    brand: str
    substance: str

    @property
    def name(self) -> str:
        """As a product is named: `Ogivri (trastuzumab-dkst)`."""
        return f"{self.brand} ({self.substance})"


def of_agent(products: Iterable[Product], agent: str) -> tuple[Product, ...]:
    """The known products of one agent; none for an agent of a site's own regimen."""
    return tuple(product for product in products if product.agent == agent)


def named(products: Iterable[Product], agent: str, said: str) -> str:
    """The full name of what was said: `ogivri` and `trastuzumab-dkst` both are `Ogivri (trastuzumab-dkst)`."""
    text = " ".join(said.split())
    for product in of_agent(products, agent):
        if text.casefold() in (product.brand.casefold(), product.name.casefold()):
            return product.name
        if text.casefold() == product.substance.casefold() and text.casefold() != agent:
            return product.name
    return text


def refuse_product(products: Iterable[Product], agent: str, said: str) -> Refusal | None:
    """Why `said` cannot stand as the product of `agent`: nothing said, only the agent, or another agent's brand."""
    text = said.strip().casefold()
    if not text:
        return Refusal("product-missing", "Choose the product that was hung: brand and suffix.")
    if text == agent.casefold():
        return Refusal("product-missing", f"{said.strip()} names the agent. Say which product: brand and suffix.")
    meant = _meant(products, text)
    if meant and meant.agent != agent:
        return Refusal("product-of-another-agent", f"{meant.brand} is {meant.substance}, not {agent}. Check the bag.")
    return None


def _meant(products: Iterable[Product], text: str) -> Product | None:
    """The known brand in the text, the longest where one is part of another: Herceptin Hylecta is not Herceptin."""
    found = [product for product in products if product.brand.casefold() in text]
    return max(found, key=lambda product: len(product.brand), default=None)
