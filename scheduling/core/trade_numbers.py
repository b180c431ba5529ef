"""What a site says of a trade number: on which product it is. Known brands keep their own."""

from __future__ import annotations

from collections.abc import Iterable

from her2tracker.lib.refusals import Refusal
from scheduling.core.products import Numbered, Product, named, refuse_product
from scheduling.core.scanning import product_of


def carrying(products: Iterable[Product], own: Iterable[Numbered], gtin: str) -> Product | Numbered | None:
    """What carries this trade number; an unknown one is nobody's guess."""
    return product_of(products, gtin) or next((one for one in own if one.gtin == gtin), None)


def refuse_number(products: Iterable[Product], own: Iterable[Numbered], new: Numbered) -> Refusal | None:
    """Why a number cannot stand for a product: it stands for one already, or the product is another agent's."""
    every = tuple(products)
    if taken := carrying(every, own, new.gtin):
        return Refusal("number-taken", f"{new.gtin} is {taken.name} already. End that first if it is wrong.")
    if not new.brand or not new.substance:
        return Refusal("product-missing", "Name the product: its brand, and its substance with the suffix.")
    return refuse_product(every, new.agent, named(every, new.agent, new.name))
