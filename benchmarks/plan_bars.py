"""S4 and S12: starting and delaying a plan through the actions, against the bare SQL of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from benchmarks.bars import Bar, in_turns, p95
from her2tracker.accounts.models import Site
from scheduling.actions import cycles, plans
from scheduling.models import CycleDay, TreatmentPlan
from scheduling.words import DelayReason
from tests import make

TIMES = 60


def bars(site: Site) -> Iterator[Bar]:
    omar, regimen = make.person("omar", site), make.regimen("trastuzumab-pertuzumab")
    patients = iter([make.patient(site) for _ in range(TIMES + 1)])
    model = TreatmentPlan.objects.filter(patient__site=site)[0]

    def start() -> None:
        plans.start(by=omar, patient=next(patients), regimen=regimen, start_on=site.today(), setting="adjuvant")

    started, bare = in_turns(start, _undone(lambda: _insert_select(model)), TIMES)
    yield Bar("S4", "start a plan, p95 / bare INSERT..SELECT of its rows", p95(started), p95(bare), 12)
    yield from _delays(site, TIMES)


def _delays(site: Site, times: int) -> Iterator[Bar]:
    nora = make.person("nora", site)
    rows = iter(CycleDay.objects.at(site).planned().filter(cycle=9, planned_on__gt=site.today())[: 4 * times + 8])
    row = next(rows)
    to_on = row.planned_on + timedelta(days=7)

    def preview() -> None:
        cycles.preview_delay(by=nora, cycle_day=row, to_on=to_on)

    def commit() -> None:
        one = next(rows)
        cycles.delay(
            by=nora,
            cycle_day=one,
            to_on=one.planned_on + timedelta(days=7),
            reason=DelayReason.CAPACITY,
        )

    def bare() -> None:
        """The same rows of another plan, moved as far and committed: what a delay writes, undecided and untold."""
        _update(next(rows))

    looked, limit = in_turns(preview, bare, times)
    yield Bar("S12", "preview a delay, p95 / bare UPDATE of its rows", p95(looked), p95(limit), 8)
    done, limit = in_turns(commit, bare, times)
    yield Bar("S12", "commit a delay with history, p95 / bare UPDATE", p95(done), p95(limit), 8)
    with CaptureQueriesContext(connection) as captured:
        commit()
    yield Bar("S12", "queries of one committed delay", len(captured), 20, 1, unit="queries")


def _undone(act: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)

    return run


def _insert_select(model: TreatmentPlan) -> None:
    from benchmarks.clinic import _insert

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE one AS SELECT 1 AS n")
        _insert(cursor, "scheduling_treatmentplan", {"uuid": "gen_random_uuid()"}, f"s.id = {model.pk}", base="one")
        cursor.execute("SELECT max(id) FROM scheduling_treatmentplan")
        new = cursor.fetchone()[0]
        day = {"uuid": "gen_random_uuid()", "plan_id": str(new)}
        _insert(cursor, "scheduling_cycleday", day, f"s.plan_id = {model.pk}", base="one")
        cursor.execute(
            "CREATE TEMP TABLE pair AS SELECT c.id AS new_id, o.id AS old_id FROM scheduling_cycleday c "
            "JOIN scheduling_cycleday o USING (cycle, day) WHERE c.plan_id = %s AND o.plan_id = %s",
            [new, model.pk],
        )
        dose = {"uuid": "gen_random_uuid()", "cycle_day_id": "pair.new_id"}
        _insert(cursor, "scheduling_administration", dose, "true", base="pair", on="s.cycle_day_id = pair.old_id")


def _update(row: CycleDay) -> None:
    week = timedelta(days=7)
    CycleDay.objects.filter(plan_id=row.plan_id, cycle__gte=row.cycle).update(planned_on=F("planned_on") + week)
