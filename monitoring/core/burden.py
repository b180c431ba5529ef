"""How much work flags make, and what becomes of it: by rule and month, so that a rule nobody follows is seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from monitoring.core.escalation import Ladder, Snooze, owed
from monitoring.core.lifecycle import MISSING_BASELINE, Decision, FlagKind, waits_for_decision


@dataclass(frozen=True, slots=True)
class Raised:
    """One flag as it went. Moments carry their zone; `decided_at` and `decision` are of the first decision.

    `month` is the first day of the month in which it was raised, on the site's calendar.
    """

    fact: str
    kind: FlagKind
    month: date
    raised_at: datetime
    decided_at: datetime | None = None
    decision: Decision | None = None
    resolved_at: datetime | None = None
    overridden: bool = False  # a clinician treated in spite of it, by an override that names it
    snoozes: tuple[Snooze, ...] = ()

    @property
    def rule(self) -> str:
        return rule_of(self.fact)

    @property
    def hours(self) -> float | None:
        """From raised to the first decision."""
        return (self.decided_at - self.raised_at).total_seconds() / 3600 if self.decided_at else None


@dataclass(frozen=True, slots=True)
class Burden:
    """The flags of one rule and month. Every flag is in exactly one of decided, by facts, and open."""

    rule: str
    month: date
    raised: int
    held: int
    continued: int
    repeated: int
    not_valid: int
    by_facts: int  # resolved without a decision: a result, or a corrected figure
    open: int
    overridden: int
    beyond_ladder: int  # waited past the ladder's last step, put-off hours not counted
    median_hours: float | None

    @property
    def decided(self) -> int:
        return self.held + self.continued + self.repeated + self.not_valid


def rule_of(fact: str) -> str:
    """`finding:<result>:trastuzumab-us:fall-of-16` is `trastuzumab-us: fall-of-16`."""
    kind, *rest = fact.split(":")
    if kind == "finding" and len(rest) == 3:
        return f"{rest[1]}: {rest[2]}"
    if kind == "stop" and len(rest) == 2:
        return f"{rest[1]}: hold has become a stop"
    if fact == MISSING_BASELINE:
        return "no baseline LVEF"
    return {"overdue": "LVEF overdue", "baseline": "no LVEF on record"}.get(kind, kind)


def count(flags: Iterable[Raised], ladder: Ladder, *, now: datetime) -> tuple[Burden, ...]:
    """A row for each rule and month, the latest month first, within it the rule that flags most."""
    groups: dict[tuple[date, str], list[Raised]] = {}
    for flag in flags:
        groups.setdefault((flag.month, flag.rule), []).append(flag)
    rows = (_row(rule, month, group, ladder, now) for (month, rule), group in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.month.toordinal(), -row.raised, row.rule)))


def _row(rule: str, month: date, flags: list[Raised], ladder: Ladder, now: datetime) -> Burden:
    by_decision = {one: sum(flag.decision is one for flag in flags) for one in Decision}
    undecided = [flag for flag in flags if flag.decision is None]
    hours = [flag.hours for flag in flags if flag.hours is not None]
    return Burden(
        rule,
        month,
        len(flags),
        by_decision[Decision.HOLD],
        by_decision[Decision.CONTINUE],
        by_decision[Decision.REPEAT],
        by_decision[Decision.NOT_VALID],
        sum(flag.resolved_at is not None for flag in undecided),
        sum(flag.resolved_at is None for flag in undecided),
        sum(flag.overridden for flag in flags),
        sum(_is_beyond(flag, ladder, now) for flag in flags),
        median(hours) if hours else None,
    )


def _is_beyond(flag: Raised, ladder: Ladder, now: datetime) -> bool:
    """Only what waits for a decision climbs the ladder; what is overdue waits for a result."""
    if not waits_for_decision(flag.kind, flag.fact):
        return False
    until = min((moment for moment in (flag.decided_at, flag.resolved_at, now) if moment), default=now)
    steps = owed(ladder, flag=flag.fact, opened_at=flag.raised_at, now=until, snoozes=flag.snoozes)
    return len(steps) == len(ladder.steps)
