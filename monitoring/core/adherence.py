"""Whether the heart was watched as it should be: baseline, quarters, gaps, and holds that should have been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from her2tracker.lib.dates import add_days, add_months, days_between, in_words
from her2tracker.lib.sources import Citation


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    PENDING = "pending"
    NOT_ASKED = "not-asked"

    @property
    def label(self) -> str:
        return {"met": "on time", "missed": "missed", "pending": "not yet due", "not-asked": "not asked"}[self.value]


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in the source's own unit: days, or calendar months."""

    days: int | None = None
    months: int | None = None

    def __post_init__(self) -> None:
        if (self.days is None) == (self.months is None):
            raise ValueError("a span is written in days or in months")

    def after(self, day: date) -> date:
        return add_days(day, self.days) if self.days is not None else add_months(day, self.months or 0)

    def before(self, day: date) -> date:
        return add_days(day, -self.days) if self.days is not None else add_months(day, -(self.months or 0))

    def in_words(self) -> str:
        return f"{self.days} days" if self.days is not None else f"{self.months} months"


@dataclass(frozen=True, slots=True)
class BaselineRule:
    """A baseline counts from `before` the first administration until `after_days` after it."""

    before: Span
    after_days: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class GapRule:
    at_most: Span
    citation: Citation


@dataclass(frozen=True, slots=True)
class MilestoneRule:
    """One LVEF in each stretch that ends so many months after the first administration, plus `tolerance`.

    A milestone is asked when treatment lasted to within `asked_from_days_before` days of it.
    """

    months: tuple[int, ...]
    tolerance: Span
    asked_from_days_before: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Definition:
    """One way to count, as a file: the labels' own, or a published study's."""

    id: str
    version: int
    title: str
    baseline: BaselineRule
    gaps: GapRule
    milestones: MilestoneRule


@dataclass(frozen=True, slots=True)
class TreatmentFacts:
    """The dated facts of one plan: `ended_on` is the last administration of one that is over, `results` any order."""

    first_given_on: date
    ended_on: date | None
    results: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Adherence:
    """One plan by one definition. `full`: a baseline, and no gap too long until treatment ended."""

    definition_id: str
    version: int
    baseline: Verdict
    baseline_on: date | None
    milestones: tuple[tuple[int, Verdict], ...]
    gaps: Verdict
    longest_gap_days: int
    full: Verdict


@dataclass(frozen=True, slots=True)
class Tally:
    met: int = 0
    missed: int = 0
    pending: int = 0
    not_asked: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.met + other.met,
            self.missed + other.missed,
            self.pending + other.pending,
            self.not_asked + other.not_asked,
        )

    @classmethod
    def of(cls, verdict: Verdict) -> Tally:
        return cls(**{verdict.value.replace("-", "_"): 1})

    @property
    def judged(self) -> int:
        return self.met + self.missed

    @property
    def percent(self) -> float | None:
        """Of those judged. For `full` it looks worse than it is while plans run: see `percent_so_far`."""
        return self.met / self.judged * 100 if self.judged else None

    @property
    def percent_so_far(self) -> float | None:
        """Of all that are asked, taking what is not yet due as kept."""
        kept = self.met + self.pending
        return kept / (kept + self.missed) * 100 if kept + self.missed else None


@dataclass(frozen=True, slots=True)
class Counts:
    """Many plans by one definition; adding counts of two clinics is the count of both together."""

    plans: int = 0
    baseline: Tally = field(default_factory=Tally)
    gaps: Tally = field(default_factory=Tally)
    full: Tally = field(default_factory=Tally)
    milestones: tuple[tuple[int, Tally], ...] = ()

    @classmethod
    def of(cls, one: Adherence) -> Counts:
        return cls(
            1,
            Tally.of(one.baseline),
            Tally.of(one.gaps),
            Tally.of(one.full),
            tuple((months, Tally.of(verdict)) for months, verdict in one.milestones),
        )

    def __add__(self, other: Counts) -> Counts:
        both = dict(self.milestones)
        for months, tally in other.milestones:
            both[months] = both.get(months, Tally()) + tally
        return Counts(
            self.plans + other.plans,
            self.baseline + other.baseline,
            self.gaps + other.gaps,
            self.full + other.full,
            tuple(sorted(both.items())),
        )


