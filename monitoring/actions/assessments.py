"""Recording a measured LVEF, choosing a baseline, declaring a result not valid, booking an echo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from monitoring.actions import flags, snoozes
from monitoring.core.biomarkers import Biomarker, refuse_unsaid
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality, Symptoms
from monitoring.models import BaselineChoice, EchoBooking, LvefAssessment
from monitoring.models.baselines import candidates_of
from scheduling.models import Patient, TreatmentPlan


def record(
    *,
    by: User,
    patient: Patient,
    performed_on: date,
    lvef: Lvef,
    modality: Modality,
    symptoms: Symptoms,
    lab: str = "",
    gls_percent: Decimal | None = None,
    biomarker_rise: bool | None = None,
    biomarkers: Sequence[Biomarker] = (),
    note: str = "",
) -> LvefAssessment:
    """A result, judged at once: its flags exist when this returns, or nothing does.

    `biomarkers` are the biomarkers measured beside it, each with its laboratory's limit; whether they are a
    rise must then be said.
    """
    require(by, Permission.RECORD_ASSESSMENTS)
    _refuse_day(performed_on, patient, by)
    refuse(refuse_unsaid(biomarkers, biomarker_rise))
    row = LvefAssessment(
        patient=patient,
        performed_on=performed_on,
        modality=modality,
        lab=lab.strip(),
        lvef_low=lvef.low,
        lvef_high=lvef.high,
        lvef_low_open=lvef.low_open,
        lvef_high_open=lvef.high_open,
        gls_percent=gls_percent,
        biomarker_rise=biomarker_rise,
        symptoms=symptoms,
        note=note,
        recorded_by=by,
    )
    for one in biomarkers:
        row.measured(one)
    with act("assessment.recorded", by=by, patient=patient, subject=row) as entry:
        _refuse_twin(row)
        row.full_clean()
        row.save(force_insert=True)
        entry.details = {"lvef": str(lvef), "on": str(performed_on), "modality": modality.value}
        snoozes.end_by_result(patient)
        flags.reconcile_patient(patient, now=timezone.now())
    return row


def invalidate(*, by: User, assessment: LvefAssessment, because: str) -> LvefAssessment:
    """Declare a result not valid. It stays on record and no longer counts."""
    require(by, Permission.DECIDE_FLAGS)
    if not because.strip():
        raise Refused(Refusal("no-reason", "Say why the result is not valid."), {"because": ["Required."]})
    with act("assessment.invalidated", by=by, patient=assessment.patient, subject=assessment, reason=because):
        row = LvefAssessment.objects.select_for_update().get(pk=assessment.pk)
        if row.invalidated_at:
            raise Refused(Refusal("already-invalid", "This result was declared not valid already."))
        row.invalidated_at, row.invalidated_by, row.invalidated_because = timezone.now(), by, because.strip()
        row.save(update_fields=["invalidated_at", "invalidated_by", "invalidated_because"])
        flags.reconcile_patient(row.patient, now=timezone.now())
    return row


def choose_baseline(*, by: User, plan: TreatmentPlan, assessment: LvefAssessment, reason: str) -> BaselineChoice:
    """Pin the pre-treatment assessment that this plan's falls are counted from."""
    require(by, Permission.CHOOSE_BASELINE)
    if assessment.patient_id != plan.patient_id or assessment.invalidated_at:
        raise Refused(Refusal("not-a-baseline", "Choose a valid result of this patient."))
    if assessment not in candidates_of(plan):
        told = "Measured after this plan's first dose: as its baseline it would hide a fall. Choose an earlier result."
        raise Refused(Refusal("baseline-too-late", told), {"assessment": ["After the first dose."]})
    if not reason.strip():
        raise Refused(Refusal("no-reason", "Say why this result is the baseline."), {"reason": ["Required."]})
    with act("baseline.chosen", by=by, patient=plan.patient, subject=assessment, reason=reason) as entry:
        choice = BaselineChoice.objects.create(plan=plan, assessment=assessment, reason=reason.strip(), recorded_by=by)
        entry.details = {"lvef": str(assessment.lvef), "on": str(assessment.performed_on)}
        flags.reconcile_patient(plan.patient, now=timezone.now())
    return choice


def book_echo(*, by: User, plan: TreatmentPlan, booked_for: date, lab: str, note: str = "") -> EchoBooking:
    """An appointment at the echo lab. It is shown with its date and closes nothing."""
    require(by, Permission.BOOK_ECHOES)
    if booked_for < by.site.today():
        raise Refused(Refusal("in-the-past", "Book today or a later day."), {"booked_for": ["In the past."]})
    if not lab.strip():
        raise Refused(Refusal("no-lab", "Say where the echo is done."), {"lab": ["Required."]})
    with act("echo.booked", by=by, patient=plan.patient, subject=plan, reason=note) as entry:
        EchoBooking.objects.filter(plan=plan, cancelled_at=None, booked_for__gte=by.site.today()).update(
            cancelled_at=timezone.now()
        )
        booking = EchoBooking.objects.create(
            plan=plan, booked_for=booked_for, lab=lab.strip(), note=note, recorded_by=by
        )
        entry.details = {"for": str(booked_for), "lab": lab}
    return booking


def judge(patient: Patient) -> int:
    """Bring the patient's flags to what the facts say now; inside the act that changed them."""
    return flags.reconcile_patient(patient, now=timezone.now())


def _refuse_day(performed_on: date, patient: Patient, by: User) -> None:
    if performed_on > by.site.today():
        raise Refused(
            Refusal("in-the-future", "A result cannot be dated in the future."), {"performed_on": ["In the future."]}
        )
    if performed_on < patient.born_on:
        raise Refused(Refusal("before-birth", "The result lies before the date of birth."))


def _refuse_twin(row: LvefAssessment) -> None:
    """The same figure of the same day by the same method is the same result sent twice."""
    twin = LvefAssessment.objects.valid().filter(
        patient=row.patient,
        performed_on=row.performed_on,
        modality=row.modality,
        lvef_low=row.lvef_low,
        lvef_high=row.lvef_high,
    )
    if twin.exists():
        raise Refused(Refusal("already-recorded", "This result is on record already."))
