"""Which flags should exist, and what may be done with one: open, decided, resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from monitoring.core.evaluation import Evaluation, Finding, Judgement
from monitoring.core.holds import HoldState
from monitoring.core.protocol import Advice
from monitoring.core.surveillance import Occasion, Window


class FlagKind(StrEnum):
    FINDING = "finding"
    OVERDUE = "overdue"
    BASELINE = "baseline"

    @property
    def needs_result(self) -> bool:
        """Whether only a result (or a chosen baseline) ends the fact; a booking or a decision does not."""
        return self is not FlagKind.FINDING


MISSING_BASELINE = "baseline:missing"  # the fact of a treated plan with results and none to count falls from


def waits_for_decision(kind: FlagKind | str, fact: str) -> bool:
    """Whether a clinician's decision is what this flag waits for; the others wait for a result."""
    return FlagKind(kind) is FlagKind.FINDING or fact == MISSING_BASELINE


class FlagState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"
    RESOLVED = "resolved"


class Decision(StrEnum):
    HOLD = "hold"
    CONTINUE = "continue-with-cardiology"
    REPEAT = "repeat"
    NOT_VALID = "not-valid"


class Ending(StrEnum):
    """Why a flag is to be resolved."""

    RESULT = "result"  # a later valid result is on record
    FACT_GONE = "fact-gone"  # the figures were corrected: the fact no longer holds
    DECISION = "decision"  # nothing but what a clinician decided


@dataclass(frozen=True, slots=True)
class FlagFact:
    """A fact somebody must decide about. `key` names it, so that a sweep run ten times flags it once.

    `evidence` is a snapshot of (what, figure) pairs as they stood.
    """

    kind: FlagKind
    key: str
    advice: Advice
    due_on: date | None
    sentence: str
    evidence: tuple[tuple[str, str], ...]


def facts_for(
    *,
    judgement: Judgement | None,
    assessment_id: str,
    window: Window,
    holds: tuple[HoldState, ...] = (),
) -> tuple[FlagFact, ...]:
    """The flags a plan should have now, for its latest valid assessment, its window and its hold's clocks.

    Pure and repeatable: the same facts give the same keys, whichever day the sweep ran and however
    often. `judgement` is None while there is no assessment to judge.
    """
    facts = [*_of_judgement(judgement, assessment_id)] if judgement else []
    facts += [_of_stop(hold, assessment_id) for hold in holds if hold.stops]
    if window.is_overdue:
        facts.append(_of_window(window))
    return tuple(facts)


def refuse_decide(
    kind: FlagKind | str,
    state: FlagState | str,
    decision: Decision | str,
    *,
    reason: str,
    sentence: str = "",
    repeat_by: date | None,
    today: date,
) -> Refusal | None:
    """Why this decision may not be signed, or None. `reason` is the coded reason, `sentence` the free words."""
    kind, decision = FlagKind(kind), Decision(decision)
    if FlagState(state) is FlagState.RESOLVED:
        return Refusal("flag-resolved", "This flag is already resolved. Open the patient's latest flag instead.")
    if not reason.strip():
        return Refusal("reason-missing", "Give the reason for the decision.")
    if decision is Decision.NOT_VALID and kind.needs_result:
        return Refusal("no-result-to-invalidate", "This flag is about no one result: none can be declared not valid.")
    if decision is Decision.NOT_VALID and not sentence.strip():
        return Refusal("why-missing", "Say in a sentence why this LVEF is not valid.")
    return _refuse_repeat_date(decision, repeat_by, today)


def refuse_resolve(kind: FlagKind | str, state: FlagState | str, ending: Ending) -> Refusal | None:
    """Why a flag may not be resolved for this reason, or None."""
    kind, state = FlagKind(kind), FlagState(state)
    if state is FlagState.RESOLVED:
        return Refusal("flag-resolved", "This flag is already resolved.")
    if ending is Ending.FACT_GONE:
        return None
    if kind.needs_result:
        if ending is Ending.RESULT:
            return None
        return Refusal("result-missing", "Only an LVEF result closes this flag; a decision or a booking does not.")
    if state is FlagState.OPEN:
        return Refusal("decision-missing", "A clinician must decide about this finding before it is closed.")
    return None


