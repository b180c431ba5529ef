"""Cardiac protocol files in, the core's protocols out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from typing import Protocol as Shape

from pydantic import Field, model_validator

from her2tracker.lib.catalog import (
    BoundsModel,
    CatalogError,
    Cited,
    Definition,
    FileModel,
    definition,
    load_folder,
    validate,
)
from her2tracker.lib.catalog import read as read_file
from monitoring.core import protocol as core
from monitoring.core.protocol import Advice, Jurisdiction, Kind, Protocol, Setting
from monitoring.core.result import Dysfunction, Symptoms

FOLDER = Path(__file__).parent.parent / "protocols"
_ID = r"^[a-z0-9-]+$"
T_co = TypeVar("T_co", covariant=True)


class _Table(Shape[T_co]):
    def to_core(self) -> T_co: ...


def _core(table: _Table[T_co] | None) -> T_co | None:
    return None if table is None else table.to_core()


class ConditionTable(FileModel):
    fall: BoundsModel | None = None
    lvef: BoundsModel | None = None
    below_normal: bool | None = None
    symptoms: Symptoms | None = None
    gls_fall_percent: BoundsModel | None = None
    biomarker_rise: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> ConditionTable:
        if not self.model_fields_set:
            raise ValueError("a condition without a figure would always be met")
        return self

    def to_core(self) -> core.Condition:
        return core.Condition(
            _core(self.fall),
            _core(self.lvef),
            self.below_normal,
            self.symptoms,
            _core(self.gls_fall_percent),
            self.biomarker_rise,
        )


class RuleTable(Cited):
    id: str = Field(pattern=_ID)
    when: ConditionTable
    then: Advice
    words: str
    grade: Dysfunction | None = None

    def to_core(self) -> core.Rule:
        return core.Rule(self.id, self.when.to_core(), self.then, self.words, self.citation, self.grade)


class StartTable(Cited):
    id: str = Field(pattern=_ID)
    baseline: BoundsModel
    words: str
    after_anthracycline: bool | None = None
    also_not_when: tuple[str, ...] = ()

    def to_core(self) -> core.StartRule:
        return core.StartRule(
            self.id, self.baseline.to_core(), self.words, self.citation, self.after_anthracycline, self.also_not_when
        )


class OnTreatmentTable(Cited):
    every_days: int = Field(gt=0)
    opens_after_days: int = Field(gt=0)
    overdue_after_days: int = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> OnTreatmentTable:
        if not self.opens_after_days <= self.every_days <= self.overdue_after_days:
            raise ValueError("a window opens, then is due, then is overdue")
        return self

    def to_core(self) -> core.OnTreatment:
        return core.OnTreatment(self.every_days, self.opens_after_days, self.overdue_after_days, self.citation)


class LaterTable(OnTreatmentTable):
    after_months: int = Field(gt=0)
    settings: tuple[Setting, ...] = Field(min_length=1)

    def as_later(self) -> core.Later:
        return core.Later(self.after_months, self.settings, self.to_core())


class WhileHeldTable(Cited):
    every_days: int = Field(gt=0)

    def to_core(self) -> core.WhileHeld:
        return core.WhileHeld(self.every_days, self.citation)


class CompletionTable(Cited):
    """At completion one assessment is due; the table holds only where that comes from."""


class FollowUpTable(Cited):
    months: tuple[int, ...] = Field(min_length=1)
    within: bool = False

    def to_core(self) -> core.FollowUp:
        return core.FollowUp(tuple(sorted(self.months)), self.citation, self.within)


class SurveillanceTable(FileModel):
    on_treatment: OnTreatmentTable
    while_held: WhileHeldTable | None = None
    at_completion: CompletionTable | None = None
    follow_up: FollowUpTable | None = None
    with_dysfunction: OnTreatmentTable | None = None
    later: LaterTable | None = None

    def to_core(self) -> core.Surveillance:
        return core.Surveillance(
            self.on_treatment.to_core(),
            _core(self.while_held),
            self.at_completion.citation if self.at_completion else None,
            _core(self.follow_up),
            _core(self.with_dysfunction),
            self.later.as_later() if self.later else None,
        )


class StopTable(Cited):
    words: str
    persistent_days: BoundsModel | None = None
    holds: BoundsModel | None = None
    confirmed: tuple[ConditionTable, ...] = ()
    unrecovered_at_repeat: bool = False
    not_improved_at_repeat: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> StopTable:
        if not self.model_fields_set & {
            "persistent_days",
            "holds",
            "confirmed",
            "unrecovered_at_repeat",
            "not_improved_at_repeat",
        }:
            raise ValueError("a stop needs a condition")
        return self

    def to_core(self) -> core.StopClock:
        return core.StopClock(
            self.words,
            self.citation,
            _core(self.persistent_days),
            _core(self.holds),
            tuple(condition.to_core() for condition in self.confirmed),
            self.unrecovered_at_repeat,
            self.not_improved_at_repeat,
        )


class HoldTable(Cited):
    resume_words: str
    minimum_days: int | None = Field(default=None, gt=0)
    recheck_within_days: int | None = Field(default=None, gt=0)
    resume_when: tuple[ConditionTable, ...] = ()
    stop: tuple[StopTable, ...] = ()

    def to_core(self) -> core.HoldClocks:
        return core.HoldClocks(
            self.citation,
            self.resume_words,
            self.minimum_days,
            self.recheck_within_days,
            tuple(condition.to_core() for condition in self.resume_when),
            tuple(stop.to_core() for stop in self.stop),
        )


class ProtocolFile(FileModel):
    """A whole file. Rule ids are unique, because a flag's fact is named after them."""

    id: str = Field(pattern=_ID)
    version: int = Field(gt=0)
    title: str
    kind: Kind
    agents: tuple[str, ...]
    together_with: tuple[str, ...] = ()
    jurisdiction: Jurisdiction
    settings: tuple[Setting, ...] = Field(min_length=1)
    baseline_is: str
    start: tuple[StartTable, ...] = ()
    surveillance: SurveillanceTable | None = None
    hold: HoldTable | None = None
    rules: tuple[RuleTable, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> ProtocolFile:
        ids = [*(rule.id for rule in self.rules), *(rule.id for rule in self.start)]
        if len(ids) != len(set(ids)):
            raise ValueError("two rules have the same id")
        return self

    @model_validator(mode="after")
    def _binds_somebody(self) -> ProtocolFile:
        if not self.agents and self.kind is not Kind.SITE:
            raise ValueError("only site policy may leave out its agents")
        return self

    def to_core(self) -> Protocol:
        return Protocol(
            id=self.id,
            version=self.version,
            title=self.title,
            kind=self.kind,
            agents=self.agents,
            jurisdiction=self.jurisdiction,
            settings=self.settings,
            baseline_is=self.baseline_is,
            rules=tuple(rule.to_core() for rule in self.rules),
            together_with=self.together_with,
            start=tuple(rule.to_core() for rule in self.start),
            surveillance=_core(self.surveillance),
            hold=_core(self.hold),
        )


def read(raw: dict[str, Any], name: str) -> Protocol:
    """A protocol from its tables, whether just parsed or stored at publication. Raises CatalogError."""
    return validate(ProtocolFile, raw, name=name).to_core()


@cache
def protocols() -> dict[tuple[str, int], Protocol]:
    """Every protocol file, keyed (id, version)."""
    return load_folder(FOLDER, read)


@cache
def definitions() -> dict[tuple[str, int], Definition]:
    """Every protocol file as published: raw tables and the digest that freezes them."""
    return {key: definition(read_file(FOLDER / f"{key[0]}-v{key[1]}.toml")) for key in protocols()}


def protocol(protocol_id: str, version: int | None = None) -> Protocol:
    """One protocol, its newest version unless another is named. Raises CatalogError when it is unknown."""
    versions = {key[1]: found for key, found in protocols().items() if key[0] == protocol_id}
    if version is None and versions:
        version = max(versions)
    if version not in versions:
        known = ", ".join(sorted({key[0] for key in protocols()}))
        raise CatalogError(f"there is no cardiac protocol {protocol_id}; known are {known}")
    return versions[version]


def schema() -> dict[str, Any]:
    """The JSON schema of a protocol file, for editors and reviewers."""
    return ProtocolFile.model_json_schema()
