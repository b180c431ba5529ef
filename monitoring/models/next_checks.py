"""When the checks look at a plan again, and the triggers that call for a look the moment a fact changes.

Only a hint, and never believed for ever: a full check looks at every plan all the same. What the hint rests on is
counted: a check that read its facts before somebody changed them cannot leave it alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import connection, models

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from monitoring.models.assessments import BaselineChoice, LvefAssessment
from monitoring.models.flags import CardiacFlag, FlagDecision
from monitoring.models.risk import SurveillanceInterval
from scheduling.models import CycleDay, Hold, Patient, PriorTreatment, TreatmentPlan
from scheduling.models.base import together

AT_ONCE, NEVER = date.min, date.max  # no day is before or after these


class NextCheck(models.Model):
    """One row per plan. `changes` counts the statements that changed a fact of its patient, ever.

    No foreign keys: it neither blocks nor keeps a plan, and a check writes thousands of rows at a time.
    """

    plan = models.OneToOneField(
        TreatmentPlan, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    site = models.ForeignKey(Site, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    check_on = models.DateField()
    changes = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["site", "check_on", "plan"], name="monitoring_next_check")]

    def __str__(self) -> str:
        return f"Plan {self.plan_id}: {self.check_on}"


class FullCheck(models.Model):
    """The last check of a site that looked at every plan, and what all its hints rest on beside the plans' facts."""

    site = models.OneToOneField(Site, primary_key=True, on_delete=models.CASCADE, related_name="full_check")
    basis = models.CharField(max_length=64)  # a digest of the protocols, the site's settings and the program's version
    done_on = models.DateField()
    missed = models.PositiveIntegerField(default=0)  # flags it had to change of plans that it had left alone: a fault

    def __str__(self) -> str:
        return f"{self.site}: {self.done_on}"


@tracked
class CheckFault(models.Model):
    """Plans whose flags a full check had to change though they had been left alone: some came late, and why is unknown.

    It stands on every page until an administrator has seen it and said what was found out.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="check_faults")
    plans = models.PositiveIntegerField()
    found_at = models.DateTimeField()
    not_before = models.DateField()  # of the full check before it: since then flags may have been missing
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seen_because = models.TextField(blank=True)

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [
            together("monitoring_fault_seen", "seen_at", "seen_by"),
            models.CheckConstraint(
                condition=models.Q(seen_at=None) ^ ~models.Q(seen_because=""), name="monitoring_fault_seen_because"
            ),
        ]
        indexes = [
            models.Index(fields=["site"], condition=models.Q(seen_at=None), name="monitoring_fault_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.site}: {self.plans} wrongly left alone, found {self.found_at:%Y-%m-%d}"


def leave(looked: Iterable[tuple[int, int, date]], site: int) -> None:
    """Note `(plan, its changes when read, next day)`, unless a fact of it has changed since it was read.

    A row that somebody is changing in this moment is passed over: the plan is looked at again.
    """
    rows = sorted(looked)
    if not rows:
        return
    plans, changes, days = zip(*rows, strict=True)
    values: dict[str, Any] = {"plans": array(plans), "changes": array(changes), "days": array(days), "site": site}
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, values)


def array(values: Iterable[object]) -> str:
    """As PostgreSQL reads an array of numbers or days; one text is bound much sooner than thousands of values."""
    return "{" + ",".join(map(str, values)) + "}"


_LEAVE = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(plans)s::bigint[], %(changes)s::bigint[], %(days)s::date[]) AS a(plan_id, changes, check_on)
), free AS MATERIALIZED (
    SELECT k.plan_id FROM monitoring_nextcheck k WHERE k.plan_id = ANY(%(plans)s::bigint[])
    ORDER BY k.plan_id FOR UPDATE SKIP LOCKED
), known AS (
    UPDATE monitoring_nextcheck k SET check_on = a.check_on, site_id = %(site)s
    FROM asked a JOIN free USING (plan_id) WHERE k.plan_id = a.plan_id AND k.changes = a.changes
)
INSERT INTO monitoring_nextcheck (plan_id, site_id, check_on, changes)
SELECT plan_id, %(site)s, check_on, 0 FROM asked WHERE changes = 0
ON CONFLICT (plan_id) DO NOTHING
"""

# Whose facts a statement touched, by table. A patient's plans are judged by the same results and lean on each other,
# so all of them are looked at again.
_WHOSE: dict[type[models.Model], str] = {
    Patient: "SELECT id FROM {rows} r",
    LvefAssessment: "SELECT patient_id FROM {rows} r",
    TreatmentPlan: "SELECT patient_id FROM {rows} r",
    CardiacFlag: "SELECT patient_id FROM {rows} r",
    FlagDecision: "SELECT f.patient_id FROM {rows} r JOIN monitoring_cardiacflag f ON f.id = r.flag_id",
    **dict.fromkeys(
        (CycleDay, Hold, PriorTreatment, BaselineChoice, SurveillanceInterval),
        "SELECT p.patient_id FROM {rows} r JOIN scheduling_treatmentplan p ON p.id = r.plan_id",
    ),
}
# A flag is raised by whoever just judged its plan: that calls for no further look.
_UNHEARD = {(CardiacFlag, "insert")}
WATCHED = tuple(_WHOSE)

_CALL = """
INSERT INTO monitoring_nextcheck AS known (plan_id, site_id, check_on, changes)
SELECT p.id, t.site_id, '{at_once}', 1
FROM scheduling_treatmentplan p JOIN scheduling_patient t ON t.id = p.patient_id
WHERE p.patient_id IN ({whose})
ORDER BY p.id
ON CONFLICT (plan_id) DO UPDATE
SET site_id = excluded.site_id, check_on = excluded.check_on, changes = known.changes + 1;
RETURN NULL;
"""

_EVENTS = {
    "insert": (pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), ("new_rows",)),  # type: ignore[no-untyped-call]
    "update": (pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows"), ("old_rows", "new_rows")),  # type: ignore[no-untyped-call]
    "delete": (pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), ("old_rows",)),  # type: ignore[no-untyped-call]
}


def _calls(model: type[models.Model]) -> Iterable[pgtrigger.Trigger]:
    for event, (operation, referencing, rows) in _EVENTS.items():
        if (model, event) in _UNHEARD:
            continue
        whose = " UNION ".join(_WHOSE[model].format(rows=name) for name in rows)
        yield pgtrigger.Trigger(
            name=f"call_check_{event}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=_CALL.format(whose=whose, at_once=AT_ONCE.isoformat()),
        )


for _model in WATCHED:
    pgtrigger.register(*_calls(_model))(_model)
