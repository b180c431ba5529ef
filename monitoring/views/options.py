"""What each decision about a flag would do, told before it is signed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from her2tracker.lib.dates import in_words
from monitoring.core.consequences import HoldTerms, hold_terms
from monitoring.core.evaluation import Judgement
from monitoring.core.lifecycle import MISSING_BASELINE
from monitoring.forms.decisions import DecisionForm, SnoozeForm
from monitoring.models import CardiacFlag
from monitoring.models.standing import CARDIAC_HOLDS, Standing
from monitoring.views.waiting import Waiting, waiting
from monitoring.words import Decision, FlagKind


@dataclass(frozen=True, slots=True)
class Option:
    """One decision: what it would do, and the form that signs it."""

    decision: Decision
    label: str
    act: str
    consequences: tuple[str, ...]
    form: DecisionForm
    is_open: bool = False


def options_of(
    flag: CardiacFlag,
    standing: Standing,
    judgement: Judgement | None,
    today: date,
    refused: DecisionForm | SnoozeForm | None,
    opened: Decision | None,
) -> tuple[Option, ...]:
    terms = hold_terms(standing.protocols, judgement, today)
    infusions = waiting(standing.plan, resume_on=terms.earliest_resume, today=today)
    kept = _kept(flag)
    said = {
        Decision.HOLD: ("Hold …", "Hold plan", (*_of_hold(standing, terms, infusions, today), kept)),
        Decision.CONTINUE: (
            "Continue with cardiology …",
            "Continue",
            (*_of_continue(flag, standing, infusions, today), kept),
        ),
        Decision.REPEAT: (
            "Repeat echo …",
            "Ask for the repeat",
            (_of_repeat(standing, terms), _stays(standing, infusions), kept),
        ),
    }
    if flag.kind == FlagKind.FINDING:
        said[Decision.NOT_VALID] = ("Not valid …", "Declare not valid", _of_not_valid(flag, standing, today))
    return tuple(
        _option(flag, decision, label, act, tuple(filter(None, words)), terms.repeat_by, refused, opened)
        for decision, (label, act, words) in said.items()
    )


def _kept(flag: CardiacFlag) -> str:
    """What the decision does not settle."""
    if flag.fact == MISSING_BASELINE:
        return "Falls still cannot be judged: choosing or recording a baseline closes this flag for good."
    return "" if flag.waits_for_decision else "The flag stays: only a result closes it."


def _option(
    flag: CardiacFlag,
    decision: Decision,
    label: str,
    act: str,
    consequences: tuple[str, ...],
    repeat_by: date | None,
    refused: DecisionForm | SnoozeForm | None,
    opened: Decision | None,
) -> Option:
    if isinstance(refused, DecisionForm) and refused.data.get("decision") == decision.value:
        return Option(decision, label, act, consequences, refused, is_open=True)
    form = DecisionForm(flag, decision, seen=len(flag.decisions.all()), repeat_by=repeat_by)
    return Option(decision, label, act, consequences, form, decision is opened)


def _of_hold(standing: Standing, terms: HoldTerms, infusions: Waiting, today: date) -> tuple[str, ...]:
    if standing.open_hold:
        begun = (
            f"The plan is on hold already, since {in_words(standing.open_hold.begun_on)}; this records your decision."
        )
    else:
        begun = f"On hold from today, {in_words(today)}."
    repeat = (
        f"Repeat LVEF due {in_words(terms.repeat_by)}." if terms.repeat_by else "No source names a day for the repeat."
    )
    shortest = f"Held at least until {in_words(terms.not_before)}." if terms.not_before else ""
    resume = "; ".join(terms.resume_words)
    criteria = f"May resume at: {resume}." if resume else ""
    return (begun, f"{repeat} {shortest}".strip(), infusions.cycles, *infusions.reloads, criteria)


def _of_continue(flag: CardiacFlag, standing: Standing, infusions: Waiting, today: date) -> tuple[str, ...]:
    """With what is loaded again, since continuing ends a hold for the heart, and when the LVEF is looked at next."""
    hold = standing.open_hold
    if hold is None or hold.reason not in CARDIAC_HOLDS or flag.kind != FlagKind.FINDING:
        return (_stays(standing, infusions),)
    ends = f"Ends the hold of {in_words(hold.begun_on)}: this finding no longer stands against the next infusion."
    freed = replace(standing, holds=tuple(one for one in standing.holds if one.ended_on)).window(today)
    due = f"The next LVEF is then due {in_words(freed.due_on)}: {freed.because}." if freed.due_on else ""
    return (ends, _goes_on(infusions), *infusions.reloads, due)


def _stays(standing: Standing, infusions: Waiting) -> str:
    """A hold is ended by resuming, or by continuing; nothing else lifts it."""
    hold = standing.open_hold
    return f"The plan stays on hold since {in_words(hold.begun_on)}." if hold else _goes_on(infusions)


def _goes_on(infusions: Waiting) -> str:
    if infusions.next_on is None:
        return "No infusion is planned any more."
    return f"Treatment goes on: cycle {infusions.next_cycle} stays on {in_words(infusions.next_on)}."


def _of_repeat(standing: Standing, terms: HoldTerms) -> str:
    by = f"{in_words(terms.repeat_by)}, unless you choose another day" if terms.repeat_by else "the day you choose"
    return f"The repeat is due by {by}, {_where(standing)}. Without a result it is overdue the day after."


def _where(standing: Standing) -> str:
    """Where and how the baseline was measured: only like is compared with like."""
    baseline = standing.baseline
    if baseline is None:
        return "at the same laboratory where possible"
    at = f" at {baseline.lab}" if baseline.lab else ""
    return f"by {baseline.get_modality_display()}{at} as the baseline was"


def _of_not_valid(flag: CardiacFlag, standing: Standing, today: date) -> tuple[str, ...]:
    """The plan as it would stand without this result."""
    rest = tuple(one for one in standing.assessments if one.pk != flag.assessment_id)
    window = replace(standing, assessments=rest).window(today)
    due = f"The next LVEF is then {window.state.label}" + (f", {in_words(window.due_on)}." if window.due_on else ".")
    return ("The result stays on record and no longer counts; flags are computed again without it.", due)
