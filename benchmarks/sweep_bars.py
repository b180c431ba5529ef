"""S5, S6 and S7: all plans checked for overdue assessments and falls, against one SQL statement; and in part."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.bars import RESULTS, Bar
from her2tracker.accounts.models import Site
from monitoring.actions import sweeps
from monitoring.models import CardiacFlag
from monitoring.words import FlagKind
from scheduling.models import TreatmentPlan
from tests import make

# What somebody would write by hand for this one regimen at this one site: both questions, the flags upserted under the
# same keys, their history kept by the same triggers, and the act that each history names: who, what and why. It owes no
# mail and leaves no plan alone, which the checks do as well. Figures: those of the protocols that lead here.
PEER = """
WITH plans AS (
    SELECT p.id, p.patient_id FROM scheduling_treatmentplan p JOIN scheduling_patient t ON t.id = p.patient_id
    WHERE t.site_id = %(site)s AND p.state = 'active'
), last AS (
    SELECT patient_id, max(performed_on) AS on_ FROM monitoring_lvefassessment
    WHERE invalidated_at IS NULL GROUP BY patient_id
), late AS (
    SELECT p.id, p.patient_id, NULL::bigint AS assessment, 'overdue' AS kind, 'repeat' AS advice, l.on_ + 84 AS due,
           'overdue:' || (l.on_ + 84) AS fact, 'LVEF overdue: due ' || (l.on_ + 84) AS sentence
    FROM plans p JOIN last l USING (patient_id)
    WHERE l.on_ + 93 <= current_date
      AND EXISTS (SELECT 1 FROM scheduling_cycleday d WHERE d.plan_id = p.id AND d.state = 'given')
), low AS (
    SELECT p.id, p.patient_id, a.id AS assessment, a.uuid, a.lvef_low, a.performed_on
    FROM plans p JOIN monitoring_lvefassessment a USING (patient_id)
    WHERE a.lvef_low <= 50 AND a.invalidated_at IS NULL
), fallen AS (
    SELECT l.id, l.patient_id, l.assessment, 'finding' AS kind, 'withhold' AS advice, NULL::date AS due,
           'finding:' || l.uuid || ':pertuzumab-us:fall' AS fact,
           'Withhold advised: ' || b.lvef_high || ' to ' || l.lvef_low AS sentence
    FROM low l
    JOIN LATERAL (SELECT min(done_on) AS on_ FROM scheduling_cycleday d WHERE d.plan_id = l.id AND d.state = 'given') g
        ON g.on_ <= l.performed_on
    JOIN LATERAL (SELECT lvef_high FROM monitoring_lvefassessment b WHERE b.patient_id = l.patient_id
        AND b.invalidated_at IS NULL AND b.performed_on < g.on_ ORDER BY b.performed_on DESC LIMIT 1) b
        ON b.lvef_high - l.lvef_low >= 10
), raised AS (
INSERT INTO monitoring_cardiacflag
    (uuid, patient_id, plan_id, assessment_id, kind, fact, advice, sentence, evidence, due_on, state, raised_at,
     resolved_because)
SELECT gen_random_uuid(), patient_id, id, assessment, kind, fact, advice, sentence,
       jsonb_build_object('shown', jsonb_build_array(jsonb_build_array('because', sentence))), due, 'open', now(), ''
FROM (SELECT * FROM late UNION ALL SELECT * FROM fallen) found
ON CONFLICT (plan_id, fact) DO NOTHING
RETURNING uuid, patient_id, kind, advice, fact, sentence
)
INSERT INTO audit_act
    (uuid, at, verb, by_name, by_role, patient_uuid, subject_kind, subject_uuid, reason, details)
SELECT gen_random_uuid(), now(), 'flag.raised', 'her2tracker', '', t.uuid, 'CardiacFlag', r.uuid, r.sentence,
       jsonb_build_object('kind', r.kind, 'advice', r.advice, 'fact', r.fact)
