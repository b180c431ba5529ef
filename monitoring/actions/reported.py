"""LVEFs that another hospital reported, recorded with its name. They are judged once their plan is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import Part, act
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality, Symptoms
from monitoring.models import LvefAssessment
from scheduling.models import Patient


@dataclass(frozen=True, slots=True)
class Reported:
    """One LVEF as another hospital has it on record. GLS in percent."""

    performed_on: date
    lvef: Lvef
    modality: Modality
    symptoms: Symptoms
    lab: str
    gls_percent: Decimal | None
    note: str
    is_baseline: bool


def record(
    *, by: User, patient: Patient, hospital: str, results: Sequence[Reported]
) -> tuple[list[LvefAssessment], LvefAssessment | None]:
    """The results that were not on record, and the one that is the baseline there.

    Nothing is judged here: whoever calls this starts the plan, or judges the patient, in the same act.
    """
    require(by, Permission.RECORD_ASSESSMENTS)
    known = {_key(row): row for row in LvefAssessment.objects.valid().filter(patient=patient)}
    made, baseline = [], None
    with act("assessments.recorded", by=by) as entry:
        for one in results:
            row = _row(by, patient, hospital, one)
            there = known.get(_key(row))
            if there is None:
                row.full_clean()
                row.save(force_insert=True)
                known[_key(row)] = there = row
                made.append(row)
            baseline = there if one.is_baseline else baseline
        entry.details = {"count": len(made)}
        entry.parts += [Part("assessment.recorded", patient, row, _told(row)) for row in made]
    return made, baseline


def _told(row: LvefAssessment) -> dict[str, str]:
    return {"lvef": str(row.lvef), "on": str(row.performed_on), "modality": row.modality, "from": row.reported_by}


def _key(row: LvefAssessment) -> tuple[object, ...]:
    return row.performed_on, row.modality, row.lvef


def _row(by: User, patient: Patient, hospital: str, one: Reported) -> LvefAssessment:
    return LvefAssessment(
        patient=patient, performed_on=one.performed_on, modality=one.modality, lab=one.lab, symptoms=one.symptoms,
        lvef_low=one.lvef.low, lvef_high=one.lvef.high, lvef_low_open=one.lvef.low_open,
        lvef_high_open=one.lvef.high_open, gls_percent=one.gls_percent, note=one.note, reported_by=hospital,
        recorded_by=by,
    )  # fmt: skip
