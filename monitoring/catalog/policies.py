"""Site policies as shipped: echo stewardship, the escalation ladder, calls. A site may override, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from her2tracker.lib.catalog import BoundsModel, Cited, FileModel, validate
from her2tracker.lib.catalog import read as read_file
from monitoring.core.baselines import BaselineNote, BaselinePolicy
from monitoring.core.calls import CallPolicy
from monitoring.core.escalation import Ladder, Recipient, Step
from monitoring.core.stewardship import EchoPolicy

FOLDER = Path(__file__).parent.parent / "policies"
_ID = r"^[a-z0-9-]+$"


class _PolicyFile(FileModel):
    id: str = Field(pattern=_ID)
    version: int = Field(gt=0)
    title: str


class TooEarlyTable(Cited):
    days_since_last: BoundsModel
    unless_fall: BoundsModel


class EchoPolicyFile(_PolicyFile):
    too_early: TooEarlyTable

    def to_core(self) -> EchoPolicy:
        rule = self.too_early
        return EchoPolicy(
            self.id, self.version, rule.days_since_last.to_core(), rule.unless_fall.to_core(), rule.citation
        )


class StepTable(Cited):
    id: str = Field(pattern=_ID)
    after_hours: int = Field(gt=0)
    to: Recipient
    by_mail: bool = False

    def to_core(self) -> Step:
        return Step(self.id, self.after_hours, self.to, self.by_mail, self.citation)


class SnoozeTable(Cited):
    days: BoundsModel


class LadderFile(_PolicyFile):
    steps: tuple[StepTable, ...] = Field(min_length=1)
    snooze: SnoozeTable

    @model_validator(mode="after")
    def _climbs(self) -> LadderFile:
        hours = [step.after_hours for step in self.steps]
        if hours != sorted(set(hours)):
            raise ValueError("each step comes later than the one before it")
        return self

    def to_core(self) -> Ladder:
        steps = tuple(step.to_core() for step in self.steps)
        return Ladder(self.id, self.version, steps, self.snooze.days.to_core(), self.snooze.citation)


def read_echo_policy(raw: dict[str, Any], name: str) -> EchoPolicy:
    """From its tables. Raises CatalogError."""
    return validate(EchoPolicyFile, raw, name=name).to_core()


def read_ladder(raw: dict[str, Any], name: str) -> Ladder:
    """From its tables. Raises CatalogError."""
    return validate(LadderFile, raw, name=name).to_core()


class TooOldTable(Cited):
    days_before_first: BoundsModel


class BaselineNoteTable(Cited):
    protocol: str = Field(pattern=_ID)
    words: str


class BaselinePolicyFile(_PolicyFile):
    too_old: TooOldTable
    notes: tuple[BaselineNoteTable, ...] = ()

    def to_core(self) -> BaselinePolicy:
        notes = tuple(BaselineNote(one.protocol, one.words, one.citation) for one in self.notes)
        rule = self.too_old
        return BaselinePolicy(self.id, self.version, rule.days_before_first.to_core(), rule.citation, notes)


def read_baseline_policy(raw: dict[str, Any], name: str) -> BaselinePolicy:
    """From its tables. Raises CatalogError."""
    return validate(BaselinePolicyFile, raw, name=name).to_core()


class UnreachedTable(Cited):
    attempts: int = Field(gt=0)


class CallPolicyFile(_PolicyFile):
    unreached: UnreachedTable

    def to_core(self) -> CallPolicy:
        return CallPolicy(self.id, self.version, self.unreached.attempts, self.unreached.citation)


def read_call_policy(raw: dict[str, Any], name: str) -> CallPolicy:
    """From its tables. Raises CatalogError."""
    return validate(CallPolicyFile, raw, name=name).to_core()


def _newest(policy_id: str) -> Path:
    return max(FOLDER.glob(f"{policy_id}-v*.toml"), key=lambda path: int(path.stem.rpartition("-v")[2]))


@cache
def echo_policy() -> EchoPolicy:
    """The newest echo stewardship policy."""
    path = _newest("echo-stewardship")
    return read_echo_policy(read_file(path), path.name)


@cache
def baseline_policy() -> BaselinePolicy:
    """The newest policy on what may serve as a baseline."""
    path = _newest("baseline")
    return read_baseline_policy(read_file(path), path.name)


@cache
def call_policy() -> CallPolicy:
    """The newest policy on patients whom nobody reaches by telephone."""
    path = _newest("calls")
    return read_call_policy(read_file(path), path.name)


@cache
def ladders() -> tuple[Ladder, ...]:
    """Every published version of the escalation ladder, oldest first."""
    found = (read_ladder(read_file(path), path.name) for path in FOLDER.glob("escalation-v*.toml"))
    return tuple(sorted(found, key=lambda one: one.version))


def ladder() -> Ladder:
    """The newest escalation ladder, before any site's own hours."""
    return ladders()[-1]
