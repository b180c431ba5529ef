"""Flags follow the facts. Reconciling ten times, or after three lost days, leaves the same flags once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from her2tracker.accounts.models import Site
from her2tracker.audit.acts import act, acts
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import refuse
from monitoring.actions import reminders
from monitoring.core.holds import HoldState
from monitoring.core.lifecycle import MISSING_BASELINE, Ending, FlagFact, facts_for, refuse_resolve
from monitoring.core.protocol import Advice
from monitoring.core.surveillance import Window
from monitoring.models import CardiacFlag, LvefAssessment
from monitoring.models.clocks import holds_of
from monitoring.models.next_checks import NEVER, leave
from monitoring.models.standing import Standing, standings
from monitoring.words import FlagKind, FlagState
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import PlanState

Found = tuple[FlagFact, LvefAssessment | None]


def reconcile_patient(patient: Patient, *, now: datetime) -> int:
    """Bring the patient's flags to what the facts say now; returns how many changed."""
    return reconcile(list(_watched().filter(patient=patient)), now=now).total()


def reconcile(plans: Sequence[TreatmentPlan], *, now: datetime, asked: Mapping[int, int] | None = None) -> Counter[int]:
    """Create, reopen and resolve flags of these plans, all or nothing; how many, by plan. Each is an act of its own.

    `asked`, from a check, holds how often each plan's facts had changed when it was picked: each is left alone until
    the day on which the rules may say something else.
    """
    with transaction.atomic():
        found = standings(plans)
        changed = _bring_up(found, now)
        if asked is not None:
            _leave(found, asked, now)
    return changed


def _bring_up(found: Sequence[Standing], now: datetime) -> Counter[int]:
    changed, fresh = Counter[int](), list[CardiacFlag]()
    existing: dict[int, list[CardiacFlag]] = {}
    rows = CardiacFlag.objects.filter(plan__in=[one.plan for one in found])
    for flag in rows.select_related("assessment", "patient"):
        existing.setdefault(flag.plan_id, []).append(flag)
    held = _held(found, now)
    for standing in found:
        today, holds = standing.plan.patient.site.today(now), held.get(standing.plan.pk, ())
        facts = {fact.key: (fact, row) for fact, row in found_facts(standing, holds, today)}
        known = existing.get(standing.plan.pk, [])
        fresh += _not_yet_flagged(standing, facts, known, now)
        if followed := _follow(standing, facts, known, today, now):
            changed[standing.plan.pk] += followed
    return changed + _raise(fresh, now)


def _leave(found: Sequence[Standing], asked: Mapping[int, int], now: datetime) -> None:
    by_site: dict[Site, list[tuple[int, int, date]]] = {}
    for one in found:
        site = one.plan.patient.site
        day = one.next_change(site.today(now)) or NEVER
        by_site.setdefault(site, []).append((one.plan.pk, asked[one.plan.pk], day))
    for site, looked in by_site.items():
        leave(looked, site)


def _held(found: Sequence[Standing], now: datetime) -> dict[int, tuple[HoldState, ...]]:
    """The open holds' clocks by plan, each on its own site's calendar day."""
    by_day: dict[date, list[Standing]] = {}
    for standing in found:
        by_day.setdefault(standing.plan.patient.site.today(now), []).append(standing)
    return {pk: held.states for today, some in by_day.items() for pk, held in holds_of(some, today).items()}


def _watched() -> Any:
    """Plans whose heart is watched: active, or finished and still in follow-up."""
    rows = TreatmentPlan.objects.select_related("patient__site", "regimen").exclude(end_reason="entered-in-error")
    return rows.defer("regimen__definition")  # converted once per process, and long


def watched_in_batches(site: Site, size: int = 500) -> Iterator[list[TreatmentPlan]]:
    """Every watched plan of a site, `size` at a time, so that memory does not grow with the clinic."""
    rows, last = _watched().filter(patient__site=site).order_by("pk"), 0
    while batch := list(rows.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk


def watched(pks: Iterable[int]) -> list[TreatmentPlan]:
    """Those of these plans whose heart is watched."""
    return list(_watched().filter(pk__in=list(pks)).order_by("pk"))


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


def _not_yet_flagged(
    standing: Standing, facts: dict[str, Found], known: list[CardiacFlag], now: datetime
) -> Iterator[CardiacFlag]:
    keys = {flag.fact for flag in known}
    return (_flag(standing, *found, now) for key, found in facts.items() if key not in keys)


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


def _flag(standing: Standing, fact: FlagFact, row: LvefAssessment | None, now: datetime) -> CardiacFlag:
    return CardiacFlag(
        uuid=uuid.uuid4(),
        patient=standing.plan.patient,
        plan=standing.plan,
        assessment=row,
        kind=fact.kind,
        fact=fact.key,
        advice=fact.advice,
        sentence=fact.sentence,
        evidence=_evidence(standing, fact, row),
        due_on=fact.due_on,
        raised_at=now,
    )


def _raise(fresh: list[CardiacFlag], now: datetime) -> Counter[int]:
    """Write these flags; returns how many are new, by plan. What another run raised in this very moment is its act."""
    if not fresh:
        return Counter()
    fresh.sort(key=lambda flag: (flag.plan_id, flag.fact))  # two runs then wait for each other, never both
    with acts("flag.raised", by=None) as each:
        CardiacFlag.objects.bulk_create(fresh, ignore_conflicts=True)
        ours = set(CardiacFlag.objects.filter(uuid__in=[flag.uuid for flag in fresh]).values_list("uuid", flat=True))
        raised = [flag for flag in fresh if flag.uuid in ours]
        for flag in raised:
            each.add(
                flag,
                patient=flag.patient,
                reason=flag.sentence,
                kind=flag.kind,
                advice=str(flag.advice),
                fact=flag.fact,
            )
    reminders.queue_urgent([flag for flag in raised if flag.advice in (Advice.WITHHOLD, Advice.DISCONTINUE)], now=now)
    return Counter(flag.plan_id for flag in raised)


def _evidence(standing: Standing, fact: FlagFact, row: LvefAssessment | None) -> dict[str, Any]:
    """The snapshot that explains the flag whatever changes later."""
    baseline = standing.baseline
    return {
        "shown": [list(pair) for pair in fact.evidence],
        "inputs": {
            "baseline": _figures(baseline),
            "result": _figures(row),
            "lower_limit_of_normal": str(standing.normal),
            "jurisdiction": standing.plan.patient.site.jurisdiction,
            "protocols": [f"{p.id} v{p.version}" for p in standing.protocols],
        },
    }


def _figures(row: LvefAssessment | None) -> dict[str, str] | None:
    if row is None:
        return None
    return {
        "uuid": str(row.uuid),
        "lvef": str(row.lvef),
        "on": str(row.performed_on),
        "modality": row.get_modality_display(),
        "lab": row.lab,
        "symptoms": row.get_symptoms_display(),
    }


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
