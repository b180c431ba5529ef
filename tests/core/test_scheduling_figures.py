"""No figure of a regimen file goes unread: each is typed again in the cases, each threshold is tried around it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from her2tracker.lib import catalog as files
from scheduling import catalog
from scheduling.core.regimen import Agent, Regimen
from tests.core.scheduling_cases import Case, read

PATHS = sorted(catalog.REGIMENS.glob("*.toml"))
REGIMENS = sorted(catalog.regimens().values(), key=lambda regimen: regimen.id)


def figures(value: Any) -> Any:
    """Only the numbers of a table, in their places; None where there are none."""
    if isinstance(value, dict):
        found = {key: figures(inner) for key, inner in value.items() if key != "version"}
        return {key: inner for key, inner in found.items() if inner is not None} or None
    if isinstance(value, list):
        return [inner for inner in map(figures, value) if inner is not None] or None
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def by_agent_name(raw: Case) -> Case:
    """A regimen file with its phases' agents keyed by name, as the cases have them."""
    phases = [{**p, "agents": {agent["name"]: agent for agent in p["agents"]}} for p in raw.get("phases", ())]
    return {**raw, "phases": phases}


def expected(regimen: str) -> Case:
    table = read("figures")
    case = dict(table["regimens"][regimen])
    names = {name for phase in case.get("phases", ()) for name in phase["agents"]}
    case["agents"] = {name: table["facts"][name] for name in names}
    case["phases"] = [
        {**phase, "agents": {name: table["doses"][dose] for name, dose in phase["agents"].items()}}
        for phase in case.get("phases", ())
    ]
    return case


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_figure_of_a_regimen_is_the_clinical_one(path: Path) -> None:
    raw = files.read(path)
    assert figures(by_agent_name(raw)) == figures(expected(raw["id"]))


@pytest.mark.parametrize("kind", ["policies", "preconditions"])
def test_every_figure_of_a_policy_or_precondition_is_the_clinical_one(kind: str) -> None:
    folder = {"policies": catalog.POLICIES, "preconditions": catalog.PRECONDITIONS}[kind]
    found = {raw["id"]: figures(raw) for raw in map(files.read, sorted(folder.glob("*.toml")))}
    assert found == {name: figures(table) for name, table in read("figures")[kind].items()}


def test_every_regimen_has_a_calendar_and_every_calendar_a_regimen() -> None:
    shipped = {regimen.id for regimen in REGIMENS}
    assert {case["regimen"] for case in read("calendars")["cases"]} == shipped
    assert set(read("figures")["regimens"]) == shipped


def every_agent() -> Iterator[tuple[Regimen, str, Agent]]:
    for regimen in REGIMENS:
        for phase in regimen.phases:
            for agent in phase.agents:
                yield regimen, phase.name, agent


@pytest.mark.parametrize(
    ("regimen", "phase", "agent"), [pytest.param(*a, id=f"{a[0].id}-{a[1]}-{a[2].name}") for a in every_agent()]
)
def test_each_reload_threshold_is_tried_just_below_at_and_just_above(
    regimen: Regimen, phase: str, agent: Agent
) -> None:
    tried: dict[str, set[int]] = {"late": set(), "since": set()}
    for case in read("gaps")["cases"]:
        if (case["agent"], case["phase"]) == (agent.name, phase) and regimen.id in case["regimens"]:
            for row in case["rows"]:
                tried["late"].add(row["late"])
                tried["since"].add(row["since"])
    assert tried["since"], "no case tries this agent's gaps"
    for measure, bounds in (("late", agent.reload.days_late), ("since", agent.reload.days_since_last)):
        for figure in bounds.figures() if bounds else ():
            assert {int(figure) - 1, int(figure), int(figure) + 1} <= tried[measure]


@pytest.mark.parametrize("regimen", REGIMENS, ids=lambda regimen: regimen.id)
def test_each_weeks_cap_is_tried_on_its_last_day_and_the_day_after(regimen: Regimen) -> None:
    if regimen.cap.weeks is None or not regimen.phases:
        return
    outcomes = {
        case["expect"]["past_cap"]
        for case in read("plans")["cases"]
        if case["regimen"] == regimen.id and "past_cap" in case.get("expect", {})
    }
    assert outcomes >= {0, 1}


def test_each_weight_threshold_is_tried_around_it() -> None:
    tried = {case["agent"]: {row["percent"] for row in case["rows"]} for case in read("doses")["weights"]}
    for _, _, agent in every_agent():
        if agent.weight_rule:
            assert agent.weight_rule.percent.figures() == (Decimal(10),)
            assert {"−9.9 %", "−10.0 %"} <= tried[agent.name]
            assert tried[agent.name] & {"−10.1 %", "+10.1 %"}


@pytest.mark.parametrize("regimen", REGIMENS, ids=lambda regimen: regimen.id)
def test_what_is_not_verified_is_owned_up_to(regimen: Regimen) -> None:
    said = "\n".join(regimen.unverified)
    for words in read("figures")["unverified"].get(regimen.id, ()):
        assert words in said
    assert regimen.confidence.is_verified == (not regimen.unverified)
