"""Answering the risk proforma. The level is computed here, from what was said; nobody types a level."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.catalog import risk as catalog
from monitoring.core.lvef import Lvef
from monitoring.core.risk import Answers, Measure, score
from monitoring.models import RiskAssessment
from monitoring.models.risk import answers_to_store
from scheduling.models import Patient

# Not medical limits: outside them a unit or a decimal point was mistaken.
PLAUSIBLE = {
    Measure.AGE: (Decimal(0), Decimal(130)),
    Measure.BMI: (Decimal(8), Decimal(120)),
    Measure.SYSTOLIC: (Decimal(30), Decimal(350)),
    Measure.DIASTOLIC: (Decimal(10), Decimal(250)),
    Measure.HBA1C: (Decimal(2), Decimal(25)),
    Measure.HBA1C_SI: (Decimal(5), Decimal(250)),
    Measure.EGFR: (Decimal(0), Decimal(250)),
}


def record(*, by: User, patient: Patient, answers: Answers, note: str = "") -> RiskAssessment:
    """Score the answers by the newest proforma and keep both. What was left out is unknown, never a no."""
    require(by, Permission.RECORD_ASSESSMENTS)
    proforma = catalog.proforma()
    _refuse_implausible(answers)
    try:
        found = score(proforma, answers)
    except KeyError as unknown:
        raise Refused(Refusal("unknown-factor", str(unknown.args[0])), {"said": [str(unknown.args[0])]}) from unknown
    row = RiskAssessment(
        patient=patient,
        proforma=proforma.id,
        version=proforma.version,
        answers=answers_to_store(answers),
        points=found.points,
        level=found.level,
        could_be=found.could_be,
        note=note.strip(),
        recorded_by=by,
        recorded_at=timezone.now(),
    )
    with act("risk.assessed", by=by, patient=patient, subject=row) as entry:
        row.full_clean()
        row.save(force_insert=True)
        named = f"{proforma.id} v{proforma.version}"
        entry.details = {"level": found.level.value, "points": found.points, "proforma": named}
    return row


def _refuse_implausible(answers: Answers) -> None:
    for measure, figure in answers.measured.items():
        if isinstance(figure, Lvef):
            continue
        low, high = PLAUSIBLE[measure]
        if not low <= figure <= high:
            sentence = f"{measure.label}: {figure} cannot be meant. Check figure and unit."
            raise Refused(Refusal("implausible", sentence), {measure.value: [sentence]})
