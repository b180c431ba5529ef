"""SQL narrows, the core decides: the plans whose flags could have changed, and few more.

One query asks the weakest figures of all protocols (`monitoring.core.narrowing`) of every plan at once.
It may pick a plan in vain; it must never miss one. Where a fact is costly to know exactly, it takes the
bound that picks more: the lowest LVEF on record against the highest, whichever was the baseline.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import connection

from her2tracker.accounts.models import Site
from monitoring.core import narrowing
from monitoring.core.protocol import Protocol
from monitoring.core.result import Symptoms
from monitoring.models.policies import CardiacPolicy
from monitoring.models.standing import CARDIAC_HOLDS, protocols_of
from monitoring.words import FlagKind, FlagState
from scheduling.models import Patient, RegimenVersion, TreatmentPlan
from scheduling.words import CeaseReason, DayState, PlanState, Setting

BATCH = 500  # plans
Row = dict[str, Any]


def candidates(
    site: Site, today: date, kinds: Collection[FlagKind] = tuple(FlagKind), size: int = BATCH
) -> Iterator[list[int]]:
    """Primary keys of the plans whose flags of these kinds could change on `today`, `size` at a time, ascending."""
    found: set[int] = set()
    if FlagKind.FINDING in kinds:
        found.update(_of_findings(site))
    if set(kinds) - {FlagKind.FINDING}:
        found.update(_of_windows(site, today))
    pks = sorted(found)
    for start in range(0, len(pks), size):
        yield pks[start : start + size]


def _of_findings(site: Site) -> list[int]:
    policy = _policy(site)
    clauses = [key | _clause(one) for key, ruled in _by_key(site, policy) for one in narrowing.results(ruled).clauses]
    return _keys(_FINDINGS, site, clauses=json.dumps(clauses, default=str), normal=policy.lower_limit_of_normal)


def _of_windows(site: Site, today: date) -> list[int]:
    asked = [key | _window(protocols) for key, protocols in _by_key(site, _policy(site))]
    return _keys(_WINDOWS, site, windows=json.dumps(asked), today=today, zone=site.time_zone)


def _keys(query: str, site: Site, **asked: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, _WORDS | asked | {"site": site.pk})
        return [pk for (pk,) in cursor.fetchall()]


def _policy(site: Site) -> CardiacPolicy:
    return CardiacPolicy.objects.filter(site=site).first() or CardiacPolicy(site=site)


def _by_key(site: Site, policy: CardiacPolicy) -> Iterator[tuple[Row, tuple[Protocol, ...]]]:
    """Regimen and setting are what decides, beside the site, by which protocols a plan is judged."""
    for version in RegimenVersion.objects.order_by("pk"):
        for setting in Setting:
            plan = TreatmentPlan(patient=Patient(site=site), regimen=version, setting=setting)
            yield {"regimen_id": version.pk, "setting": setting.value}, protocols_of(plan, policy)


def _clause(one: narrowing.Clause) -> Row:
    return {
        "lvef_at_most": one.lvef_at_most,
        "fall_at_least": one.fall_at_least,
        "is_below_normal": one.is_below_normal,
        "grade": one.symptoms.grade if one.symptoms else None,
        "needs_gls": one.gls_fall_at_least is not None,
        "biomarker_rise": one.biomarker_rise,
    }


def _window(protocols: tuple[Protocol, ...]) -> Row:
    return asdict(narrowing.windows(protocols))


_WORDS: Row = {
    "active": PlanState.ACTIVE.value,
    "given": DayState.GIVEN.value,
    "error": CeaseReason.ENTERED_IN_ERROR.value,
    "switched": CeaseReason.SWITCHED.value,
    "finding": FlagKind.FINDING.value,
    "resolved": FlagState.RESOLVED.value,
    "cardiac": [reason.value for reason in CARDIAC_HOLDS],
    "grades": json.dumps([{"symptoms": one.value, "grade": one.grade} for one in Symptoms if one.grade]),
}

# Results that meet what a rule asks at least; open holds, whose clocks run; findings not yet resolved.
_FINDINGS = """
WITH hearts AS (
    SELECT a.patient_id, min(a.lvef_low) AS lowest, max(a.lvef_high) AS highest, coalesce(max(g.grade), 0) AS grade,
           count(a.gls_percent) AS gls_known, coalesce(bool_or(a.biomarker_rise), false) AS biomarker_rise
    FROM monitoring_lvefassessment a
    JOIN scheduling_patient t ON t.id = a.patient_id AND t.site_id = %(site)s
    LEFT JOIN jsonb_to_recordset(%(grades)s::jsonb) AS g(symptoms text, grade int) ON g.symptoms = a.symptoms
    WHERE a.invalidated_at IS NULL
    GROUP BY a.patient_id
), clauses AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(clauses)s::jsonb) AS c(
        regimen_id bigint, setting text, lvef_at_most numeric, fall_at_least numeric, is_below_normal boolean,
        grade int, needs_gls boolean, biomarker_rise boolean)
)
SELECT p.id FROM scheduling_treatmentplan p
JOIN hearts h ON h.patient_id = p.patient_id
JOIN clauses c ON c.regimen_id = p.regimen_id AND c.setting = p.setting
WHERE p.end_reason <> %(error)s
  AND (c.lvef_at_most IS NULL OR h.lowest <= c.lvef_at_most)
  AND (c.fall_at_least IS NULL OR h.highest - h.lowest >= c.fall_at_least)
  AND (NOT c.is_below_normal OR h.lowest < %(normal)s)
  AND (c.grade IS NULL OR h.grade >= c.grade)
  AND (NOT c.needs_gls OR h.gls_known >= 2)
  AND (NOT c.biomarker_rise OR h.biomarker_rise)
