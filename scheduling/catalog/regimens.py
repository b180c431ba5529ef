"""Regimen files, validated, as the core's own dataclasses."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from her2tracker.lib.catalog import CatalogError, Cited, FileModel, load_folder, validate
from scheduling.catalog.agents import AgentFacts, Milligrams, Name, PhaseAgent
from scheduling.core import regimen as core

REGIMENS = Path(__file__).parent.parent / "regimens"


class _Statement(Cited):
    name: str
    text: str

    def to_core(self) -> core.Statement:
        return core.Statement(self.name, self.text, self.citation)


class _Indication(Cited):
    text: str


class _Phase(Cited):
    name: str
    cycle_length_days: int = Field(gt=0, le=84)
    cycles: int = Field(default=1, gt=0, le=60)
    agents: tuple[PhaseAgent, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _days_fit(self) -> _Phase:
        if any(not 1 <= day <= self.cycle_length_days for agent in self.agents for day in agent.days):
            raise ValueError("a cycle day must lie inside its cycle, counted from 1")
        return self


class _Cap(Cited):
    """How many doses, or weeks, or `until` what: one of them at least."""

    doses: int | None = Field(default=None, gt=0, le=60)
    weeks: int | None = Field(default=None, gt=0, le=104)
    until: Literal["", "progression"] = ""

    @model_validator(mode="after")
    def _ends_somewhere(self) -> _Cap:
        if bool(self.until) == (self.doses is not None or self.weeks is not None):
            raise ValueError("a cap states doses or weeks, or else until what treatment goes on")
        return self


class _OneYear(Cited):
    weeks: int = Field(gt=0, le=104)


class _Companion(Cited):
    name: str = Name
    title: str
    days: tuple[int, ...] = Field(min_length=1)
    mg_per_m2: Decimal = Field(gt=0, le=2000)
    mg_per_m2_at_most: Decimal | None = Field(default=None, gt=0, le=2000)

    def to_core(self) -> core.Companion:
        return core.Companion(self.name, self.title, self.days, self.mg_per_m2, self.mg_per_m2_at_most, self.citation)


class _OralDose(Cited):
    mg: Decimal | None = Field(default=None, gt=0, le=2000)
    mg_per_m2: Decimal | None = Field(default=None, gt=0, le=2000)
    times_per_day: int = Field(gt=0, le=4)
    first_day: int = Field(default=1, gt=0, le=84)
    last_day: int | None = Field(default=None, gt=0, le=84)
    cycle_length_days: int | None = Field(default=None, gt=0, le=84)

    @model_validator(mode="after")
    def _states_one_amount(self) -> _OralDose:
        if (self.mg is None) == (self.mg_per_m2 is None):
            raise ValueError("a dose by mouth states exactly one of mg and mg_per_m2")
        return self

    def to_core(self) -> core.OralDose:
        return core.OralDose(
            self.mg,
            self.mg_per_m2,
            self.times_per_day,
            self.first_day,
            self.last_day,
            self.cycle_length_days,
            self.citation,
        )


class _OralLevels(Cited):
    mg: tuple[Milligrams, ...] = Field(min_length=1)


class _Missed(Cited):
    text: str


class _OralAgent(FileModel):
    name: str = Name
    title: str
    short_name: str
    route: Literal["oral"] = "oral"
    doses: tuple[_OralDose, ...] = Field(min_length=1)
    step_up: tuple[_OralDose, ...] = ()
    levels: _OralLevels | None = None
    missed: _Missed

    def to_core(self) -> core.OralAgent:
        return core.OralAgent(
            self.name,
            self.title,
            self.short_name,
            tuple(dose.to_core() for dose in self.doses),
            tuple(dose.to_core() for dose in self.step_up),
            core.OralLevels(self.levels.mg, self.levels.citation) if self.levels else None,
            core.Statement("a missed dose", self.missed.text, self.missed.citation),
        )


class RegimenFile(FileModel):
    id: str = Name
    version: int = Field(gt=0)
    name: str
    short_name: str = Field(max_length=24)
    settings: tuple[Literal["neoadjuvant", "adjuvant", "metastatic"], ...] = Field(min_length=1)
    indication: _Indication
    cap: _Cap
    one_year: _OneYear | None = None
    evidence: tuple[_Statement, ...] = ()
    cautions: tuple[_Statement, ...] = ()
    alongside: tuple[_Statement, ...] = ()
    agents: dict[str, AgentFacts] = {}
    phases: tuple[_Phase, ...] = ()
    companions: tuple[_Companion, ...] = ()
    oral: tuple[_OralAgent, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> RegimenFile:
        cycles = sum(phase.cycles for phase in self.phases)
        if not self.phases and not self.oral:
            raise ValueError("a regimen has phases with infusions, or agents taken by mouth")
        if self.phases and not self.cap.until and cycles != self.cap.doses:
            raise ValueError(f"the phases hold {cycles} cycles, the cap says {self.cap.doses} doses")
        named = {agent.name for phase in self.phases for agent in phase.agents}
        if named != set(self.agents):
            raise ValueError(f"agents of the phases {sorted(named)} and facts about {sorted(self.agents)} differ")
        return self

    @model_validator(mode="after")
    def _loads_once(self) -> RegimenFile:
        seen: set[str] = set()
        for phase in self.phases:
            for agent in phase.agents:
                if agent.loading and agent.name in seen:
                    raise ValueError(f"{phase.name}: {agent.name} was loaded before; a re-load dose stands in reload")
            seen.update(agent.name for agent in phase.agents)
        return self

    def to_core(self) -> core.Regimen:
        return core.Regimen(
            id=self.id,
            version=self.version,
            name=self.name,
            short_name=self.short_name,
            settings=self.settings,
            indication=core.Statement("indication", self.indication.text, self.indication.citation),
            evidence=tuple(said.to_core() for said in self.evidence),
            cautions=tuple(said.to_core() for said in self.cautions),
            alongside=tuple(said.to_core() for said in self.alongside),
            phases=tuple(self._phase(phase) for phase in self.phases),
            cap=core.Cap(self.cap.doses, self.cap.weeks, self.cap.citation, self.cap.until),
            companions=tuple(companion.to_core() for companion in self.companions),
            oral=tuple(agent.to_core() for agent in self.oral),
            one_year=core.OneYear(self.one_year.weeks, self.one_year.citation) if self.one_year else None,
        )

    def _phase(self, phase: _Phase) -> core.Phase:
        agents = tuple(agent.to_core(self.agents[agent.name]) for agent in phase.agents)
        return core.Phase(phase.name, phase.cycle_length_days, phase.cycles, agents, phase.citation)


def regimen_from(raw: dict[str, Any], name: str) -> core.Regimen:
    """One regimen from a file's tables, as read or as uploaded. Raises CatalogError."""
    return validate(RegimenFile, raw, name=name).to_core()


@cache
def regimens() -> dict[tuple[str, int], core.Regimen]:
    """Every regimen version shipped, keyed (id, version)."""
    return load_folder(REGIMENS, regimen_from)


def regimen(id: str, version: int | None = None) -> core.Regimen:  # noqa: A002
    """That version, or the newest. Raises CatalogError with the ids there are."""
    versions = {key[1]: found for key, found in regimens().items() if key[0] == id}
    if not versions or (version is not None and version not in versions):
        known = ", ".join(sorted({key[0] for key in regimens()}))
        raise CatalogError(f"there is no regimen {id}{f' version {version}' if version else ''}; there are: {known}")
    return versions[version if version is not None else max(versions)]


def schema() -> dict[str, Any]:
    """The JSON schema of a regimen file, kept beside them as `regimen.schema.json` for editors."""
    return RegimenFile.model_json_schema(mode="validation")
