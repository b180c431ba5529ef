"""Choice files, validated, as the core's own dataclasses."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from her2tracker.lib.catalog import BoundsModel, Cited, FileModel, load_folder, validate
from scheduling.catalog.agents import Name, bounds
from scheduling.core import choosing

CHOICES = Path(__file__).parent.parent / "choices"


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


def choices_from(raw: dict[str, Any], name: str) -> tuple[choosing.Choice, ...]:
    return tuple(choice.to_core() for choice in validate(_ChoicesFile, raw, name=name).choices)


@cache
def choices() -> tuple[choosing.Choice, ...]:
    """The choices a tumour profile is matched against: the newest version of each file."""
    newest: dict[str, tuple[int, tuple[choosing.Choice, ...]]] = {}
    for (id_, version), found in load_folder(CHOICES, choices_from).items():
        newest[id_] = max(newest.get(id_, (0, ())), (version, found), key=lambda pair: pair[0])
    return tuple(choice for _, found in newest.values() for choice in found)
