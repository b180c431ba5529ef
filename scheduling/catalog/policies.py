"""Policy files: the figures of what a site may choose, and of what no label decides."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from her2tracker.lib.catalog import BoundsModel, CatalogError, Cited, FileModel, read, validate
from scheduling.catalog.agents import Name
from scheduling.core import policy as core
from scheduling.core.acuity import HEAVIEST, Weights
from scheduling.core.calendar import Window
from scheduling.core.forecast import YearLimits
from scheduling.core.rehearsal import Dummies
from scheduling.core.running import Convention
from scheduling.core.switching import CompletesTheYear, Rules, SameStrategy

POLICIES = Path(__file__).parent.parent / "policies"

QUESTIONS: dict[str, list[str]] = {
    "reload-with-pertuzumab": [choice.value for choice in core.ReloadPolicy],
    "anchor": [choice.value for choice in core.Anchor],
    "cap": [choice.value for choice in core.CapPolicy],
}

M = TypeVar("M", bound="PolicyFile")
T = TypeVar("T")


class PolicyFile(FileModel):
    id: str = Name
    version: int = Field(gt=0)
    name: str


class _Option(Cited):
    question: Literal["reload-with-pertuzumab", "anchor", "cap"]
    value: str
    text: str


class _PairReload(Cited):
    agent: str = Name
    beside: str = Name
    days_since_last: BoundsModel


class _Days(Cited):
    days: int = Field(gt=0, le=84)


class _KeptGrid(Cited):
    agents: tuple[str, ...] = Field(min_length=1)
    days_late: BoundsModel
    minimum_gap: _Days


class OptionsFile(PolicyFile):
    options: tuple[_Option, ...]
    pair_reload: _PairReload
    kept_grid: _KeptGrid

    @model_validator(mode="after")
    def _every_choice_is_explained(self) -> OptionsFile:
        told: dict[str, list[str]] = {}
        for option in self.options:
            told.setdefault(option.question, []).append(option.value)
        if told != QUESTIONS:
            raise ValueError(f"the options are {QUESTIONS}, each once and in this order")
        return self

    def to_core(self) -> core.Options:
        pair, grid = self.pair_reload, self.kept_grid
        return core.Options(
            tuple(core.Option(one.question, one.value, one.text, one.citation) for one in self.options),
            core.PairReload(pair.agent, pair.beside, pair.days_since_last.to_core(), pair.citation),
            core.KeptGrid(
                grid.agents,
                grid.days_late.to_core(),
                grid.minimum_gap.days,
                grid.citation,
                grid.minimum_gap.citation,
            ),
        )


class _Weeks(Cited):
    weeks: int = Field(gt=0, le=104)


class _Doses(Cited):
    at_most: int = Field(gt=0, le=60)
    cycle_length_days: int = Field(gt=0, le=84)


class _Interruption(Cited):
    days: BoundsModel


class OneYearFile(PolicyFile):
    year: _Weeks
    doses: _Doses
    interruption: _Interruption

    def to_core(self) -> YearLimits:
        return YearLimits(
            self.year.weeks,
            self.year.citation,
            self.doses.at_most,
            self.doses.cycle_length_days,
            self.doses.citation,
            self.interruption.days.to_core(),
            self.interruption.citation,
        )


class CalendarFile(PolicyFile):
    window: _Days

    def to_core(self) -> Window:
        return Window(self.window.days, self.window.citation)


class _Dummies(Cited):
    weights_kg: tuple[Annotated[Decimal, Field(gt=0, le=400)], ...] = Field(min_length=1)
    delays_days: tuple[Annotated[int, Field(gt=0, le=182)], ...] = Field(min_length=1)
    maintenance: int = Field(gt=0, le=60)


class RehearsalFile(PolicyFile):
    dummies: _Dummies

    def to_core(self) -> Dummies:
        own = self.dummies
        return Dummies(own.weights_kg, own.delays_days, own.maintenance, own.citation)


class _Strategy(Cited):
    agents: tuple[str, ...] = Field(min_length=1)


class _Completes(Cited):
    after: tuple[str, ...] = Field(min_length=1)
    agents: tuple[str, ...] = Field(min_length=1)
    weeks: int = Field(gt=0, le=104)


class SwitchingFile(PolicyFile):
    no_rule: Cited
    same_strategy: tuple[_Strategy, ...]
    completes_the_year: tuple[_Completes, ...]

    def to_core(self) -> Rules:
        return Rules(
            tuple(SameStrategy(one.agents, one.citation) for one in self.same_strategy),
            tuple(CompletesTheYear(o.after, o.agents, o.weeks, o.citation) for o in self.completes_the_year),
            self.no_rule.citation,
        )


class _Prompts(Cited):
    minutes_after_start: tuple[Annotated[int, Field(ge=0, le=600)], ...] = Field(min_length=1)
    at_end: bool
    at_end_of_observation: bool
    early_minutes: int = Field(ge=0, le=60)


class VitalSignsFile(PolicyFile):
    prompts: _Prompts

    def to_core(self) -> Convention:
        own = self.prompts
        return Convention(
            own.minutes_after_start, own.at_end, own.at_end_of_observation, own.early_minutes, own.citation
        )


class _Weights(Cited):
    maintenance: int = Field(ge=0, le=HEAVIEST)
    loading: int = Field(ge=0, le=HEAVIEST)
    reload: int = Field(ge=0, le=HEAVIEST)
    further_agent: int = Field(ge=0, le=HEAVIEST)


class AcuityFile(PolicyFile):
    weights: _Weights

    def to_core(self) -> Weights:
        own = self.weights
        return Weights(own.maintenance, own.loading, own.reload, own.further_agent, own.citation)


def _newest(id_: str, model: type[M], convert: Callable[[M], T]) -> T:
    """The newest version of one policy file. Raises CatalogError when its content and its name differ."""
    found: dict[int, M] = {}
    for path in POLICIES.glob(f"{id_}-v*.toml"):
        entry = validate(model, read(path), name=path.name)
        if path.stem != f"{entry.id}-v{entry.version}":
            raise CatalogError(f"{path.name}: must be named {entry.id}-v{entry.version}.toml after its id and version")
        found[entry.version] = entry
    return convert(found[max(found)])


@cache
def policy_options() -> core.Options:
    """What a site and a plan may choose where the labels disagree; `.choose(...)` makes the policy."""
    return _newest("where-labels-disagree", OptionsFile, OptionsFile.to_core)


@cache
def policy(
    reload_with_pertuzumab: str = core.ReloadPolicy.LABEL,
    anchor: str = core.Anchor.ACTUAL,
    minimum_gap_days: int | None = None,
    cap: str = core.CapPolicy.REGIMEN,
) -> core.Policy:
    """The policy of these choices, as a plan's row holds them. Raises ValueError for one there is not."""
    return policy_options().choose(
        reload_with_pertuzumab=core.ReloadPolicy(reload_with_pertuzumab),
        anchor=core.Anchor(anchor),
        minimum_gap_days=minimum_gap_days,
        cap=core.CapPolicy(cap),
    )