UNION
SELECT p.id FROM scheduling_hold o
JOIN scheduling_treatmentplan p ON p.id = o.plan_id
JOIN scheduling_patient t ON t.id = p.patient_id AND t.site_id = %(site)s
WHERE o.ended_on IS NULL AND o.reason = ANY(%(cardiac)s) AND p.end_reason <> %(error)s
UNION
SELECT f.plan_id FROM monitoring_cardiacflag f
JOIN scheduling_treatmentplan p ON p.id = f.plan_id
JOIN scheduling_patient t ON t.id = p.patient_id AND t.site_id = %(site)s
WHERE f.kind = %(finding)s AND f.state <> %(resolved)s AND p.end_reason <> %(error)s
"""

# Last results that are old enough, for the sources or for one patient's own interval, or none at all, or none
# before the first dose; repeats not done in time; flags that a result may have answered.
# Whether treatment has begun is not asked here: the core looks, and few plans wait for long with an old result.
# After the end, the last dose lies between two bounds, since earlier plans and places count for some agents only.
_WINDOWS = """
WITH hearts AS (
    SELECT a.patient_id, max(a.performed_on) FILTER (WHERE a.performed_on <= %(today)s) AS last_on,
           min(a.performed_on) AS first_on
    FROM monitoring_lvefassessment a
    JOIN scheduling_patient t ON t.id = a.patient_id AND t.site_id = %(site)s
    WHERE a.invalidated_at IS NULL
    GROUP BY a.patient_id
), plans AS MATERIALIZED (
    SELECT p.id, p.patient_id, p.continues_id, p.end_reason, p.ended_on,
           h.last_on AS last_result, h.first_on AS first_result,
           p.state = %(active)s OR p.ended_on > %(today)s AS is_on_treatment,
           w.after_result, w.while_held, w.after_last_given, w.settled_after
    FROM scheduling_treatmentplan p
    JOIN scheduling_patient t ON t.id = p.patient_id AND t.site_id = %(site)s
    JOIN jsonb_to_recordset(%(windows)s::jsonb) AS w(
        regimen_id bigint, setting text, after_result int, while_held int, after_last_given int, settled_after int)
        ON w.regimen_id = p.regimen_id AND w.setting = p.setting
    LEFT JOIN hearts h ON h.patient_id = p.patient_id
    WHERE p.end_reason <> %(error)s
), held AS (
    SELECT plan_id FROM scheduling_hold WHERE ended_on IS NULL AND reason = ANY(%(cardiac)s)
), ended AS MATERIALIZED (
    SELECT * FROM plans WHERE NOT is_on_treatment AND end_reason <> %(switched)s
), doses AS (
    SELECT e.id, d.done_on AS last_on, true AS is_own FROM ended e
    JOIN scheduling_cycleday d ON d.plan_id = e.id AND d.state = %(given)s
    UNION ALL
    SELECT e.id, d.done_on, false FROM ended e
    JOIN scheduling_cycleday d ON d.plan_id = e.continues_id AND d.state = %(given)s
    UNION ALL
    SELECT e.id, r.last_given_on, false FROM ended e JOIN scheduling_priortreatment r ON r.plan_id = e.id
), spans AS (
    SELECT id, coalesce(max(last_on) FILTER (WHERE is_own), min(last_on)) AS at_least, max(last_on) AS at_most
    FROM doses GROUP BY id
)
SELECT id FROM plans
WHERE is_on_treatment AND end_reason <> %(switched)s AND (
    last_result + after_result <= %(today)s
    OR (last_result IS NULL AND after_result IS NOT NULL)
    OR (last_result + while_held <= %(today)s AND id IN (SELECT plan_id FROM held))
    OR EXISTS (SELECT FROM monitoring_surveillanceinterval i
               WHERE i.plan_id = plans.id AND i.ended_at IS NULL
                 AND plans.last_result + i.overdue_after_days < %(today)s)
    OR EXISTS (SELECT FROM scheduling_cycleday d
               WHERE d.plan_id IN (plans.id, plans.continues_id) AND d.state = %(given)s
               HAVING min(d.done_on) < plans.first_result
                   OR (min(d.done_on) = plans.first_result AND min(d.decided_at) < (
                       SELECT min(a.recorded_at) FROM monitoring_lvefassessment a
                       WHERE a.patient_id = plans.patient_id AND a.performed_on = plans.first_result
                         AND a.invalidated_at IS NULL)))
    OR EXISTS (SELECT FROM scheduling_priortreatment r WHERE r.plan_id = plans.id
               AND coalesce(r.first_given_on, r.last_given_on) <= plans.first_result)
)
UNION
SELECT e.id FROM ended e JOIN spans s ON s.id = e.id
WHERE least(s.at_least, e.ended_on) + e.after_last_given <= %(today)s
  AND (e.last_result IS NULL OR e.settled_after IS NULL
       OR e.last_result < greatest(s.at_most, e.ended_on) + e.settled_after)
UNION
SELECT f.plan_id FROM monitoring_flagdecision d
JOIN monitoring_cardiacflag f ON f.id = d.flag_id
JOIN plans p ON p.id = f.plan_id
WHERE d.repeat_by < %(today)s
  AND (p.last_result IS NULL OR p.last_result <= (d.recorded_at AT TIME ZONE %(zone)s)::date)
UNION
SELECT f.plan_id FROM monitoring_cardiacflag f
JOIN plans p ON p.id = f.plan_id
WHERE f.kind <> %(finding)s AND f.state <> %(resolved)s
"""
