"""S15: a file of 10,000 LVEF results checked, reported line by line, recorded and judged, against COPY and INSERT."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction

from benchmarks.bars import Bar
from her2tracker.accounts.models import Site
from her2tracker.lib.tables import to_csv
from monitoring.actions import result_imports
from monitoring.models import CardiacFlag, ResultImport
from scheduling.models import Patient
from tests import make

ROWS = 10_000
COLUMNS = ("mrn", "born_on", "performed_on", "lvef", "modality", "lab")
FALL_EVERY, FALLEN_TO = 100, 46  # so many of the results have to be typed again, and are flagged

# What somebody would write by hand: the file into a staging table, then one statement with the same triggers.
STAGE = "CREATE TEMP TABLE staged (mrn text, born_on date, performed_on date, lvef numeric, modality text, lab text)"
PEER = """
INSERT INTO monitoring_lvefassessment
    (uuid, patient_id, performed_on, modality, symptoms, lab, lvef_low, lvef_high, lvef_low_open, lvef_high_open, note,
     recorded_at, recorded_by_id, invalidated_because)
SELECT gen_random_uuid(), p.id, s.performed_on, s.modality, 'unknown', s.lab, s.lvef, s.lvef, false, false, '', now(),
       %(by)s, ''
FROM staged s JOIN scheduling_patient p ON p.site_id = %(site)s AND p.mrn = s.mrn AND p.born_on = s.born_on
WHERE NOT EXISTS (
    SELECT 1 FROM monitoring_lvefassessment a
    WHERE a.patient_id = p.id AND a.performed_on = s.performed_on AND a.modality = s.modality AND a.lvef_low = s.lvef)
"""


def bars(site: Site) -> Iterator[Bar]:
    text, rows = _file(site)
    peer = _undone(lambda: _peer(site, text))
    taken: dict[str, float] = {}
    _undone(lambda: _ours(site, text, taken))
    note = f"{rows} rows, {taken['flags']:.0f} flags raised"
    whole = taken["check"] + taken["record"]
    yield Bar("S15", "results checked, told, recorded and judged / COPY, INSERT", whole, peer, 15, note=note)
    yield Bar("S15", "of that, the check with its report", taken["check"], peer, 15, note=note)
    yield Bar("S15", "of that, recorded and judged", taken["record"], peer, 15, note=note)


def _file(site: Site) -> tuple[str, int]:
    """A new result of today for each of the first patients; every 100th fell."""
    people = Patient.objects.filter(site=site, mrn__startswith="B-").order_by("pk").values_list("mrn", "born_on")
    today = site.today()
    lines = [
        (mrn, born_on, today, FALLEN_TO if number % FALL_EVERY == 0 else 57 + number % 5, "echo-2d", "Echo lab")
        for number, (mrn, born_on) in enumerate(people[:ROWS])
    ]
    return to_csv(COLUMNS, lines), len(lines)


def _ours(site: Site, text: str, taken: dict[str, float]) -> None:
    """As a coordinator and the worker do it."""
    cora, flags = make.person("cora", site), CardiacFlag.objects.count()
    begun = time.perf_counter()
    row = result_imports.receive(by=cora, text=text)
    result_imports.work()
    taken["check"] = (time.perf_counter() - begun) * 1000
    row.refresh_from_db()
    again = {line["line"]: line["lvef"] for line in row.lines if line["asks"]}
    begun = time.perf_counter()
    result_imports.confirm(by=cora, result_import=row, again=again)
    result_imports.work()
    taken["record"] = (time.perf_counter() - begun) * 1000
    row = ResultImport.objects.get(pk=row.pk)
    if row.state != "done":
        raise SystemExit(f"The file was not recorded: {row.outcome}")
    taken["flags"] = CardiacFlag.objects.count() - flags


def _peer(site: Site, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY staged FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(text)
        cursor.execute(PEER, {"site": site.pk, "by": make.person("cora", site).pk})
        cursor.execute("DROP TABLE staged")


def _undone(work: Callable[[], Any]) -> float:
    """Milliseconds of the second of two runs, each rolled back: the first warms the cache."""
    taken = 0.0
    for _ in range(2):
        with transaction.atomic():
            begun = time.perf_counter()
            work()
            taken = (time.perf_counter() - begun) * 1000
            transaction.set_rollback(True)
    return taken