def _refuse_repeat_date(decision: Decision, repeat_by: date | None, today: date) -> Refusal | None:
    if decision in (Decision.HOLD, Decision.REPEAT) and repeat_by is None:
        return Refusal("repeat-date-missing", "Give the date by which the LVEF is repeated.")
    if repeat_by is not None and repeat_by < today:
        return Refusal("repeat-date-past", f"{in_words(repeat_by)} has passed. Choose today or a later date.")
    return None


def _of_judgement(judgement: Judgement, assessment_id: str) -> Iterable[FlagFact]:
    """A finding when any rule met needs a decision, and apart from it a missing baseline."""
    leading, evidence = judgement.leading, _evidence(judgement)
    if any(finding.advice.needs_decision for one in judgement.evaluations for finding in one.findings):
        key = f"finding:{assessment_id}:{leading.protocol_id}:{leading.leading_rule}"
        yield FlagFact(FlagKind.FINDING, key, judgement.advice, None, judgement.sentence, evidence)
    refusal = next((one.refusal for one in judgement.evaluations if one.refusal), None)
    if refusal:
        yield FlagFact(FlagKind.BASELINE, MISSING_BASELINE, Advice.REVIEW, None, refusal.sentence, evidence)


def _evidence(judgement: Judgement) -> tuple[tuple[str, str], ...]:
    return tuple(pair for evaluation in judgement.evaluations for pair in _evidence_of(evaluation))


def _evidence_of(evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    name = f"{evaluation.protocol_id} v{evaluation.version}"
    rows = [(name, f"{evaluation.advice.label}; lower limit of normal {plain(evaluation.lower_limit_of_normal)} %")]
    rows += [(f"{name} {finding.rule_id}", _shown(finding)) for finding in evaluation.findings]
    rows += [(f"{name} caution", note) for note in evaluation.notes]
    return tuple(rows)


def _shown(finding: Finding) -> str:
    """`62 % → 47 %: … → withhold at least 4 weeks [herceptin-uspi#dose-modifications, verified]`."""
    return f"{finding.arithmetic}; {finding.words} [{finding.citation.key}, {finding.citation.confidence}]"


def _of_stop(hold: HoldState, assessment_id: str) -> FlagFact:
    """A hold that has become a stop. Keyed by what said so, not by the day count, which grows every night."""
    stops = tuple((stop.citation.key, f"{stop.arithmetic}; {stop.words}") for stop in hold.stops)
    return FlagFact(
        FlagKind.FINDING,
        f"stop:{assessment_id}:{hold.protocol_id}",
        Advice.DISCONTINUE,
        None,
        f"{Advice.DISCONTINUE.label}: {hold.stops[0].arithmetic} ({hold.stops[0].words})",
        stops,
    )


def _of_window(window: Window) -> FlagFact:
    assert window.due_on is not None  # noqa: S101 - an overdue window has its dates
    kind = FlagKind.BASELINE if window.occasion is Occasion.BASELINE else FlagKind.OVERDUE
    due = in_words(window.due_on)
    held = " while on hold, critical" if window.occasion is Occasion.WHILE_HELD else ""
    evidence = [("due", window.due_on.isoformat()), ("because", window.because)]
    if window.citation:
        evidence.append(("source", f"{window.citation.key}, {window.citation.confidence}"))
    return FlagFact(
        kind,
        f"{kind}:{window.due_on.isoformat()}",
        Advice.REPEAT,
        window.due_on,
        f"LVEF overdue{held}: due {due}. {window.because}",
        tuple(evidence),
    )
