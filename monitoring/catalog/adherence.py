"""Definitions of adequate monitoring: files in, the core's definitions out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from her2tracker.lib.catalog import Cited, FileModel, load_folder, validate
from monitoring.core import adherence as core
from monitoring.core.adherence import Definition, Span

FOLDER = Path(__file__).parent.parent / "adherence"


class SpanTable(FileModel):
    days: int | None = Field(default=None, gt=0)
    months: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _has_one_unit(self) -> SpanTable:
        self.to_core()
        return self

    def to_core(self) -> Span:
        return Span(self.days, self.months)


class BaselineTable(Cited):
    before: SpanTable
    after_days: int = Field(ge=0)

    def to_core(self) -> core.BaselineRule:
        return core.BaselineRule(self.before.to_core(), self.after_days, self.citation)


class GapTable(Cited):
    at_most: SpanTable

    def to_core(self) -> core.GapRule:
        return core.GapRule(self.at_most.to_core(), self.citation)


class MilestoneTable(Cited):
    months: tuple[int, ...] = Field(min_length=1)
    tolerance: SpanTable
    asked_from_days_before: int = Field(ge=0)

    def to_core(self) -> core.MilestoneRule:
        months = tuple(sorted(self.months))
        return core.MilestoneRule(months, self.tolerance.to_core(), self.asked_from_days_before, self.citation)


class DefinitionFile(FileModel):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    version: int = Field(gt=0)
    title: str
    baseline: BaselineTable
    gaps: GapTable
    milestones: MilestoneTable

    def to_core(self) -> Definition:
        return Definition(
            self.id,
            self.version,
            self.title,
            self.baseline.to_core(),
            self.gaps.to_core(),
            self.milestones.to_core(),
        )


def read(raw: dict[str, Any], name: str) -> Definition:
    """A definition from its tables. Raises CatalogError."""
    return validate(DefinitionFile, raw, name=name).to_core()


@cache
def definitions() -> dict[str, Definition]:
    """The newest version of each, the strict one first."""
    newest = {one.id: one for one in sorted(load_folder(FOLDER, read).values(), key=lambda one: one.version)}
    return dict(sorted(newest.items(), key=lambda pair: (pair[0] != "strict", pair[0])))
