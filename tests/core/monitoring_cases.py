"""Runs the cases of tests/cases/monitoring against any protocols, the published ones or altered ones."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from monitoring.core.evaluation import NoBaseline, evaluate, figures_of, judge_start
from monitoring.core.holds import judge_hold
from monitoring.core.lvef import Lvef
from monitoring.core.protocol import Protocol
from monitoring.core.result import Assessment, Dysfunction, Modality, Symptoms
from monitoring.core.surveillance import window

FOLDER = Path(__file__).parent.parent / "cases" / "monitoring"
DAY_0 = date(2026, 1, 5)
NORMAL = Decimal(50)

Protocols = Mapping[str, Protocol]


def read(name: str) -> Any:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"), parse_float=Decimal)


def assessment(
    lvef: Any,
    *,
    on: date = DAY_0,
    symptoms: str = "none",
    gls: Any = None,
    biomarker: bool | None = None,
    modality: str = "echo-2d",
    lab: str = "",
) -> Assessment:
    """An assessment; `lvef` may be a figure or text such as "50-55"."""
    measured = Lvef.parse(lvef) if isinstance(lvef, str) else Lvef.exactly(lvef)
    depth = None if gls is None else Decimal(gls)
    return Assessment(on, measured, Modality(modality), lab, depth, Symptoms(symptoms), biomarker)


def every_failure(protocols: Protocols) -> Iterator[str]:
    """What any case says against these protocols; nothing when all of them pass."""
    for path in sorted((FOLDER / "rules").glob("*.toml")):
        yield from rule_failures(protocols, read(f"rules/{path.name}"))
    yield from start_failures(protocols)
    yield from hold_failures(protocols)
    yield from surveillance_failures(protocols)


def rule_failures(protocols: Protocols, file: Any) -> Iterator[str]:
    for name in file["protocols"]:
        for case in file["cases"]:
            if name in protocols:
                yield from _rule_failure(protocols[name], case)


def _rule_failure(protocol: Protocol, case: Any) -> Iterator[str]:
    gls = case.get("gls", (None, None))
    baseline = assessment(case["baseline"], gls=gls[0]) if "baseline" in case else None
    now = assessment(case["now"], symptoms=case.get("symptoms", "none"), gls=gls[1], biomarker=case.get("biomarker"))
    normal = Decimal(case.get("lower_limit_of_normal", NORMAL))
    found = evaluate(protocol, now, baseline, lower_limit_of_normal=normal)
    rules = [finding.rule_id for finding in found.findings]
    if (found.advice, rules) != (case["advice"], case["rules"]):
        yield f"{protocol.id} {case}: {found.advice}, {rules}"


def start_failures(protocols: Protocols) -> Iterator[str]:
    for case in read("starts.toml")["cases"]:
        if case["protocol"] not in protocols:
            continue
        protocol = protocols[case["protocol"]]
        found = judge_start(
            [protocol], assessment(case["baseline"]), after_anthracycline=case.get("after_anthracycline")
        )
        assert not isinstance(found, NoBaseline)
        rules = [objection.rule_id for objection in found]
        if rules != case["objects"]:
            yield f"start {case}: {rules}"


def hold_failures(protocols: Protocols) -> Iterator[str]:
    for case in read("holds.toml")["cases"]:
        for name in case["protocols"]:
            if name in protocols:
                yield from _hold_failure(protocols[name], case)


def _hold_failure(protocol: Protocol, case: Any) -> Iterator[str]:
    baseline = assessment(case["baseline"])
    repeats = []
    if "repeat" in case:
        repeats.append(assessment(case["repeat"], on=DAY_0 + timedelta(days=case["repeat_day"])))
    state = judge_hold(
        protocol,
        began_on=DAY_0,
        because_of=assessment(case["held_at"]),
        repeats=repeats,
        baseline=baseline,
        holds=case.get("holds", 1),
        today=DAY_0 + timedelta(days=case["day"]),
        lower_limit_of_normal=NORMAL,
    )
    assert state is not None
    assert protocol.hold is not None
    found: dict[str, Any] = {
        "resumption": state.resumption.value,
        "advice": state.advice.value,
        "stops": len(state.stops),
        "not_before": _day(state.not_before),
        "recheck_by": _day(state.recheck_by),
    }
    for repeat in repeats:
        figures = figures_of(repeat, baseline, NORMAL, "worst")
        found["permitted"] = any(condition.holds(figures) for condition in protocol.hold.resume_when)
    if wrong := {k: found.get(k) for k, v in case["expect"].items() if found.get(k) != v}:
        yield f"{protocol.id} hold, {case['title']}: {wrong}"


def _day(day: date | None) -> int | None:
    return None if day is None else (day - DAY_0).days


def surveillance_failures(protocols: Protocols) -> Iterator[str]:
    for case in read("surveillance.toml")["cases"]:
        for name in case["protocols"]:
            if name in protocols:
                yield from _surveillance_failure(protocols[name], case)


def _surveillance_failure(protocol: Protocol, case: Any) -> Iterator[str]:
    one = window(
        protocol,
        first_given_on=case.get("first"),
        last_given_on=case.get("last"),
        completed_on=case.get("completed"),
        results=case.get("results", []),
        baseline_on=case.get("baseline"),
        held_since=case.get("held_since"),
        today=case["today"],
        setting=case.get("setting"),
        dysfunction=Dysfunction(case["dysfunction"]) if "dysfunction" in case else None,
    )
    found = {
        "occasion": one.occasion.value,
        "opens": one.opens_on,
        "due": one.due_on,
        "overdue_after": one.overdue_after,
        "state": one.state.value,
    }
    if wrong := {k: found[k] for k, v in case["expect"].items() if found[k] != v}:
        yield f"{protocol.id} surveillance, {case['title']}: {wrong}"


# Figures of a data file, and what it is with one of them changed -------------------------------------

Place = tuple[str | int, ...]


def figures(table: Any, path: Place = ()) -> Iterator[tuple[Place, int | Decimal]]:
    """Every figure of a file with its place, the version aside."""
    pairs = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    for key, value in pairs:
        if isinstance(value, bool) or key == "version":
            continue
        if isinstance(value, int | Decimal):
            yield (*path, key), value
        else:
            yield from figures(value, (*path, key))


def altered(raw: dict[str, Any], path: Place, value: int | Decimal) -> dict[str, Any]:
    changed = copy.deepcopy(raw)
    table: Any = changed
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    return changed


def neighbours(path: Place, value: int | Decimal) -> tuple[int | Decimal, int | Decimal]:
    """The next smaller and next larger figure: days, months and holds are whole, percents have one decimal."""
    is_whole = any(str(key).endswith(("days", "months")) or key == "holds" for key in path)
    step: int | Decimal = 1 if is_whole else Decimal("0.1")
    return value - step, value + step
