"""A clinic of N plans, cloned in the database from plans that the actions made: doses given, five LVEFs each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from her2tracker.accounts.models import Site
from scheduling.models import TreatmentPlan
from tests import make

SPREAD_DAYS = 340  # starts are spread over this many days, so that a day holds a fair share of infusions
RESULTS = 5  # LVEF assessments of each patient
APART_DAYS = 60  # between two of them; the last one is up to 80 days old
LATE_EVERY, LATE_DAYS = 20, 100  # every 20th patient's last LVEF is so old that the next one is overdue
NEARLY_LATE, NEARLY_DAYS = 100, 92  # so many patients' last LVEF is overdue from tomorrow on, whatever the size
FALL_EVERY, FALLEN_TO = 50, 47  # every 50th patient's last LVEF lies 11 to 15 points below the baseline
TABLES = (
    "scheduling_patient",
    "scheduling_treatmentplan",
    "scheduling_cycleday",
    "scheduling_administration",
    "monitoring_lvefassessment",
)


def build(plans: int, *, name: str = "Benchmark clinic") -> Site:
    """One plan through the actions, then `plans` copies of it by INSERT..SELECT, history triggers lifted."""
    site = make.site(name=name)
    start = site.today() - timedelta(days=SPREAD_DAYS)
    model = make.plan("trastuzumab-pertuzumab", start=start, given=0, of=make.patient(site))
    nora = make.person("nora", site)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        _clone(cursor, model, plans, nora.pk)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("ANALYZE")
    return site


def busiest_day(site: Site, wanted: int) -> date:
    """A day with at least `wanted` infusions, or the fullest there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT planned_on, count(*) FROM scheduling_cycleday d "
            "JOIN scheduling_treatmentplan p ON p.id = d.plan_id "
            "JOIN scheduling_patient t ON t.id = p.patient_id WHERE t.site_id = %s AND d.state = 'planned' "
            "GROUP BY 1 ORDER BY abs(count(*) - %s), 1 LIMIT 1",
            [site.pk, wanted],
        )
        return cursor.fetchone()[0]


def _clone(cursor: Any, model: TreatmentPlan, copies: int, nurse: int) -> None:
    """What was planned until today was given, as planned."""
    shift = f"(g.n % {SPREAD_DAYS})"
    cursor.execute("DROP TABLE IF EXISTS g, p, q, d")  # of a clinic built before
    cursor.execute("CREATE TEMP TABLE g AS SELECT n FROM generate_series(1, %s) n", [copies])
    patient = {
        "uuid": "gen_random_uuid()",
        "mrn": "'B-' || lpad(g.n::text, 8, '0')",
        "family_name": "'Family' || md5(g.n::text)",
        "given_name": "'Given' || (g.n % 997)",
    }
    _insert(cursor, "scheduling_patient", patient, f"s.id = {model.patient_id}")
    cursor.execute(
        "CREATE TEMP TABLE p AS SELECT id AS patient_id, substr(mrn, 3)::int AS n "
        "FROM scheduling_patient WHERE mrn LIKE 'B-%%' AND site_id = %s",
        [model.patient.site_id],
    )
    plan = {"uuid": "gen_random_uuid()", "patient_id": "p.patient_id", "start_on": f"s.start_on + {shift}"}
    _insert(cursor, "scheduling_treatmentplan", plan, f"s.id = {model.pk}", join="JOIN p ON p.n = g.n")
    cursor.execute(
        "CREATE TEMP TABLE q AS SELECT t.id AS plan_id, p.n FROM scheduling_treatmentplan t JOIN p USING (patient_id)"
    )
    planned, is_past = f"s.planned_on + {shift}", f"s.planned_on + {shift} <= current_date"
    day = {
        "uuid": "gen_random_uuid()",
        "plan_id": "q.plan_id",
        "planned_on": planned,
        "first_planned_on": f"s.first_planned_on + {shift}",
        "state": f"CASE WHEN {is_past} THEN 'given' ELSE 'planned' END",
        "done_on": f"CASE WHEN {is_past} THEN {planned} END",
        "decided_by_id": f"CASE WHEN {is_past} THEN {nurse} END",
        "decided_at": f"CASE WHEN {is_past} THEN now() END",
    }
    _insert(cursor, "scheduling_cycleday", day, f"s.plan_id = {model.pk}", join="JOIN q ON q.n = g.n")
    cursor.execute(
        "CREATE TEMP TABLE d AS SELECT c.id AS new_id, o.id AS old_id, c.done_on "
        "FROM scheduling_cycleday c JOIN q USING (plan_id) "
        f"JOIN scheduling_cycleday o ON o.plan_id = {model.pk} AND o.cycle = c.cycle AND o.day = c.day"
    )
    dose = {
        "uuid": "gen_random_uuid()",
        "cycle_day_id": "d.new_id",
        "given_on": "d.done_on",
        "given_mg": "CASE WHEN d.done_on IS NOT NULL THEN coalesce(s.planned_mg, 100) END",
    }
    _insert(cursor, "scheduling_administration", dose, "true", base="d", join="", on="s.cycle_day_id = d.old_id")
    _insert(
        cursor,
        "monitoring_lvefassessment",
        _result("p.n", "k.k"),
        f"s.patient_id = {model.patient_id}",
        base="p",
        join=f"CROSS JOIN generate_series(0, {RESULTS - 1}) k",
    )


def _result(patient: str, number: str) -> dict[str, str]:
    """The columns of a patient's LVEF, numbered from 0, the baseline; unlike figures by arithmetic, not by chance."""
    nearly = f"{patient} % {LATE_EVERY} = 1 AND {patient} <= {LATE_EVERY * NEARLY_LATE}"
    late = f"WHEN {patient} % {LATE_EVERY} = 0 THEN {LATE_DAYS} WHEN {nearly} THEN {NEARLY_DAYS}"
    since = f"(CASE {late} ELSE {patient} % 80 END)"
    before = f"CASE WHEN {number} = 0 THEN {SPREAD_DAYS + 7} - {patient} % {SPREAD_DAYS} ELSE 0 END"
    is_fallen = f"{patient} % {FALL_EVERY} = 7 AND {number} = {RESULTS - 1}"
    lvef = f"(CASE WHEN {is_fallen} THEN {FALLEN_TO} ELSE 58 + ({patient} * 7 + {number} * 3) % 5 END)"
    return {
        "uuid": "gen_random_uuid()",
        "patient_id": "p.patient_id",
        "performed_on": f"current_date - greatest({since} + {APART_DAYS} * ({RESULTS - 1} - {number}), {before})",
        "lvef_low": lvef,
        "lvef_high": lvef,
    }


def _insert(
    cursor: Any, table: str, values: dict[str, str], where: str, *, base: str = "g", join: str = "", on: str = "true"
) -> None:
    """Clone rows of `table`, every column as it is but those in `values` and the key."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id' "
        "AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall()]
    chosen = ", ".join(values.get(name, f's."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {base} {join} JOIN {table} s ON {on} WHERE {where}"
    )
