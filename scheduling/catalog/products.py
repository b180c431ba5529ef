"""Product files: the brands that are known of each agent."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from her2tracker.lib.catalog import Cited, FileModel, load_newest, validate
from scheduling.catalog.agents import Name
from scheduling.catalog.barcodes import decode
from scheduling.core.products import Product

PRODUCTS = Path(__file__).parent.parent / "products"


def _whole(gtin: str) -> str:
    if decode(f"(01){gtin}").fault or any(one.fault for one in decode(f"(01){gtin}").elements or ()):
        raise ValueError(f"{gtin} is no trade number: 14 digits, the last of them the check digit")
    return gtin


Gtin = Annotated[str, AfterValidator(_whole)]


class _Product(Cited):
    agent: str = Name
    brand: str = Field(min_length=1, max_length=40)
    substance: str = Field(min_length=1, max_length=60)
    gtins: tuple[Gtin, ...] = ()

    def to_core(self) -> Product:
        return Product(self.agent, self.brand, self.substance, self.citation, self.gtins)


class _ProductsFile(FileModel):
    id: str = Name
    version: int = Field(gt=0)
    name: str
    products: tuple[_Product, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> _ProductsFile:
        brands = [one.brand.casefold() for one in self.products]
        if len(set(brands)) < len(brands):
            raise ValueError("each brand stands once")
        gtins = [gtin for one in self.products for gtin in one.gtins]
        if len(set(gtins)) < len(gtins):
            raise ValueError("each trade number stands once")
        return self


def products_from(raw: dict[str, Any], name: str) -> tuple[Product, ...]:
    return tuple(one.to_core() for one in validate(_ProductsFile, raw, name=name).products)


@cache
def products() -> tuple[Product, ...]:
    """Every known product, the newest version of each file."""
    return load_newest(PRODUCTS, products_from)
