"""Blood tests before an infusion: which are asked for, and what a value means where a source gives a figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import Bounds, plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation


@dataclass(frozen=True, slots=True)
class Withhold:
    """The figure at which a source withholds the agent, in its own unit."""

    value: Bounds
    unit: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class LabTest:
    """One blood test that is looked at before each dose of `agent`. Without `withhold` there is no figure on record."""

    agent: str
    id: str
    title: str
    units: tuple[str, ...]
    withhold: Withhold | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class LabValue:
    """One measured value, in the unit the laboratory wrote."""

    test: str
    value: Decimal
    unit: str
    taken_on: date

    @property
    def in_words(self) -> str:
        """`145 10⁹/L, Mon 5 Jan 2026`."""
        return f"{plain(self.value)} {self.unit}, {in_words(self.taken_on)}"


class LabState(StrEnum):
    MISSING = "missing"
    NO_FIGURE = "no-figure"
    PASSES = "passes"
    WITHHOLDS = "withholds"


@dataclass(frozen=True, slots=True)
class LabVerdict:
    """What one test says about one infusion."""

    test: LabTest
    value: LabValue | None
    state: LabState
    sentence: str


def asked(tests: Iterable[LabTest], agents: Iterable[str]) -> tuple[LabTest, ...]:
    """The tests looked at before an infusion of these agents, each once."""
    due = set(agents)
    return tuple({test.id: test for test in tests if test.agent in due}.values())


def judge(test: LabTest, value: LabValue | None) -> LabVerdict:
    """A value against the figure on record; without one, or in another unit, nothing is concluded."""
    if value is None:
        return LabVerdict(test, None, LabState.MISSING, f"{test.title} not on record for this cycle")
    told = f"{test.title} {value.in_words}"
    rule = test.withhold
    if rule is None:
        return LabVerdict(test, value, LabState.NO_FIGURE, f"{told}: no figure on record, a doctor judges it")
    if value.unit != rule.unit:
        return LabVerdict(test, value, LabState.NO_FIGURE, f"{told}: the figure on record is in {rule.unit}")
    if rule.value.hold(value.value):
        limit = rule.value.in_words(f" {rule.unit}")
        return LabVerdict(test, value, LabState.WITHHOLDS, f"{told}: withhold, it is {limit}")
    return LabVerdict(test, value, LabState.PASSES, told)


def refuse_value(test: LabTest | None, *, value: Decimal, unit: str, taken_on: date, today: date) -> Refusal | None:
    """Writing down a value: a test that is asked for, a unit it is measured in, a figure, a day that has come."""
    if test is None:
        return Refusal("unknown-test", "This test is not asked for before this infusion.")
    if unit not in test.units:
        return Refusal("unknown-unit", f"{test.title} is written in {' or '.join(test.units)}.")
    if value < 0:
        return Refusal("negative", f"{test.title} cannot be below 0.")
    if taken_on > today:
        return Refusal("in-the-future", f"{in_words(taken_on)} has not come yet.")
    return None
