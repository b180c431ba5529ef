"""The clocks of a hold: how long at least, when to look again, what permits resuming, when it becomes a stop.

The software advises; a hold ends only by a clinician's act.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.dates import add_days, days_between
from her2tracker.lib.sources import Citation
from monitoring.core.evaluation import evaluate, figures_of
from monitoring.core.protocol import Advice, Condition, HoldClocks, Protocol, StopClock
from monitoring.core.result import Assessment


class Resumption(StrEnum):
    NO_RESULT = "no-result"
    NOT_MET = "not-met"
    REVIEW = "review"
    NOT_YET = "not-yet"
    MET = "met"

    @property
    def label(self) -> str:
        return {
            Resumption.NO_RESULT: "no LVEF since the hold began",
            Resumption.NOT_MET: "the latest LVEF does not permit resuming",
            Resumption.REVIEW: "a clinician must decide",
            Resumption.NOT_YET: "the latest LVEF permits resuming, the shortest hold is not over",
            Resumption.MET: "the latest LVEF permits resuming",
        }[self]


@dataclass(frozen=True, slots=True)
class Stop:
    """A clock or a confirmation that says to discontinue, with its figures."""

    arithmetic: str
    words: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class HoldState:
    """Where a hold stands by one protocol. `day` counts from 0 on the day the hold began."""

    protocol_id: str
    version: int
    day: int
    not_before: date | None
    recheck_by: date | None
    resumption: Resumption
    resume_words: str
    stops: tuple[Stop, ...]
    advice: Advice
    citation: Citation


def judge_hold(
    protocol: Protocol,
    *,
    began_on: date,
    because_of: Assessment | None,
    repeats: Iterable[Assessment],
    baseline: Assessment | None,
    holds: int,
    today: date,
    lower_limit_of_normal: Decimal,
) -> HoldState | None:
    """The hold by this protocol, or None when it has no clocks.

    `because_of` is the assessment that led to the hold; `repeats` later ones, of which the latest
    decides. None led to a hold for symptoms under a normal LVEF: it is counted from its own first day.
    `holds` counts cardiac holds so far, this one included.
    """
    clocks = protocol.hold
    if clocks is None:
        return None
    after = because_of.performed_on if because_of else add_days(began_on, -1)
    done = sorted((r for r in repeats if after < r.performed_on <= today), key=lambda r: r.performed_on)
    latest = done[-1] if done else None
    not_before = add_days(began_on, clocks.minimum_days) if clocks.minimum_days else None
    resumption = _resumption(protocol, clocks, latest, baseline, lower_limit_of_normal)
    facts = _Facts(
        began_on, because_of, latest, baseline, holds, today, lower_limit_of_normal, resumption, clocks.resume_when
    )
    stops = tuple(stop for clock in clocks.stop for stop in _stops(clock, facts))
    if resumption is Resumption.MET and not_before is not None and today < not_before:
        resumption = Resumption.NOT_YET
    looked_on = max(began_on, latest.performed_on) if latest else began_on
    recheck = add_days(looked_on, clocks.recheck_within_days) if clocks.recheck_within_days else None
    return HoldState(
        protocol.id,
        protocol.version,
        days_between(began_on, today),
        not_before,
        recheck,
        resumption,
        clocks.resume_words,
        stops,
        _advice(resumption, stops),
        clocks.citation,
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    began_on: date
    because_of: Assessment | None
    latest: Assessment | None
    baseline: Assessment | None
    holds: int
    today: date
    lower_limit_of_normal: Decimal
    resumption: Resumption
    resume_when: tuple[Condition, ...]

    @property
    def surely_unrecovered(self) -> bool:
        """Neither end of the latest LVEF permits resuming. Never claimed without a baseline to compare with."""
        if self.latest is None or self.baseline is None:
            return False
        return not any(_any_holds(self.resume_when, self.latest, self.baseline, self.lower_limit_of_normal))

    @property
    def recovered(self) -> bool:
        return self.resumption is Resumption.MET

    def surely(self, conditions: tuple[Condition, ...], assessment: Assessment) -> bool:
        return all(_any_holds(conditions, assessment, self.baseline, self.lower_limit_of_normal))


def _resumption(
    protocol: Protocol,
    clocks: HoldClocks,
    latest: Assessment | None,
    baseline: Assessment | None,
    lower_limit_of_normal: Decimal,
) -> Resumption:
    """Permitted, not permitted, or neither: a fall of 15.5 neither withholds nor permits resuming."""
    if latest is None:
        return Resumption.NO_RESULT
    evaluation = evaluate(protocol, latest, baseline, lower_limit_of_normal=lower_limit_of_normal)
    if evaluation.advice >= Advice.WITHHOLD:
        return Resumption.NOT_MET
    permitted = _any_holds(clocks.resume_when, latest, baseline, lower_limit_of_normal)
    is_sure = all(permitted) and not evaluation.uncertain and evaluation.refusal is None
    return Resumption.MET if is_sure else Resumption.REVIEW


def _any_holds(
    conditions: tuple[Condition, ...], assessment: Assessment, baseline: Assessment | None, normal: Decimal
) -> tuple[bool, bool]:
    """Whether any condition holds at the worst and at the best end of the LVEF."""
    worst, best = (figures_of(assessment, baseline, normal, end) for end in ("worst", "best"))
    return any(c.holds(worst) for c in conditions), any(c.holds(best) for c in conditions)


def _stops(clock: StopClock, facts: _Facts) -> Iterable[Stop]:
    for sentence in _reasons(clock, facts):
        yield Stop(sentence, clock.words, clock.citation)


def _reasons(clock: StopClock, facts: _Facts) -> Iterable[str]:
    cause, latest = facts.because_of, facts.latest
    days = days_between(cause.performed_on if cause else facts.began_on, facts.today)
    if clock.persistent_days and clock.persistent_days.hold(days) and not facts.recovered:
        clock_words = clock.persistent_days.in_words(" days")
        since = "after the LVEF that led to the hold" if cause else "of the hold"
        yield f"not recovered on day {days} {since} ({clock_words})"
    if clock.holds and clock.holds.hold(facts.holds):
        yield f"hold number {facts.holds} ({clock.holds.in_words()} holds)"
    if latest is None:
        return
    if cause is None:
        if clock.unrecovered_at_repeat and facts.surely_unrecovered:
            yield f"repeat {latest.lvef}: not recovered"
        return
    shown = f"{cause.lvef} → repeat {latest.lvef}"
    if clock.confirmed and all(facts.surely(clock.confirmed, one) for one in (cause, latest)):
        yield f"{shown}: confirmed"
    if clock.unrecovered_at_repeat and facts.surely_unrecovered:
        yield f"{shown}: not recovered"
    if clock.not_improved_at_repeat and not facts.recovered and latest.lvef.best <= cause.lvef.worst:
        yield f"{shown}: no improvement"


def _advice(resumption: Resumption, stops: tuple[Stop, ...]) -> Advice:
    if stops:
        return Advice.DISCONTINUE
    if resumption is Resumption.MET:
        return Advice.CONTINUE
    return Advice.REVIEW if resumption is Resumption.REVIEW else Advice.WITHHOLD
