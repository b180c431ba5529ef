"""Regimen and choice files, validated, as the core's own dataclasses. The app's one use of pydantic."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.catalog import BoundsModel, CatalogError, Cited, FileModel, load_folder, validate
from scheduling.core import choosing
from scheduling.core import regimen as core

REGIMENS = Path(__file__).parent / "regimens"
CHOICES = Path(__file__).parent / "choices"

Name = Field(pattern=r"^[a-z0-9-]+$")


class _Statement(Cited):
    name: str
    text: str

    def to_core(self) -> core.Statement:
        return core.Statement(self.name, self.text, self.citation)


class _Indication(Cited):
    text: str


class _Observation(Cited):
    minutes: int = Field(gt=0, le=1440)
    minutes_at_most: int | None = None
    after: Literal["start", "end"]
    jurisdiction: Literal["US", "EU", "any"] = "any"

    def to_core(self) -> core.Observation:
        return core.Observation(self.minutes, self.minutes_at_most, self.after, self.jurisdiction, self.citation)


class _Component(FileModel):
    name: str
    mg: Decimal = Field(gt=0, le=2000)


class _Dose(Cited):
    mg_per_kg: Decimal | None = Field(default=None, gt=0, le=20)
    mg: Decimal | None = Field(default=None, gt=0, le=2000)
    components: tuple[_Component, ...] = ()
    ml: Decimal | None = Field(default=None, gt=0, le=50)
    hyaluronidase_units: int | None = Field(default=None, gt=0)
    minutes: int | None = Field(default=None, gt=0, le=1440)
    minutes_at_most: int | None = None
    observe: _Observation | None = None

    @model_validator(mode="after")
    def _states_one_amount(self) -> _Dose:
        if self._amounts() != 1:
            raise ValueError("a dose states exactly one of mg_per_kg, mg and components")
        return self

    def _amounts(self) -> int:
        return (self.mg_per_kg is not None) + (self.mg is not None) + bool(self.components)

    def to_core(self) -> core.Dose:
        return core.Dose(
            self.mg_per_kg,
            self.mg,
            self.ml,
            tuple(core.Component(part.name, part.mg) for part in self.components),
            self.hyaluronidase_units,
            self.minutes,
            self.minutes_at_most,
            self.observe.to_core() if self.observe else None,
            self.citation,
        )


class _Reload(_Dose):
    """Either `never = true`, or one measure and the dose to load again with."""

    never: bool = False
    days_late: BoundsModel | None = None
    days_since_last: BoundsModel | None = None

    @model_validator(mode="after")
    def _states_one_amount(self) -> _Reload:
        measures = (self.days_late is not None) + (self.days_since_last is not None)
        expected = 0 if self.never else 1
        if measures != expected or self._amounts() != expected:
            raise ValueError("a re-load states never = true, or one of days_late, days_since_last with one dose")
        return self

    def rule(self) -> core.ReloadRule:
        return core.ReloadRule(
            _bounds(self.days_late),
            _bounds(self.days_since_last),
            None if self.never else self.to_core(),
            self.citation,
        )


class _ReAnchor(Cited):
    text: str


class _Rounding(Cited):
    at_most_percent: Decimal = Field(gt=0, le=20)
    up: bool = True


class _WeightChange(Cited):
    percent: BoundsModel


class _Ceiling(Cited):
    mg_per_kg: Decimal = Field(gt=0, le=20)


class _Levels(Cited):
    mg_per_kg: tuple[Decimal, ...]

    @model_validator(mode="after")
    def _goes_down(self) -> _Levels:
        if list(self.mg_per_kg) != sorted(set(self.mg_per_kg), reverse=True):
            raise ValueError("dose levels go down, each once")
        return self


class _Preparation(Cited):
    mg_per_ml: Decimal = Field(gt=0, le=200)


class _Vials(Cited):
    mg: tuple[Decimal, ...]


class _Diluent(Cited):
    text: str
    never: str = ""


class _EarlierAgents(Cited):
    agents: tuple[str, ...] = Field(min_length=1)

    def to_core(self) -> core.EarlierAgents:
        return core.EarlierAgents(self.agents, self.citation)


class _MinimumInterval(Cited):
    days: int = Field(gt=0, le=84)


class _AgentFacts(FileModel):
    """What holds for an agent in every phase."""

    title: str
    short_name: str
    rounding: _Rounding | None = None
    weight_change: _WeightChange | None = None
    ceiling: _Ceiling | None = None
    levels: _Levels | None = None
    preparation: _Preparation | None = None
    vials: _Vials | None = None
    diluent: _Diluent | None = None
    minimum_interval: _MinimumInterval | None = None
    continues: _EarlierAgents | None = None
    starts_anew_after: _EarlierAgents | None = None

    def parts(self) -> dict[str, Any]:
        """The optional parts as keyword arguments of the core's Agent."""
        return {
            "rounding": self.rounding
            and core.Rounding(self.rounding.at_most_percent, self.rounding.up, self.rounding.citation),
            "weight_rule": self.weight_change
            and core.WeightRule(self.weight_change.percent.to_core(), self.weight_change.citation),
            "ceiling": self.ceiling and core.Ceiling(self.ceiling.mg_per_kg, self.ceiling.citation),
            "levels": self.levels and core.Levels(self.levels.mg_per_kg, self.levels.citation),
            "preparation": self.preparation and core.Preparation(self.preparation.mg_per_ml, self.preparation.citation),
            "vials": self.vials and core.Vials(self.vials.mg, self.vials.citation),
            "diluent": self.diluent and core.Diluent(self.diluent.text, self.diluent.never, self.diluent.citation),
            "minimum_interval": self.minimum_interval
            and core.MinimumInterval(self.minimum_interval.days, self.minimum_interval.citation),
            "continues": self.continues and self.continues.to_core(),
            "starts_anew_after": self.starts_anew_after and self.starts_anew_after.to_core(),
        }


