"""SQL narrows, the core decides: which plans the core must look at today, and from which day on the others.

One query asks the weakest figures of all protocols (`monitoring.core.narrowing`) of many plans at once.
It may pick a plan in vain, or too soon; it must never miss one. Where a fact is costly to know exactly, it takes the
bound that picks more: the lowest LVEF on record against the highest, whichever was the baseline.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import connection

from her2tracker.accounts.models import Site
from monitoring.core import narrowing
from monitoring.core.protocol import Protocol
from monitoring.core.result import Symptoms
from monitoring.models.next_checks import NEVER, array
from monitoring.models.policies import CardiacPolicy
from monitoring.models.standing import CARDIAC_HOLDS, protocols_of
from monitoring.words import FlagState
from scheduling.models import Patient, RegimenVersion, TreatmentPlan
from scheduling.words import CeaseReason, DayState, PlanState, Setting

BATCH = 20_000  # plans that one query looks at; their keys and days are all that is held of them
Row = dict[str, Any]
Read = tuple[int, int]  # a plan's key, and how often its facts had changed when it was read


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the query asks at one site on one day; made once for all batches of a check."""

    site: Site
    today: date
    asked: Row

    @classmethod
    def of(cls, site: Site, today: date) -> Narrowing:
        policy = CardiacPolicy.objects.filter(site=site).first() or CardiacPolicy(site=site)
        by_key = list(_by_key(site, policy))
        clauses = [key | _clause(one) for key, ruled in by_key for one in narrowing.results(ruled).clauses]
        windows = [key | asdict(narrowing.windows(ruled)) for key, ruled in by_key]
        asked = {
            "clauses": json.dumps(clauses, default=str),
            "windows": json.dumps(windows),
            "normal": policy.lower_limit_of_normal,
            "zone": site.time_zone,
        }
        return cls(site, today, _WORDS | asked | {"today": today, "site": site.pk})

    def looks(self, plans: Sequence[int]) -> list[tuple[int, date]]:
        """For each of these plans the first day, today or later, on which its flags could change by themselves."""
        return self._ask(_LOOKS + _EACH, plans)

    def candidates(self, plans: Sequence[int]) -> list[Read]:
        """Those the core must look at today; the others are left alone until their day."""
        return self._ask(_LOOKS + _LEAVE, plans)

    def _ask(self, query: str, plans: Sequence[int]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(query, self.asked | {"plans": array(plans)})
            return list(cursor.fetchall())


def every_plan(site: Site, size: int = BATCH) -> Iterator[list[int]]:
    """All plans of a site, `size` at a time."""
    last = 0
    while pks := _keys(_EVERY, site=site.pk, last=last, size=size):
        yield pks
        last = pks[-1]


def due(site: Site, today: date, size: int = BATCH) -> Iterator[list[int]]:
    """The plans whose day has come, `size` at a time; however many plans there are, only these are read."""
    last: tuple[date, int] = (date.min, 0)
    while rows := _rows(_DUE, site=site.pk, today=today, day=last[0], last=last[1], size=size):
        yield sorted(pk for _, pk in rows)
        last = rows[-1]


def _keys(query: str, **asked: Any) -> list[int]:
    return [pk for (pk,) in _rows(query, **asked)]


def _rows(query: str, **asked: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return list(cursor.fetchall())


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


_GRADED = [one for one in Symptoms if one.grade]
_WORDS: Row = {
    "active": PlanState.ACTIVE.value,
    "given": DayState.GIVEN.value,
    "error": CeaseReason.ENTERED_IN_ERROR.value,
    "switched": CeaseReason.SWITCHED.value,
    "never": NEVER,
    "resolved": FlagState.RESOLVED.value,
    "cardiac": [reason.value for reason in CARDIAC_HOLDS],
    "graded": [one.value for one in _GRADED],
    "grades": [one.grade for one in _GRADED],
}

_EVERY = """
SELECT p.id FROM scheduling_treatmentplan p JOIN scheduling_patient t ON t.id = p.patient_id
WHERE t.site_id = %(site)s AND p.id > %(last)s ORDER BY p.id LIMIT %(size)s
"""

_DUE = """
SELECT check_on, plan_id FROM monitoring_nextcheck
WHERE site_id = %(site)s AND check_on <= %(today)s AND (check_on, plan_id) > (%(day)s, %(last)s)
ORDER BY check_on, plan_id LIMIT %(size)s
"""

_EACH = "SELECT id, look_on FROM looks ORDER BY id"

_LEAVE = """, left_alone AS (
    INSERT INTO monitoring_nextcheck AS known (plan_id, site_id, check_on, changes)
    SELECT id, %(site)s, look_on, changes FROM looks WHERE look_on > %(today)s ORDER BY id
    ON CONFLICT (plan_id) DO UPDATE SET check_on = excluded.check_on, site_id = excluded.site_id
    WHERE known.changes = excluded.changes
)
SELECT id, changes FROM looks WHERE look_on <= %(today)s ORDER BY id
"""

# At once: results that meet what a rule asks at least; open holds for the heart, whose clocks run; flags not yet
# resolved; no result at all, or none before the first dose.
# From a day on: last results that are old enough, for the sources or for one patient's own interval; repeats not done
# in time; what lies in the future today.
# Whether treatment has begun is not asked here: the core looks, and few plans wait for long with an old result.
# After the end, the last dose lies between two bounds, since earlier plans and places count for some agents only.
# What nearly every plan has is read once and asked in one pass (`known`); what few have is joined to it apart.
_LOOKS = """
WITH plans AS MATERIALIZED (
    SELECT p.id, p.patient_id, p.continues_id, p.ended_on, p.regimen_id, p.setting,
           coalesce(k.changes, 0) AS changes, p.end_reason = %(error)s AS is_error,
           p.end_reason <> %(switched)s AS is_last, p.state = %(active)s OR p.ended_on > %(today)s AS is_on_treatment,
           w.after_result, w.after_last_given, w.settled_after
    FROM scheduling_treatmentplan p
    LEFT JOIN jsonb_to_recordset(%(windows)s::jsonb) AS w(
        regimen_id bigint, setting text, after_result int, after_last_given int, settled_after int)
        ON w.regimen_id = p.regimen_id AND w.setting = p.setting
    LEFT JOIN monitoring_nextcheck k ON k.plan_id = p.id
    WHERE p.id = ANY(%(plans)s::bigint[])
), hearts AS (
    SELECT a.patient_id, min(a.lvef_low) AS lowest, max(a.lvef_high) AS highest,
           coalesce(max((%(grades)s::int[])[array_position(%(graded)s::text[], a.symptoms::text)]), 0) AS grade,
           count(a.gls_percent) AS gls_known, coalesce(bool_or(a.biomarker_rise), false) AS biomarker_rise,
           min(a.performed_on) AS first_on,
           max(a.performed_on) FILTER (WHERE a.performed_on <= %(today)s) AS last_on,
           min(a.performed_on) FILTER (WHERE a.performed_on > %(today)s) AS next_on
    FROM monitoring_lvefassessment a
    WHERE a.patient_id = ANY(ARRAY(SELECT patient_id FROM plans)) AND a.invalidated_at IS NULL
    GROUP BY a.patient_id
), known AS MATERIALIZED (
    SELECT p.*, p.is_on_treatment AND p.is_last AND NOT p.is_error AS is_treated,
           h.patient_id IS NOT NULL AS is_measured, h.lowest, h.highest, h.grade, h.gls_known, h.biomarker_rise,
           h.first_on, h.last_on, h.next_on
    FROM plans p LEFT JOIN hearts h ON h.patient_id = p.patient_id
), clauses AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(clauses)s::jsonb) AS c(
        regimen_id bigint, setting text, lvef_at_most numeric, fall_at_least numeric, is_below_normal boolean,
        grade int, needs_gls boolean, biomarker_rise boolean)
), begun AS (
    SELECT k.id, k.patient_id, k.continues_id, k.first_on, least(own.on_, before.on_) AS on_ FROM known k
    CROSS JOIN LATERAL (
        SELECT min(d.done_on) AS on_ FROM scheduling_cycleday d WHERE d.plan_id = k.id AND d.state = %(given)s
    ) own
    CROSS JOIN LATERAL (
        SELECT min(d.done_on) AS on_ FROM scheduling_cycleday d
        WHERE d.plan_id = k.continues_id AND d.state = %(given)s
    ) before
    WHERE k.is_treated AND least(own.on_, before.on_) <= k.first_on
), ended AS MATERIALIZED (
    SELECT * FROM known WHERE NOT is_on_treatment AND is_last AND NOT is_error
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
), urgent AS MATERIALIZED (
    SELECT k.id FROM known k
    WHERE k.is_measured AND EXISTS (
        SELECT FROM clauses c WHERE c.regimen_id = k.regimen_id AND c.setting = k.setting
          AND (c.lvef_at_most IS NULL OR k.lowest <= c.lvef_at_most)
          AND (c.fall_at_least IS NULL OR k.highest - k.lowest >= c.fall_at_least)
          AND (NOT c.is_below_normal OR k.lowest < %(normal)s)
          AND (c.grade IS NULL OR k.grade >= c.grade)
          AND (NOT c.needs_gls OR k.gls_known >= 2)
          AND (NOT c.biomarker_rise OR k.biomarker_rise))
    UNION ALL
    SELECT plan_id FROM scheduling_hold
    WHERE plan_id = ANY(%(plans)s::bigint[]) AND ended_on IS NULL AND reason = ANY(%(cardiac)s)
    UNION ALL
    SELECT plan_id FROM monitoring_cardiacflag WHERE plan_id = ANY(%(plans)s::bigint[]) AND state <> %(resolved)s
    UNION ALL
    SELECT g.id FROM begun g
    WHERE g.on_ < g.first_on OR (
        SELECT min(d.decided_at) FROM scheduling_cycleday d
        WHERE d.plan_id IN (g.id, g.continues_id) AND d.state = %(given)s
    ) < (
        SELECT min(a.recorded_at) FROM monitoring_lvefassessment a
        WHERE a.patient_id = g.patient_id AND a.performed_on = g.first_on AND a.invalidated_at IS NULL)
    UNION ALL
    SELECT k.id FROM known k JOIN scheduling_priortreatment r ON r.plan_id = k.id
    WHERE k.is_treated AND coalesce(r.first_given_on, r.last_given_on) <= k.first_on
), days AS (
    SELECT k.id, k.last_on + i.overdue_after_days + 1 AS on_ FROM known k
    JOIN monitoring_surveillanceinterval i ON i.plan_id = k.id AND i.ended_at IS NULL
    WHERE k.is_treated
    UNION ALL
    SELECT e.id, least(s.at_least, e.ended_on) + e.after_last_given FROM ended e
    JOIN spans s ON s.id = e.id
    WHERE e.last_on IS NULL OR e.settled_after IS NULL
       OR e.last_on < greatest(s.at_most, e.ended_on) + e.settled_after
    UNION ALL
    SELECT k.id, d.repeat_by + 1 FROM known k
    JOIN monitoring_cardiacflag f ON f.plan_id = k.id
    JOIN monitoring_flagdecision d ON d.flag_id = f.id
    WHERE k.last_on IS NULL OR k.last_on <= (d.recorded_at AT TIME ZONE %(zone)s)::date
), soonest AS (
    SELECT id, min(on_) AS on_ FROM days GROUP BY id
), looks AS MATERIALIZED (
    SELECT k.id, k.changes, CASE
        WHEN k.is_error THEN %(never)s::date
        WHEN k.is_treated AND k.after_result IS NOT NULL AND k.last_on IS NULL THEN %(today)s::date
        WHEN k.id IN (SELECT id FROM urgent) THEN %(today)s::date
        ELSE greatest(%(today)s::date, coalesce(least(
            CASE WHEN k.is_treated THEN k.last_on + k.after_result END, k.next_on,
            CASE WHEN k.ended_on > %(today)s THEN k.ended_on END, s.on_), %(never)s)) END AS look_on
    FROM known k LEFT JOIN soonest s ON s.id = k.id
) """
