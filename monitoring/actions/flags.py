"""Flags follow the facts. Reconciling ten times, or after three lost days, leaves the same flags once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from her2tracker.accounts.models import Site
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import refuse
from monitoring.actions.raising import Fresh, raise_all
from monitoring.core.holds import HoldState
from monitoring.core.lifecycle import MISSING_BASELINE, Ending, FlagFact, facts_for, refuse_resolve
from monitoring.core.surveillance import Window
from monitoring.models import CardiacFlag, LvefAssessment
from monitoring.models.clocks import holds_of
from monitoring.models.hearts import hearts, plans_of
from monitoring.models.next_checks import NEVER, leave
from monitoring.models.standing import Standing
from monitoring.words import FlagKind, FlagState
from scheduling.models import Patient, TreatmentPlan, about, at_once
from scheduling.models.prepared import MANY, Prepared
from scheduling.words import CeaseReason, PlanState

Found = tuple[FlagFact, LvefAssessment | None]


def reconcile_patient(patient: Patient, *, now: datetime) -> int:
    """Bring the patient's flags to what the facts say now; returns how many changed."""
    pks = list(_watched().filter(patient=patient).values_list("pk", flat=True))
    return reconcile(plans_of(pks), now=now).total()


def reconcile(plans: Sequence[TreatmentPlan], *, now: datetime, asked: Mapping[int, int] | None = None) -> Counter[int]:
    """Create, reopen and resolve flags of these plans, all or nothing; how many, by plan. Each is an act of its own.

    `asked`, from a check, holds how often each plan's facts had changed when it was picked: each is left alone until
    the day on which the rules may say something else.
    """
    with transaction.atomic():
        found, days = hearts(plans), _days(plans, now)
        changed = _bring_up(found, days, now)
        if asked is not None:
            _leave(found, asked, days)
    return changed


def _days(plans: Iterable[TreatmentPlan], now: datetime) -> dict[int, date]:
    """Each site's own calendar day."""
    return {pk: site.today(now) for pk, site in {plan.patient.site_id: plan.patient.site for plan in plans}.items()}


def _bring_up(found: Sequence[Standing], days: Mapping[int, date], now: datetime) -> Counter[int]:
    changed, fresh = Counter[int](), list[Fresh]()
    existing = _existing([one.plan.pk for one in found])
    held = _held(found, days)
    for standing in found:
        today, holds = days[standing.plan.patient.site_id], held.get(standing.plan.pk, ())
        facts = {fact.key: (fact, row) for fact, row in found_facts(standing, holds, today)}
        known = existing.get(standing.plan.pk, [])
        fresh += _not_yet_flagged(standing, facts, known)
        if followed := _follow(standing, facts, known, today, now):
            changed[standing.plan.pk] += followed
    return changed + raise_all(fresh, now)


def _existing(plans: Sequence[int]) -> dict[int, list[CardiacFlag]]:
    """Every flag that was ever raised, by plan."""
    [rows] = at_once.read(_FLAGS.of(plans))
    return about.grouped(rows, "plan_id")


_FLAGS = Prepared(
    lambda plans: CardiacFlag.objects.filter(plan__among=plans).select_related("assessment", "patient"), MANY
)


def _leave(found: Sequence[Standing], asked: Mapping[int, int], days: Mapping[int, date]) -> None:
    by_site: dict[int, list[tuple[int, int, date]]] = {}
    for one in found:
        site = one.plan.patient.site_id
        day = one.next_change(days[site]) or NEVER
        by_site.setdefault(site, []).append((one.plan.pk, asked[one.plan.pk], day))
    for site, looked in by_site.items():
        leave(looked, site)


def _held(found: Sequence[Standing], days: Mapping[int, date]) -> dict[int, tuple[HoldState, ...]]:
    """The open holds' clocks by plan, each on its own site's calendar day."""
    by_day: dict[date, list[Standing]] = {}
    for standing in found:
        by_day.setdefault(days[standing.plan.patient.site_id], []).append(standing)
    return {pk: held.states for today, some in by_day.items() for pk, held in holds_of(some, today).items()}


def _watched() -> QuerySet[TreatmentPlan]:
    """Plans whose heart is watched: active, or finished and still in follow-up."""
    return TreatmentPlan.objects.exclude(end_reason=CeaseReason.ENTERED_IN_ERROR)


