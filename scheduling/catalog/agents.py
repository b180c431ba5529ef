"""An agent's tables of a regimen file: doses, re-load, and what limits its milligrams."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.catalog import BoundsModel, Cited, FileModel
from scheduling.core import regimen as core

Name = Field(pattern=r"^[a-z0-9-]+$")
Milligrams = Annotated[Decimal, Field(gt=0, le=2000)]


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
            bounds(self.days_late),
            bounds(self.days_since_last),
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
    mg_per_kg: tuple[Annotated[Decimal, Field(gt=0, le=20)], ...]

    @model_validator(mode="after")
    def _goes_down(self) -> _Levels:
        if list(self.mg_per_kg) != sorted(set(self.mg_per_kg), reverse=True):
            raise ValueError("dose levels go down, each once")
        return self


class _Preparation(Cited):
    mg_per_ml: Decimal = Field(gt=0, le=200)


class _Vials(Cited):
    mg: tuple[Milligrams, ...]


class _Diluent(Cited):
    text: str
    never: str = ""


class _EarlierAgents(Cited):
    agents: tuple[str, ...] = Field(min_length=1)

    def to_core(self) -> core.EarlierAgents:
        return core.EarlierAgents(self.agents, self.citation)


class _MinimumInterval(Cited):
    days: int = Field(gt=0, le=84)


class AgentFacts(FileModel):
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


class PhaseAgent(FileModel):
    name: str = Name
    route: core.Route
    days: tuple[int, ...] = Field(min_length=1)
    loading: _Dose | None = None
    first: _Dose | None = None
    maintenance: _Dose
    reload: _Reload
    re_anchor: _ReAnchor

    @model_validator(mode="after")
    def _is_infused(self) -> PhaseAgent:
        if self.route is core.Route.ORAL:
            raise ValueError("an agent taken by mouth has no cycle days: it stands in [[oral]]")
        return self

    @model_validator(mode="after")
    def _loading_or_first(self) -> PhaseAgent:
        if self.loading and self.first:
            raise ValueError("first is for agents without a loading dose")
        return self

    def to_core(self, facts: AgentFacts) -> core.Agent:
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


def bounds(model: BoundsModel | None) -> Bounds | None:
    return model.to_core() if model else None