@cache
def year_limits() -> YearLimits:
    return _newest("one-year", OneYearFile, OneYearFile.to_core)


@cache
def window() -> Window:
    """How far a cycle may be proposed to move from a closed day."""
    return _newest("calendar", CalendarFile, CalendarFile.to_core)


@cache
def dummies() -> Dummies:
    """Whom a regimen is rehearsed on, and how late they come."""
    return _newest("rehearsal", RehearsalFile, RehearsalFile.to_core)


@cache
def vital_signs() -> Convention:
    """When vital signs are asked for around an infusion."""
    return _newest("vital-signs", VitalSignsFile, VitalSignsFile.to_core)


@cache
def acuity_weights() -> Weights:
    """What an infusion weighs where a site has not said otherwise."""
    return _newest("acuity", AcuityFile, AcuityFile.to_core)


@cache
def switching_rules() -> Rules:
    return _newest("switching", SwitchingFile, SwitchingFile.to_core)


def policies_from(raw: dict[str, Any], name: str) -> PolicyFile:
    """Any policy file, validated by its id. Raises CatalogError."""
    models: dict[str, type[PolicyFile]] = {
        "where-labels-disagree": OptionsFile,
        "one-year": OneYearFile,
        "calendar": CalendarFile,
        "rehearsal": RehearsalFile,
        "switching": SwitchingFile,
        "vital-signs": VitalSignsFile,
        "acuity": AcuityFile,
    }
    id_ = str(raw.get("id"))
    if id_ not in models:
        raise CatalogError(f"{name}: there is no policy {id_}; there are: {', '.join(models)}")
    return validate(models[id_], raw, name=name)