class _PhaseAgent(FileModel):
    name: str = Name
    route: core.Route
    days: tuple[int, ...] = Field(min_length=1)
    loading: _Dose | None = None
    first: _Dose | None = None
    maintenance: _Dose
    reload: _Reload
    re_anchor: _ReAnchor

    @model_validator(mode="after")
    def _loading_or_first(self) -> _PhaseAgent:
        if self.loading and self.first:
            raise ValueError("first is for agents without a loading dose")
        return self

    def to_core(self, facts: _AgentFacts) -> core.Agent:
        return core.Agent(
            name=self.name,
            title=facts.title,
            short_name=facts.short_name,
            route=self.route,
            days=self.days,
            loading=self.loading.to_core() if self.loading else None,
            first=self.first.to_core() if self.first else None,
            maintenance=self.maintenance.to_core(),
            reload=self.reload.rule(),
            re_anchor=core.ReAnchor(self.re_anchor.text, self.re_anchor.citation),
            **facts.parts(),
        )


class _Phase(Cited):
    name: str
    cycle_length_days: int = Field(gt=0, le=84)
    cycles: int = Field(gt=0, le=60)
    agents: tuple[_PhaseAgent, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _days_fit(self) -> _Phase:
        if any(not 1 <= day <= self.cycle_length_days for agent in self.agents for day in agent.days):
            raise ValueError("a cycle day must lie inside its cycle, counted from 1")
        return self


class _Cap(Cited):
    doses: int = Field(gt=0, le=60)
    weeks: int | None = Field(default=None, gt=0, le=104)


class _OneYear(Cited):
    weeks: int = Field(gt=0, le=104)


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
    agents: dict[str, _AgentFacts]
    phases: tuple[_Phase, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _adds_up(self) -> RegimenFile:
        cycles = sum(phase.cycles for phase in self.phases)
        if cycles != self.cap.doses:
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
            cap=core.Cap(self.cap.doses, self.cap.weeks, self.cap.citation),
            one_year=core.OneYear(self.one_year.weeks, self.one_year.citation) if self.one_year else None,
        )

    def _phase(self, phase: _Phase) -> core.Phase:
        agents = tuple(agent.to_core(self.agents[agent.name]) for agent in phase.agents)
        return core.Phase(phase.name, phase.cycle_length_days, phase.cycles, agents, phase.citation)


class _When(FileModel):
    size_mm: BoundsModel | None = None
    nodes_positive: BoundsModel | None = None
    hormone_receptor_positive: bool | None = None
    neoadjuvant: bool | None = None
    residual_disease: bool | None = None

    def to_core(self) -> choosing.When:
        return choosing.When(
            _bounds(self.size_mm),
            _bounds(self.nodes_positive),
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


def _bounds(model: BoundsModel | None) -> Bounds | None:
    return model.to_core() if model else None


def regimen_from(raw: dict[str, Any], name: str) -> core.Regimen:
    """One regimen from a file's tables, as read or as uploaded. Raises CatalogError."""
    return validate(RegimenFile, raw, name=name).to_core()


def choices_from(raw: dict[str, Any], name: str) -> tuple[choosing.Choice, ...]:
    return tuple(choice.to_core() for choice in validate(_ChoicesFile, raw, name=name).choices)


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


@cache
def choices() -> tuple[choosing.Choice, ...]:
    """The choices a tumour profile is matched against: the newest version of each file."""
    newest: dict[str, tuple[int, tuple[choosing.Choice, ...]]] = {}
    for (id_, version), found in load_folder(CHOICES, choices_from).items():
        newest[id_] = max(newest.get(id_, (0, ())), (version, found), key=lambda pair: pair[0])
    return tuple(choice for _, found in newest.values() for choice in found)


def schema() -> dict[str, Any]:
    """The JSON schema of a regimen file, kept beside them as `regimen.schema.json` for editors."""
    return RegimenFile.model_json_schema(mode="validation")