def watched_in_batches(site: Site, size: int = 500) -> Iterator[list[TreatmentPlan]]:
    """Every watched plan of a site with its people, `size` at a time: memory does not grow with the clinic."""
    whole = _watched().filter(patient__site=site).select_related("patient__site", "regimen").order_by("pk")
    rows, last = whole.defer("regimen__definition"), 0  # converted once per process, and long
    while batch := list(rows.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk


def watched(pks: Iterable[int]) -> list[TreatmentPlan]:
    """Those of these plans whose heart is watched."""
    found = plans_of(list(pks))
    return [plan for plan in found if plan.end_reason != CeaseReason.ENTERED_IN_ERROR]


def found_facts(standing: Standing, holds: tuple[HoldState, ...], today: date) -> Iterator[Found]:
    """Every fact that should have a flag: each result since the baseline, hold's clocks, the window."""
    window, latest = standing.window(today), standing.latest
    yield from _findings(standing, window)
    if standing.lacks_baseline:
        yield from _missing_baseline(standing, window)
    # a hold's clocks are judged with its latest result, be it the baseline or none at all
    known = str(latest.uuid) if latest else "none"
    for fact in facts_for(judgement=None, assessment_id=known, window=window, holds=holds):
        yield fact, latest if fact.kind is FlagKind.FINDING else None


def _findings(standing: Standing, window: Window) -> Iterator[Found]:
    for assessment in _judged(standing):
        if not standing.may_flag(assessment):
            continue
        found = facts_for(judgement=standing.judge(assessment), assessment_id=str(assessment.uuid), window=window)
        for fact in found:
            if fact.kind is FlagKind.FINDING:
                yield fact, assessment


def _missing_baseline(standing: Standing, window: Window) -> Iterator[Found]:
    """One fact of the plan, however many results could not be compared; the latest says by which rules."""
    latest = standing.since_baseline[-1]
    for fact in facts_for(judgement=standing.judge(latest), assessment_id=str(latest.uuid), window=window):
        if fact.key == MISSING_BASELINE:
            yield fact, None


def _judged(standing: Standing) -> tuple[LvefAssessment, ...]:
    """The results that treatment is judged by: those after the baseline, and of a plan handed on those until then."""
    found, ended_on = standing.since_baseline, standing.plan.ended_on
    if standing.is_handed_on:
        return tuple(a for a in found if ended_on and a.performed_on <= ended_on)
    return found


def _not_yet_flagged(standing: Standing, facts: dict[str, Found], known: list[CardiacFlag]) -> Iterator[Fresh]:
    keys = {flag.fact for flag in known}
    return (Fresh(uuid.uuid4(), standing, *found) for key, found in facts.items() if key not in keys)


def _follow(standing: Standing, facts: dict[str, Found], known: list[CardiacFlag], today: date, now: datetime) -> int:
    """Reopen and resolve what is flagged already; returns how many."""
    reopened = [flag for flag in known if flag.fact in facts and _ended_too_early(flag)]
    ended = [(flag, why) for flag in known if (why := _ending(flag, facts, standing, today)) is not None]
    for flag in reopened:
        _reopen(flag)
    for flag, (ending, because) in ended:
        _resolve(flag, ending, because, now)
    return len(reopened) + len(ended)


def _ended_too_early(flag: CardiacFlag) -> bool:
    """The fact holds again: the result that ended it was declared not valid."""
    return flag.state == FlagState.RESOLVED and FlagKind(flag.kind).needs_result


def _ending(flag: CardiacFlag, facts: dict[str, Found], standing: Standing, today: date) -> tuple[Ending, str] | None:
    """Why this flag's fact has ended, if it has."""
    if flag.state == FlagState.RESOLVED:
        return None
    if FlagKind(flag.kind).needs_result:
        if flag.fact in facts or _is_still_asked(flag, standing, today):
            return None
        if flag.fact == MISSING_BASELINE:
            return Ending.FACT_GONE, _baseline_in_words(standing)
        return Ending.RESULT, _result_in_words(standing)
    if flag.assessment is None:
        return None if flag.fact in facts else (Ending.FACT_GONE, "The hold has ended.")
    if flag.assessment.invalidated_at is not None:
        return Ending.FACT_GONE, "The result was declared not valid."
    later = [a for a in standing.assessments if a.performed_on > flag.assessment.performed_on]
    if flag.state == FlagState.DECIDED and later:
        return Ending.RESULT, f"A later result is on record: LVEF {later[-1].lvef} on {later[-1].performed_on}."
    return None


def _is_still_asked(flag: CardiacFlag, standing: Standing, today: date) -> bool:
    """Whether the same LVEF is due as when the flag was raised. A clock that went back has answered nothing."""
    window = standing.window(today)
    return flag.kind == FlagKind.OVERDUE and flag.due_on in {one.due_on for one in (window, *window.others)}


def _baseline_in_words(standing: Standing) -> str:
    baseline = standing.baseline
    if baseline is not None:
        return f"LVEF {baseline.lvef} on {in_words(baseline.performed_on)} is the baseline."
    return "Treatment ended." if standing.plan.state != PlanState.ACTIVE else "No result waits for a baseline."


def _result_in_words(standing: Standing) -> str:
    latest = standing.latest
    if standing.plan.state != PlanState.ACTIVE and latest is None:
        return "Treatment ended."
    return f"LVEF {latest.lvef} on {latest.performed_on} is on record." if latest else "No longer due."


def _reopen(flag: CardiacFlag) -> None:
    with act("flag.reopened", by=None, patient=flag.patient, subject=flag, reason="The fact holds again."):
        CardiacFlag.objects.filter(pk=flag.pk, state=FlagState.RESOLVED).update(
            state=FlagState.OPEN, resolved_at=None, resolved_because=""
        )


def _resolve(flag: CardiacFlag, ending: Ending, because: str, now: datetime) -> None:
    refuse(refuse_resolve(flag.kind, flag.state, ending))
    with act("flag.resolved", by=None, patient=flag.patient, subject=flag, reason=because):
        CardiacFlag.objects.filter(pk=flag.pk).exclude(state=FlagState.RESOLVED).update(
            state=FlagState.RESOLVED, resolved_at=now, resolved_because=because
        )
