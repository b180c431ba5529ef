"""Laboratory files: the blood tests before an infusion, with the figures that sources give."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from her2tracker.lib.catalog import BoundsModel, Cited, FileModel, load_newest, validate
from scheduling.catalog.agents import Name
from scheduling.core import laboratory as core

LABORATORY = Path(__file__).parent.parent / "laboratory"


class _Withhold(Cited):
    value: BoundsModel
    unit: str


class _Test(Cited):
    agent: str = Name
    id: str = Name
    title: str
    units: tuple[str, ...] = Field(min_length=1)
    withhold: _Withhold | None = None

    @model_validator(mode="after")
    def _figure_has_one_of_its_units(self) -> _Test:
        if self.withhold and self.withhold.unit not in self.units:
            raise ValueError("the figure to withhold at is in one of the test's units")
        return self

    def to_core(self) -> core.LabTest:
        rule = self.withhold
        figure = core.Withhold(rule.value.to_core(), rule.unit, rule.citation) if rule else None
        return core.LabTest(self.agent, self.id, self.title, self.units, figure, self.citation)


class _LaboratoryFile(FileModel):
    id: str = Name
    version: int = Field(gt=0)
    name: str
    tests: tuple[_Test, ...] = Field(min_length=1)


def laboratory_from(raw: dict[str, Any], name: str) -> tuple[core.LabTest, ...]:
    return tuple(one.to_core() for one in validate(_LaboratoryFile, raw, name=name).tests)


@cache
def lab_tests() -> tuple[core.LabTest, ...]:
    """Every test that is asked for before an infusion, the newest version of each file."""
    return load_newest(LABORATORY, laboratory_from)
