"""Files of the second check: what is confirmed beside the chair."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from her2tracker.lib.catalog import Cited, FileModel, load_newest, validate
from scheduling.catalog.agents import Name
from scheduling.core.second_check import Item

CHAIRSIDE_CHECKS = Path(__file__).parent.parent / "chairside_checks"


class _Item(Cited):
    id: str = Name
    title: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=160)

    def to_core(self) -> Item:
        return Item(self.id, self.title, self.text, self.citation)


class _ItemsFile(FileModel):
    id: str = Name
    version: int = Field(gt=0)
    name: str
    items: tuple[_Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> _ItemsFile:
        if len({one.id for one in self.items}) < len(self.items):
            raise ValueError("each item stands once")
        return self


def chairside_items_from(raw: dict[str, Any], name: str) -> tuple[Item, ...]:
    return tuple(one.to_core() for one in validate(_ItemsFile, raw, name=name).items)


@cache
def chairside_items() -> tuple[Item, ...]:
    """Everything a second person confirms before a start, in the order of the file."""
    return load_newest(CHAIRSIDE_CHECKS, chairside_items_from)
