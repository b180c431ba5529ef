"""The heart's objections to treating, for scheduling's clearance. Computed when read, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from her2tracker.lib.dates import in_words
from monitoring.catalog.policies import baseline_policy
from monitoring.core.baselines import too_old
from monitoring.core.evaluation import NoBaseline, judge_start
from monitoring.core.lifecycle import MISSING_BASELINE
from monitoring.core.protocol import Advice
from monitoring.models import CardiacFlag
from monitoring.models.standing import Standing, standings
from monitoring.words import FlagState
from scheduling.models import TreatmentPlan
from scheduling.models.standing import regimen_of
from scheduling.objection import Objection
from scheduling.words import Gate

_Objection = partial(Objection, gate=Gate.HEART)
STOPS = (Advice.WITHHOLD, Advice.DISCONTINUE)


def cardiac(plans: Sequence[TreatmentPlan], *, on: date) -> dict[int, list[Objection]]:
    """Undecided findings, a missing or unfit baseline, and an overdue assessment."""
    return {
        standing.plan.pk: [
            one
            for found in (
                _finding_objections(standing.findings),
                _unflagged(standing),
                _missing_baseline(standing),
                _baseline_objections(standing, on),
                _overdue(standing, on),
            )
            for one in found
        ]
        for standing in standings(plans)
    }


def _finding_objections(flags: Iterable[CardiacFlag]) -> Iterable[Objection]:
    for flag in (flag for flag in flags if flag.state == FlagState.OPEN and flag.fact != MISSING_BASELINE):
        stops = flag.advice in STOPS
        yield _Objection(
            key=f"flag:{flag.fact}",
            sentence=flag.sentence,
            short=Advice(flag.advice).label,
            owner="Oncologist decides",
            blocks=stops,
        )


def _missing_baseline(standing: Standing) -> Iterable[Objection]:
    """On treatment: falls cannot be judged. It stands until somebody decides or a baseline is on record."""
    is_seen = any(flag.fact == MISSING_BASELINE and flag.state != FlagState.OPEN for flag in standing.findings)
    if standing.lacks_baseline and not is_seen and any(one.needs_baseline for one in standing.protocols):
        sentence = "No baseline LVEF: a fall cannot be judged. Choose a baseline for this plan, or decide without one."
        yield _Objection(f"flag:{MISSING_BASELINE}", sentence, "Oncologist decides", short="No baseline LVEF")


def _unflagged(standing: Standing) -> Iterable[Objection]:
    """A result whose flag was never written (a lost write) still stops treatment: facts are computed on read."""
    latest = standing.latest
    if latest is None or any(flag.assessment_id == latest.pk for flag in standing.findings):
        return
    if not standing.may_flag(latest):  # never no in vain: what stops treatment needs a decision
        return
    judgement = standing.judge(latest)
    if judgement and judgement.advice in STOPS:
        yield _Objection(
            key=f"finding:{latest.uuid}",
            sentence=judgement.sentence,
            short=judgement.advice.label,
            owner="Oncologist decides",
            blocks=True,
        )


def _baseline_objections(standing: Standing, on: date) -> Iterable[Objection]:
    """Before the first dose: no baseline, one too low to start on, or one too old that nobody pinned.

    By mouth, only where a protocol asks.
    """
    by_mouth = regimen_of(standing.plan.regimen).is_by_mouth_only
    if standing.first_given_on is not None or (by_mouth and not any(one.surveillance for one in standing.protocols)):
        return
    baseline = standing.baseline
    found = judge_start(standing.protocols, baseline.to_core() if baseline else None)
    if isinstance(found, NoBaseline):
        yield _Objection("baseline-missing", found.sentence, "Oncologist", blocks=True, short="No baseline LVEF")
        return
    for objection in found:
        yield _Objection(
            f"start:{objection.protocol_id}:{objection.rule_id}",
            objection.sentence,
            "Oncologist decides",
            blocks=True,
            short=f"Baseline LVEF {baseline.lvef}" if baseline else "",
        )
    yield from _too_old(standing, on)


def _too_old(standing: Standing, on: date) -> Iterable[Objection]:
    """A clinician who pinned it has said why it serves."""
    baseline = standing.baseline
    if baseline is None or standing.chosen_baseline is not None or not standing.protocols:
        return
    if found := too_old(baseline_policy(), baseline.performed_on, on):
        yield _Objection(
            f"baseline-old:{baseline.uuid}",
            f"{found.sentence}. Repeat the LVEF, or choose it as the baseline with a reason.",
            "Oncologist decides",
            blocks=True,
            short=f"Baseline {found.days} days old",
        )


def _overdue(standing: Standing, on: date) -> Iterable[Objection]:
    window = standing.window(on)
    if not window.is_overdue or window.due_on is None:
        return
    days = (on - window.due_on).days
    booking = next((one for one in standing.bookings if one.booked_for >= on), None)
    booked = f"; booked for {in_words(booking.booked_for)} at {booking.lab}" if booking else "; no appointment"
    yield _Objection(
        f"overdue:{window.due_on}",
        f"LVEF overdue: was due {in_words(window.due_on)}, {days} days ago{booked}",
        "Coordinator",
        short=f"Echo overdue, due {in_words(window.due_on)}",
    )
