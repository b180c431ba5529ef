"""A clinic of N plans, cloned in the database from plans that the actions made."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from her2tracker.accounts.models import Site
from scheduling.models import TreatmentPlan
from tests import make

SPREAD_DAYS = 340  # starts are spread over this many days, so that a day holds a fair share of infusions
TABLES = (
    "scheduling_patient",
    "scheduling_treatmentplan",
    "scheduling_cycleday",
    "scheduling_administration",
    "monitoring_lvefassessment",
)


def build(plans: int) -> Site:
    """One plan through the actions, then `plans` copies of it by INSERT..SELECT, history triggers lifted."""
    site = make.site(name="Benchmark clinic")
    start = site.today() - timedelta(days=SPREAD_DAYS)
    model = make.plan("trastuzumab-pertuzumab", start=start, given=0, of=make.patient(site))
    for days in (80, 160, 240):
        make.lvef(model.patient, 60 - days // 80, start + timedelta(days=days))
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        _clone(cursor, model, plans)
        _treat(cursor, site, make.person("nora", site).pk)
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


def _clone(cursor: Any, model: TreatmentPlan, copies: int) -> None:
    shift = f"(g.n % {SPREAD_DAYS})"
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
        "FROM scheduling_patient WHERE mrn LIKE 'B-%%'"
    )
    plan = {"uuid": "gen_random_uuid()", "patient_id": "p.patient_id", "start_on": f"s.start_on + {shift}"}
    _insert(cursor, "scheduling_treatmentplan", plan, f"s.id = {model.pk}", join="JOIN p ON p.n = g.n")
    cursor.execute(
        "CREATE TEMP TABLE q AS SELECT t.id AS plan_id, p.n FROM scheduling_treatmentplan t JOIN p USING (patient_id)"
    )
    day = {
        "uuid": "gen_random_uuid()",
        "plan_id": "q.plan_id",
        "planned_on": f"s.planned_on + {shift}",
        "first_planned_on": f"s.first_planned_on + {shift}",
    }
    _insert(cursor, "scheduling_cycleday", day, f"s.plan_id = {model.pk}", join="JOIN q ON q.n = g.n")
    cursor.execute(
        "CREATE TEMP TABLE d AS SELECT c.id AS new_id, o.id AS old_id "
        "FROM scheduling_cycleday c JOIN q USING (plan_id) "
        f"JOIN scheduling_cycleday o ON o.plan_id = {model.pk} AND o.cycle = c.cycle AND o.day = c.day"
    )
    dose = {"uuid": "gen_random_uuid()", "cycle_day_id": "d.new_id"}
    _insert(cursor, "scheduling_administration", dose, "true", base="d", join="", on="s.cycle_day_id = d.old_id")
    echo = {
        "uuid": "gen_random_uuid()",
        "patient_id": "p.patient_id",
        "performed_on": f"least(s.performed_on + {shift}, current_date)",
    }
    _insert(cursor, "monitoring_lvefassessment", echo, f"s.patient_id = {model.patient_id}", join="JOIN p ON p.n = g.n")


def _treat(cursor: Any, site: Site, nurse: int) -> None:
    """What lies in the past was given on its day, but for the last cycle of one plan in fifty, which was missed."""
    today = site.today()
    past = "d.planned_on < %(today)s AND NOT (d.plan_id %% 50 = 0 AND d.planned_on >= %(today)s - 21)"
    cursor.execute(
        "UPDATE scheduling_administration a SET given_on = d.planned_on, given_mg = a.planned_mg, "
        f"given_ml = a.planned_ml FROM scheduling_cycleday d WHERE d.id = a.cycle_day_id AND {past}",
        {"today": today},
    )
    cursor.execute(
        "UPDATE scheduling_cycleday d SET state = 'given', done_on = planned_on, decided_by_id = %(nurse)s, "
        f"decided_at = planned_on + interval '10 hours' WHERE {past}",
        {"today": today, "nurse": nurse},
    )


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
