"""S5: a full reconcile of overdue assessments and falls over every plan, against one SQL statement."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.bars import Bar
from her2tracker.accounts.models import Site
from monitoring.actions import sweeps
from monitoring.models import CardiacFlag
from scheduling.models import TreatmentPlan

# The same two questions in one statement: the last LVEF is too old, or lies far below the first.
PEER = """
    WITH last AS (SELECT patient_id, max(performed_on) AS on_, min(lvef_low) AS low, max(lvef_low) AS high
                  FROM monitoring_lvefassessment WHERE invalidated_at IS NULL GROUP BY 1)
    SELECT count(*) FROM scheduling_treatmentplan p JOIN last ON last.patient_id = p.patient_id
    WHERE p.state = 'active' AND (last.on_ + 92 < current_date OR last.high - last.low >= 10 AND last.low < 50)
"""


def bars(site: Site) -> Iterator[Bar]:
    plans = TreatmentPlan.objects.filter(patient__site=site).count()
    begun = time.perf_counter()
    with transaction.atomic():
        sweeps.flag_overdue_echocardiograms(now=timezone.now())
        sweeps.flag_lvef_drops(now=timezone.now())
        first = (time.perf_counter() - begun) * 1000
        flags = CardiacFlag.objects.count()
        again = time.perf_counter()
        sweeps.flag_overdue_echocardiograms(now=timezone.now())
        sweeps.flag_lvef_drops(now=timezone.now())
        second = (time.perf_counter() - again) * 1000
        unchanged = CardiacFlag.objects.count() == flags
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(PEER)
        peer = (time.perf_counter() - begun) * 1000
    note = f"{plans} plans, {flags} flags" + ("" if unchanged else ", a re-run changed something")
    yield Bar("S5", "full reconcile / one SQL statement", first, peer, 4, note=note)
    yield Bar("S5", "reconcile again, nothing new / one SQL statement", second, peer, 4, note=note)