FROM raised r JOIN scheduling_patient t ON t.id = r.patient_id
"""


def bars(site: Site) -> Iterator[Bar]:
    plans = TreatmentPlan.objects.filter(patient__site=site).count()
    peer, theirs = _undone(lambda: _peer(site))
    now = timezone.now()
    first, ours = _undone(lambda: _sweep(now))
    with transaction.atomic():
        _sweep(now)
        written, (again, changed) = _written(lambda: _timed(lambda: _sweep(now)))
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        same = "the same flags" if _flags(site) == theirs else f"NOT the {len(theirs)} flags of the statement"
        note = f"{plans} plans, {ours} flags, {same}"
        yield Bar("S5", "first full reconcile / one SQL statement that upserts", first, peer, 4, note=note)
        yield Bar("S5", "reconcile again, nothing new / the same statement", again, peer, 4, note=note)
        yield _growth("S6", "first full reconcile, ten times the plans", first, plans)
        yield Bar("S6", "flags changed by a second run", changed, 1, 0, unit="")
        yield Bar("S6", "rows written by a second run beside its heartbeat", written, 1, 0, unit="")
        yield Bar("S6", "memory of the process, benchmark included", megabytes, 300, 1, unit="MB")
        yield from _newly_due(site, now, plans)
        transaction.set_rollback(True)


def _growth(name: str, what: str, taken: float, plans: int) -> Bar:
    """Against the run at a tenth of the plans; without a verdict where none was kept."""
    return Bar(name, what, taken, _kept(plans // 10, name, what), 14, note=f"{plans} plans")


def _newly_due(site: Site, now: datetime, plans: int) -> Iterator[Bar]:
    """S7 compares runs of unlike size: milliseconds here, and the limit is the run at 10,000 plans."""
    later = now + timedelta(days=1)
    what = "a day later, what is newly due"
    taken, due = _timed(lambda: sweeps.flag_overdue_echocardiograms(now=later))
    yield Bar("S7", what, taken, _of_first(plans, "S7", what), 1.5, note=f"{due} newly due of {plans}")
    what = "one new result recorded and judged"
    taken, flag = _timed(lambda: _judged(site, now))
    yield Bar("S7", what, taken, _of_first(plans, "S7", what), 1.5, note=flag)


def _written(work: Callable[[], Any]) -> tuple[int, Any]:
    """Rows that this transaction inserted, updated or deleted, but for the sweeps' own heartbeat."""
    query = (
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables "
        "WHERE relname <> 'monitoring_sweeprun'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        before = cursor.fetchone()[0]
        result = work()
        cursor.execute(query)
        return cursor.fetchone()[0] - before, result


def _judged(site: Site, now: datetime) -> str:
    """A fall recorded as a cardiologist's desk would; what it raised."""
    patient = TreatmentPlan.objects.filter(patient__site=site).latest("pk").patient
    make.lvef(patient, 41, site.today(now))
    flag = CardiacFlag.objects.filter(patient=patient, kind=FlagKind.FINDING).latest("pk")
    return f"{flag.advice} advised"


def _of_first(plans: int, name: str, what: str) -> float | None:
    """What it took at 10,000 plans: that run itself has nothing to be compared with."""
    return None if plans <= 10_000 else _kept(10_000, name, what)


def _kept(plans: int, name: str, what: str) -> float | None:
    """What the same measurement took at so many plans when last kept on this machine; None where none was."""
    kept = RESULTS / f"{plans}.json"
    rows = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    return next((row["measured"] for row in rows if (row["name"], row["what"]) == (name, what)), None)


def _sweep(now: datetime) -> int:
    return sweeps.flag_overdue_echocardiograms(now=now) + sweeps.flag_lvef_drops(now=now)


def _peer(site: Site) -> set[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(PEER, {"site": site.pk})
    return _flags(site)


def _flags(site: Site) -> set[tuple[int, str, str]]:
    return set(CardiacFlag.objects.at(site).values_list("plan_id", "kind", "advice"))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return (time.perf_counter() - begun) * 1000, result


def _undone(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of the second of two runs, each rolled back: the first warms the cache."""
    for _ in range(2):
        with transaction.atomic():
            taken = _timed(work)
            transaction.set_rollback(True)
    return taken
