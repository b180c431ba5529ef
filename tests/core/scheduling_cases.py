"""Reads the case files, so that each of their rows becomes a test named by its own sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scheduling import catalog
from scheduling.core.facts import (
    BroughtForward,
    Credit,
    Delayed,
    DelayScope,
    Extended,
    Fact,
    Given,
    LevelChanged,
    Omitted,
)
from scheduling.core.policy import Policy
from scheduling.core.projection import project
from scheduling.core.regimen import Regimen

FOLDER = Path(__file__).parent.parent / "cases" / "scheduling"

Case = dict[str, Any]


def read(name: str) -> Case:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), parse_float=Decimal)


def cases(name: str, table: str = "cases") -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in read(name)[table]]


def facts_of(regimen: Regimen, case: Case) -> list[Fact]:
    """The facts of a plan's case: the first `on_plan` cycles as planned, then what happened."""
    return [*_as_planned(regimen, case["start"], case.get("on_plan", 0)), *_happened(regimen, case.get("facts", ()))]


def _as_planned(regimen: Regimen, start: date, cycles: int) -> Iterator[Given]:
    for entry in project(regimen, start, (), today=start).entries:
        if entry.cycle <= cycles:
            yield Given(entry.cycle, entry.day, entry.agent, entry.on)


def _happened(regimen: Regimen, facts: list[Case]) -> Iterator[Fact]:
    for fact in facts:
        if "given" in fact:
            for agent in [fact["agent"]] if "agent" in fact else regimen.agents:
                yield Given(fact["given"], 1, agent, fact["on"])
        elif "omitted" in fact:
            yield Omitted(fact["omitted"], 1, date(2026, 1, 1), fact.get("made_up", False), fact.get("agent"))
        elif "extended" in fact:
            yield Extended(fact["extended"], "a case", fact.get("overridden", False))
        elif "level" in fact:
            yield LevelChanged(fact["agent"], fact["from"], fact["level"])
        elif "forward" in fact:
            yield BroughtForward(fact["forward"], 1, fact["from"], fact["to"])
        else:
            yield Delayed(fact["delayed"], 1, fact["to"], DelayScope(fact.get("scope", "later")))


def policy_of(case: Case) -> Policy | None:
    return catalog.policy(**case["policy"]) if "policy" in case else None


def credits_of(case: Case) -> tuple[Credit, ...]:
    return tuple(Credit(e["agent"], e["doses"], e["last"], e.get("first")) for e in case["earlier"])
