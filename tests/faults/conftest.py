"""The clock and the dice of the faults, and the table that `make faults` ends with."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from tests import make

LONG = pytest.mark.long
Row = tuple[str, str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if mark := item.get_closest_marker("fault"):
            item.user_properties.append(("fault", mark.args))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Fault, how it was tried, how often, and what came of it; where only the faults were asked for."""
    if not any("tests/faults" in argument for argument in terminalreporter.config.args):
        return
    outcomes: dict[Row, list[str]] = {}
    for report in (
        one for kind in ("passed", "failed", "skipped", "error") for one in terminalreporter.getreports(kind)
    ):
        row = dict(getattr(report, "user_properties", ())).get("fault")
        if row and (report.when == "call" or report.outcome != "passed"):
            outcomes.setdefault(tuple(row), []).append(report.outcome)
    terminalreporter.section("faults")
    for (fault, how), seen in sorted(outcomes.items(), key=lambda one: (int(one[0][0][1:]), one[0][1])):
        said = ", ".join(f"{seen.count(one)} {one}" for one in ("passed", "failed", "skipped") if one in seen)
        terminalreporter.write_line(f"{fault:4} {how:70} {said}")


@pytest.fixture
def dice() -> random.Random:
    """FAULT_SEED repeats a run; it is printed, and pytest shows it when the test fails."""
    seed = int(os.environ.get("FAULT_SEED") or secrets.randbelow(10**6))
    print(f"FAULT_SEED={seed}")  # noqa: T201
    return random.Random(seed)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Thursday 30 April 2026, 09:00 UTC, which is the test clinic's own time."""
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def sign_in(db: None) -> Callable[[str], Client]:
    """`sign_in("omar")`: a browser of one of the cast."""

    def signed_in(who: str) -> Client:
        client = Client()
        client.force_login(make.person(who))
        return client

    return signed_in
