"""Setting a shorter surveillance interval for a plan, and ending it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from her2tracker.lib.sources import Citation, Confidence
from monitoring.actions import flags
from monitoring.core.intervals import Interval, refuse_interval, shaped_like, strictest
from monitoring.core.risk import IntervalChoice
from monitoring.models import SurveillanceInterval
from monitoring.models.standing import Standing, standing_of
from scheduling.actions.locks import lock
from scheduling.models import TreatmentPlan
from scheduling.words import PlanState

# A clinician's own interval has no document: who set it, and why, stands beside it.
OWN = Citation("site-policy", "interval-by-a-clinician", Confidence.UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Offer:
    """An interval that the patient's risk level proposes; `refusal` says why it may not be set here."""

    choice: IntervalChoice
    interval: Interval
    refusal: Refusal | None


def offers(standing: Standing) -> tuple[Offer, ...]:
    """What the latest risk assessment proposes for this plan; none without one."""
    if standing.risk is None:
        return ()
    first_on = standing.first_given_on or standing.plan.start_on
    found = []
    for choice in standing.risk.score().intervals:
        interval = choice.from_first(first_on)
        found.append(Offer(choice, interval, refuse_interval(interval, standing.protocols)))
    return tuple(found)


def choose(
    *,
    by: User,
    plan: TreatmentPlan,
    reason: str,
    choice: str = "",
    weeks: int | None = None,
    until: date | None = None,
    results: int | None = None,
    seen: UUID | None = None,
) -> SurveillanceInterval:
    """Set an interval: `choice` names one that the risk level proposes, or `weeks` says a clinician's own.

    It lasts until a day, for so many results, or until it is ended. `seen` is the interval that was in
    force when the person looked, if any; another one since then is not overwritten.
    """
    require(by, Permission.ADJUST_PLANS)
    with act("interval.set", by=by, patient=plan.patient, reason=reason) as entry:
        plan = lock(plan, expected_revision=None)
        standing, today = standing_of(plan), plan.patient.site.today()
        _refuse_state(standing, seen)
        _refuse_terms(reason, until, results, today)
        interval = _proposed(standing, choice) if choice else _own(standing, weeks)
        refuse(refuse_interval(interval, standing.protocols))
        if standing.interval:
            _end(standing.interval, by, "Replaced by another interval.")
        entry.subject = row = _row(plan, interval, until, results, reason, by, today)
        entry.details = {"name": row.name, "days": row.every_days, "until": str(row.until or "")}
        flags.reconcile_patient(plan.patient, now=timezone.now())
    return row


def end(*, by: User, interval: SurveillanceInterval, reason: str) -> SurveillanceInterval:
    """From now on the sources alone say when the next LVEF is due."""
    require(by, Permission.ADJUST_PLANS)
    if not reason.strip():
        raise Refused(Refusal("no-reason", "Say why the interval ends."), {"reason": ["Required."]})
    patient = interval.plan.patient
    with act("interval.ended", by=by, patient=patient, subject=interval, reason=reason) as entry:
        row = SurveillanceInterval.objects.select_for_update().get(pk=interval.pk)
        if row.ended_at:
            raise Refused(Refusal("already-ended", "This interval has ended already."))
        _end(row, by, reason)
        entry.details = {"name": row.name}
        flags.reconcile_patient(patient, now=timezone.now())
    return row


def _end(row: SurveillanceInterval, by: User, because: str) -> None:
    row.ended_at, row.ended_by, row.ended_because = timezone.now(), by, because.strip()
    row.save(update_fields=["ended_at", "ended_by", "ended_because"])


def _row(
    plan: TreatmentPlan,
    interval: Interval,
    until: date | None,
    results: int | None,
    reason: str,
    by: User,
    today: date,
) -> SurveillanceInterval:
    rule = interval.rule
    return SurveillanceInterval.objects.create(
        plan=plan,
        name=interval.name,
        every_days=rule.every_days,
        opens_after_days=rule.opens_after_days,
        overdue_after_days=rule.overdue_after_days,
        source=rule.citation.key,
        confidence=rule.citation.confidence,
        begun_on=today,
        until=until or interval.until,
        results=results,
        reason=reason.strip(),
        recorded_by=by,
    )


def _refuse_state(standing: Standing, seen: UUID | None) -> None:
    if standing.plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("plan-ended", "The plan has ended; its follow-up is what the sources ask for."))
    current = standing.interval.uuid if standing.interval else None
    if current != seen:
        now = f"{standing.interval.name}, set by {standing.interval.recorded_by}" if standing.interval else "none"
        raise Refused(
            Refusal(
                "changed-meanwhile", f"The interval in force is not the one you saw. It is now: {now}. Decide again."
            )
        )


def _refuse_terms(reason: str, until: date | None, results: int | None, today: date) -> None:
    if not reason.strip():
        raise Refused(Refusal("no-reason", "Say why this patient is watched more closely."), {"reason": ["Required."]})
    if until is not None and until <= today:
        raise Refused(Refusal("in-the-past", "It must last beyond today."), {"until": ["Choose a later day."]})
    if results is not None and results < 1:
        raise Refused(Refusal("no-results", "It must last for one result at least."), {"results": ["One or more."]})


def _proposed(standing: Standing, choice: str) -> Interval:
    offered = {one.choice.id: one for one in offers(standing)}
    if choice not in offered:
        sentence = "This interval is not proposed at the patient's risk level. Assess the risk first."
        raise Refused(Refusal("not-proposed", sentence), {"choice": [sentence]})
    found = offered[choice]
    if found.interval.until is not None and found.interval.until <= standing.plan.patient.site.today():
        sentence = f"{found.interval.name}: the months it is for have passed."
        raise Refused(Refusal("months-passed", sentence), {"choice": [sentence]})
    return found.interval


def _own(standing: Standing, weeks: int | None) -> Interval:
    """The same shape as the strictest source's own interval: when it opens, and its grace."""
    like = strictest(standing.protocols)
    if weeks is None or weeks < 1:
        raise Refused(Refusal("no-weeks", "Choose an interval, or say how many weeks."), {"weeks": ["One or more."]})
    if like is None:
        raise Refused(Refusal("no-surveillance", "No cardiac protocol of this plan asks for surveillance."))
    return Interval(
        f"every {weeks} weeks" if weeks > 1 else "every week", shaped_like(like, every_days=weeks * 7, citation=OWN)
    )
