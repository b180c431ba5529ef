"""Writing flags that are new: any number of them by one statement, and an act for each."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from her2tracker.audit.acts import acts
from her2tracker.audit.statements import inserting_all
from monitoring.actions import reminders
from monitoring.core.lifecycle import FlagFact
from monitoring.core.protocol import Advice
from monitoring.models import CardiacFlag, LvefAssessment
from monitoring.models.remembered import Remembered
from monitoring.models.standing import Standing
from monitoring.words import FlagState
from scheduling.models import Patient, TreatmentPlan

URGENT = (Advice.WITHHOLD, Advice.DISCONTINUE)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A flag that is not on record yet."""

    uuid: uuid.UUID
    standing: Standing
    fact: FlagFact
    assessment: LvefAssessment | None

    @property
    def plan(self) -> TreatmentPlan:
        return self.standing.plan

    @property
    def patient(self) -> Patient:
        return self.standing.plan.patient


def raise_all(fresh: list[Fresh], now: datetime) -> Counter[int]:
    """Write these flags; returns how many are new, by plan. What another run raised in this very moment is its act."""
    if not fresh:
        return Counter()
    fresh.sort(key=lambda flag: (flag.plan.pk, flag.fact.key))  # two runs then wait for each other, never both
    with acts("flag.raised", by=None) as each:
        ours = _written(fresh, now)
        raised = [flag for flag in fresh if flag.uuid in ours]
        for flag in raised:
            told = {"kind": flag.fact.kind.value, "advice": flag.fact.advice.value, "fact": flag.fact.key}
            each.add(flag, model=CardiacFlag.__name__, patient=flag.patient, reason=flag.fact.sentence, **told)
    reminders.queue_urgent([flag for flag in raised if flag.fact.advice in URGENT], now=now)
    return Counter(flag.plan.pk for flag in raised)


def _written(fresh: list[Fresh], now: datetime) -> set[uuid.UUID]:
    """Those that were not there already."""
    at = str(now)
    sql, params = inserting_all(
        CardiacFlag, [_row(flag, at) for flag in fresh], "ON CONFLICT (plan_id, fact) DO NOTHING RETURNING uuid"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {name for (name,) in cursor.fetchall()}


def _row(flag: Fresh, at: str) -> dict[str, Any]:
    fact, standing = flag.fact, flag.standing
    return {
        "uuid": str(flag.uuid),
        "patient_id": standing.plan.patient_id,
        "plan_id": standing.plan.pk,
        "assessment_id": flag.assessment.pk if flag.assessment else None,
        "kind": fact.kind,
        "fact": fact.key,
        "advice": fact.advice,
        "sentence": fact.sentence,
        "evidence": _evidence(standing, fact, flag.assessment),
        "due_on": fact.due_on,
        "state": FlagState.OPEN,
        "raised_at": at,
        "resolved_because": "",
    }


def _evidence(standing: Standing, fact: FlagFact, row: LvefAssessment | None) -> dict[str, Any]:
    """The snapshot that explains the flag whatever changes later."""
    return {
        "shown": fact.evidence,
        "inputs": {
            "baseline": _figures(standing.baseline),
            "result": _figures(row),
            "lower_limit_of_normal": str(standing.normal),
            "jurisdiction": standing.plan.patient.site.jurisdiction,
            "protocols": [f"{p.id} v{p.version}" for p in standing.protocols],
        },
    }


def _figures(row: LvefAssessment | None) -> dict[str, str] | None:
    if row is None:
        return None
    named = {"uuid": str(row.uuid), "on": str(row.performed_on)}
    return named | _measured.of(row.figures, lambda: _measured_in(row))


def _measured_in(row: LvefAssessment) -> dict[str, str]:
    return {
        "lvef": str(row.lvef),
        "modality": row.get_modality_display(),
        "lab": row.lab,
        "symptoms": row.get_symptoms_display(),
    }


_measured: Remembered[dict[str, str]] = Remembered(10_000)