def judge(definition: Definition, facts: TreatmentFacts, *, today: date) -> Adherence:
    """One plan whose treatment has begun. Results and an end after `today` do not count."""
    results = sorted({day for day in facts.results if day <= today})
    ended_on = facts.ended_on if facts.ended_on is not None and facts.ended_on <= today else None
    first = facts.first_given_on
    baseline_on = _baseline(definition.baseline, first, results)
    baseline = _baseline_verdict(definition.baseline, first, baseline_on, today)
    start, end = baseline_on or first, ended_on or today
    gaps, longest = _gaps(definition.gaps, start, end, results)
    quarters = tuple(_milestones(definition.milestones, first, start, ended_on, results, today))
    full = _full(baseline, gaps, is_over=ended_on is not None)
    return Adherence(definition.id, definition.version, baseline, baseline_on, quarters, gaps, longest, full)


def count(found: Iterable[Adherence]) -> Counts:
    """The counts of all of them; an empty clinic counts nothing."""
    return sum((Counts.of(one) for one in found), Counts())


def _baseline(rule: BaselineRule, first: date, results: list[date]) -> date | None:
    """The last before the first administration, else the first one after it that still counts."""
    fitting = [day for day in results if rule.before.before(first) <= day <= add_days(first, rule.after_days)]
    before = [day for day in fitting if day <= first]
    return before[-1] if before else next(iter(fitting), None)


def _baseline_verdict(rule: BaselineRule, first: date, found: date | None, today: date) -> Verdict:
    if found is not None:
        return Verdict.MET
    return Verdict.PENDING if today <= add_days(first, rule.after_days) and rule.after_days else Verdict.MISSED


def _gaps(rule: GapRule, start: date, end: date, results: list[date]) -> tuple[Verdict, int]:
    """Between one LVEF and the next, and from the last one to the end of treatment, or to today."""
    days = [start, *(day for day in results if start < day <= end), max(end, start)]
    pairs = list(pairwise(days))
    longest = max(days_between(one, other) for one, other in pairs)
    is_kept = all(other <= rule.at_most.after(one) for one, other in pairs)
    return (Verdict.MET if is_kept else Verdict.MISSED), longest


def _milestones(
    rule: MilestoneRule, first: date, start: date, ended_on: date | None, results: list[date], today: date
) -> Iterable[tuple[int, Verdict]]:
    """Each result answers one milestone: the earliest it can."""
    open_, begins = [day for day in results if day > max(first, start)], first
    for months in rule.months:
        on = add_months(first, months)
        deadline = rule.tolerance.after(on)
        if ended_on is not None and ended_on < add_days(on, -rule.asked_from_days_before):
            yield months, Verdict.NOT_ASKED
            continue
        answer = next((day for day in open_ if begins < day <= deadline), None)
        if answer is not None:
            open_.remove(answer)
        begins = on
        yield months, Verdict.MET if answer else Verdict.PENDING if today <= deadline else Verdict.MISSED


def _full(baseline: Verdict, gaps: Verdict, *, is_over: bool) -> Verdict:
    if Verdict.MISSED in (baseline, gaps):
        return Verdict.MISSED
    return Verdict.MET if is_over and baseline is Verdict.MET else Verdict.PENDING


# Holds that should have been ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Qualifying:
    """A finding that advised to withhold or discontinue, and what ended the question: a decision or a later result."""

    key: str
    found_on: date
    decided_on: date | None = None
    superseded_on: date | None = None

    @property
    def open_until(self) -> date | None:
        return min((day for day in (self.decided_on, self.superseded_on) if day), default=None)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Treatment went on before anybody had decided about a finding."""

    finding: Qualifying
    given_on: tuple[date, ...]

    @property
    def sentence(self) -> str:
        days = ", ".join(in_words(day) for day in self.given_on)
        return f"Withholding was advised on {in_words(self.finding.found_on)}; treated before any decision: {days}"


def overtaken(findings: Iterable[Qualifying], given: Iterable[date], *, today: date) -> tuple[Overtaken, ...]:
    """Findings of one plan after which something was given before a decision, oldest first.

    Days, not hours: an administration on the day of the finding or of the decision is taken as given before the one and
    after the other, so that nobody is blamed for the order of a morning.
    """
    days = sorted({day for day in given if day <= today})
    found = []
    for finding in sorted(findings, key=lambda one: (one.found_on, one.key)):
        until = finding.open_until or add_days(today, 1)
        if after := tuple(day for day in days if finding.found_on < day < until):
            found.append(Overtaken(finding, after))
    return tuple(found)
