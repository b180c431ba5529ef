"""Risk proforma files in, the core's proformas out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from her2tracker.lib.catalog import BoundsModel, CatalogError, Cited, FileModel, load_folder, validate
from monitoring.catalog import OnTreatmentTable
from monitoring.core import risk as core
from monitoring.core.risk import Level, Measure, Proforma, Weight

FOLDER = Path(__file__).parent.parent / "risk"
_ID = r"^[a-z0-9-]+$"


class ScoringTable(Cited):
    points: dict[Weight, int]
    medium: BoundsModel
    high: BoundsModel

    def to_core(self) -> core.Scoring:
        return core.Scoring(self.points, self.medium.to_core(), self.high.to_core(), self.citation)


class FactorTable(Cited):
    id: str = Field(pattern=_ID)
    group: str
    words: str
    weight: Weight
    measures: dict[Measure, BoundsModel] = {}
    is_measured: bool = False

    @model_validator(mode="after")
    def _has_what_it_is_measured_by(self) -> FactorTable:
        if self.is_measured and not self.measures:
            raise ValueError("a measured factor needs a measure")
        return self

    def to_core(self) -> core.Factor:
        measures = {measure: bounds.to_core() for measure, bounds in self.measures.items()}
        return core.Factor(self.id, self.group, self.words, self.weight, self.citation, measures, self.is_measured)


class ChangeTable(Cited):
    id: str = Field(pattern=_ID)
    levels: tuple[Level, ...] = Field(min_length=1)
    words: str

    def to_core(self) -> core.Change:
        return core.Change(self.id, self.levels, self.words, self.citation)


class IntervalTable(OnTreatmentTable):
    id: str = Field(pattern=_ID)
    name: str
    levels: tuple[Level, ...] = Field(min_length=1)
    proposed: bool = False
    for_first_months: int | None = Field(default=None, gt=0)

    def as_choice(self) -> core.IntervalChoice:
        return core.IntervalChoice(
            self.id, self.name, self.levels, self.to_core(), self.proposed, self.for_first_months
        )


class ProformaFile(FileModel):
    id: str = Field(pattern=_ID)
    version: int = Field(gt=0)
    title: str
    scoring: ScoringTable
    factors: tuple[FactorTable, ...] = Field(min_length=1)
    changes: tuple[ChangeTable, ...] = ()
    intervals: tuple[IntervalTable, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> ProformaFile:
        ids = [*(f.id for f in self.factors), *(c.id for c in self.changes), *(i.id for i in self.intervals)]
        if len(ids) != len(set(ids)):
            raise ValueError("two entries have the same id")
        return self

    def to_core(self) -> Proforma:
        return Proforma(
            self.id,
            self.version,
            self.title,
            self.scoring.to_core(),
            tuple(one.to_core() for one in self.factors),
            tuple(one.to_core() for one in self.changes),
            tuple(one.as_choice() for one in self.intervals),
        )


def read(raw: dict[str, Any], name: str) -> Proforma:
    """A proforma from its tables. Raises CatalogError."""
    return validate(ProformaFile, raw, name=name).to_core()


@cache
def proformas() -> dict[tuple[str, int], Proforma]:
    """Every proforma file, keyed (id, version)."""
    return load_folder(FOLDER, read)


def proforma(proforma_id: str = "hfa-icos-her2", version: int | None = None) -> Proforma:
    """One proforma, its newest version unless another is named. Raises CatalogError when it is unknown."""
    versions = {key[1]: found for key, found in proformas().items() if key[0] == proforma_id}
    found = versions.get(max(versions, default=0) if version is None else version)
    if found is None:
        raise CatalogError(f"there is no risk proforma {proforma_id} version {version or 'at all'}")
    return found
