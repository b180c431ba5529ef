"""Choice and precondition files, validated, as the core's own dataclasses."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from her2tracker.lib.catalog import BoundsModel, Cited, FileModel, load_newest, validate
from scheduling.catalog.agents import Name, bounds
from scheduling.core import choosing
from scheduling.core.preconditions import Precondition

CHOICES = Path(__file__).parent.parent / "choices"
PRECONDITIONS = Path(__file__).parent.parent / "preconditions"


class _When(FileModel):
    size_mm: BoundsModel | None = None
    nodes_positive: BoundsModel | None = None
    hormone_receptor_positive: bool | None = None
    neoadjuvant: bool | None = None
    residual_disease: bool | None = None

    def to_core(self) -> choosing.When:
        return choosing.When(
            bounds(self.size_mm),
            bounds(self.nodes_positive),
            self.hormone_receptor_positive,
            self.neoadjuvant,
            self.residual_disease,
        )


class _Choice(Cited):
    id: str = Name
    regimen: str = Name
    otherwise: bool = False
    when: _When = _When()
    reason: str
    would_change: str

    def to_core(self) -> choosing.Choice:
        return choosing.Choice(
            self.id,
            self.regimen,
            self.when.to_core(),
            self.otherwise,
            self.reason,
            self.would_change,
            self.citation,
        )


class _ChoicesFile(FileModel):
    id: str = Name
    version: int = Field(gt=0)
    name: str
    choices: tuple[_Choice, ...] = Field(min_length=1)


class _Precondition(Cited):
    id: str = Name
    regimens: tuple[str, ...] = ()
    settings: tuple[Literal["neoadjuvant", "adjuvant", "metastatic"], ...] = Field(min_length=1)
    jurisdiction: Literal["US", "EU", "any"] = "any"
    text: str
    surgery: bool = False
    residual_disease: bool | None = None
    hormone_receptor_positive: bool | None = None
    chemotherapy_cycles: BoundsModel | None = None
    days_since_anthracycline: BoundsModel | None = None
    days_since_trastuzumab: BoundsModel | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> _Precondition:
        facts = (self.residual_disease, self.hormone_receptor_positive)
        figures = (self.chemotherapy_cycles, self.days_since_anthracycline, self.days_since_trastuzumab)
        if self.surgery + sum(asked is not None for asked in (*facts, *figures)) != 1:
            raise ValueError("a precondition asks for exactly one thing")
        return self

    def to_core(self) -> Precondition:
        return Precondition(
            self.id,
            self.regimens,
            self.settings,
            self.jurisdiction,
            self.text,
            self.citation,
            self.surgery,
            self.residual_disease,
            self.hormone_receptor_positive,
            bounds(self.chemotherapy_cycles),
            bounds(self.days_since_anthracycline),
            bounds(self.days_since_trastuzumab),
        )


class _PreconditionsFile(FileModel):
    id: str = Name
    version: int = Field(gt=0)
    name: str
    preconditions: tuple[_Precondition, ...] = Field(min_length=1)


def choices_from(raw: dict[str, Any], name: str) -> tuple[choosing.Choice, ...]:
    return tuple(choice.to_core() for choice in validate(_ChoicesFile, raw, name=name).choices)


def preconditions_from(raw: dict[str, Any], name: str) -> tuple[Precondition, ...]:
    return tuple(asked.to_core() for asked in validate(_PreconditionsFile, raw, name=name).preconditions)


@cache
def choices() -> tuple[choosing.Choice, ...]:
    """The choices a tumour profile is matched against: the newest version of each file."""
    return load_newest(CHOICES, choices_from)


@cache
def preconditions() -> tuple[Precondition, ...]:
    """What must be so before a plan starts: the newest version of each file."""
    return load_newest(PRECONDITIONS, preconditions_from)
