"""Registering people, their measurements and tumour; merging records that were one person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pghistory.models
from django.db import IntegrityError, transaction
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.models import BodyMeasurement, CalendarFeed, Patient, PreviousMrn, TumourProfile

IDENTITY = ("mrn", "family_name", "given_name", "born_on", "sex", "phone", "email", "language", "allergies")
TUMOUR = (
    "size_mm", "nodes_positive", "er", "pr", "her2", "neoadjuvant_therapy",
    "residual_disease", "surgery_on", "chemotherapy_cycles", "chemotherapy_ended_on",
    "anthracycline",
)  # fmt: skip


def register(*, by: User, **fields: Any) -> Patient:
    """A new patient at `by`'s site. Raises Refused when the MRN is, or was, somebody's."""
    require(by, Permission.EDIT_PATIENTS)
    patient = Patient(site=by.site, recorded_by=by, **{name: fields[name] for name in IDENTITY if name in fields})
    _check_person(patient, by)
    with act("patient.registered", by=by, patient=patient, subject=patient):
        _refuse_taken_mrn(patient)
        _save_new_mrn(patient)
    return patient


def update(*, by: User, patient: Patient, **fields: Any) -> Patient:
    """Change identity or contact. A changed MRN is kept as a previous one, so it still finds her."""
    require(by, Permission.EDIT_PATIENTS)
    with act("patient.updated", by=by, patient=patient, subject=patient) as entry:
        patient = Patient.objects.select_for_update().get(pk=patient.pk)
        changed = {
            name: value for name, value in fields.items() if name in IDENTITY and getattr(patient, name) != value
        }
        old_mrn = patient.mrn
        for name, value in changed.items():
            setattr(patient, name, value)
        _check_person(patient, by)
        if "mrn" in changed:
            _refuse_taken_mrn(patient)
            PreviousMrn.objects.create(site=patient.site, patient=patient, mrn=old_mrn, recorded_by=by)
        _save_new_mrn(patient)
        entry.details = {"changed": sorted(changed)}
    return patient


def merge(*, by: User, patient: Patient, into: Patient, reason: str) -> Patient:
    """Two records of one person: what `patient` has moves to `into`, and its MRN still finds her."""
    require(by, Permission.EDIT_PATIENTS)
    if patient.pk == into.pk or patient.site_id != into.site_id:
        raise Refused(Refusal("cannot-merge", "Choose another record of the same person at this site."))
    if patient.plans.exists() and into.plans.exists():
        raise Refused(
            Refusal("both-treated", "Both records have treatment plans. Cease one plan as entered in error first.")
        )
    with act("patient.merged", by=by, patient=into, subject=patient, reason=reason) as entry:
        # its address went to one person's phone; the record that goes on may have one of its own
        CalendarFeed.objects.open().filter(patient=patient).update(revoked_at=timezone.now(), revoked_by=by)
        _move_related_rows(patient, into)
        PreviousMrn.objects.create(site=into.site, patient=into, mrn=patient.mrn, recorded_by=by)
        Patient.objects.filter(pk=patient.pk).update(merged_into=into)
        entry.details = {"from_mrn": patient.mrn, "into_mrn": into.mrn}
    return into


def measure(
    *, by: User, patient: Patient, measured_on: date, weight_kg: Decimal | None = None, height_cm: Decimal | None = None
) -> BodyMeasurement:
    """A dated weight (kg), height (cm), or both."""
    require(by, Permission.RECORD_MEASUREMENTS)
    refuse_future(measured_on, by.site.today())
    row = BodyMeasurement(
        patient=patient, measured_on=measured_on, weight_kg=weight_kg, height_cm=height_cm, recorded_by=by
    )
    with act("measurement.recorded", by=by, patient=patient, subject=row) as entry:
        row.full_clean()
        row.save(force_insert=True)
        entry.details = measured(row)
    return row


def refuse_future(measured_on: date, today: date) -> None:
    if measured_on > today:
        raise Refused(Refusal("in-the-future", "A measurement cannot be dated in the future."))


def measured(row: BodyMeasurement) -> dict[str, str]:
    """What the act log keeps of a measurement."""
    weight_kg, height_cm = row.weight_kg or "", row.height_cm or ""
    return {"weight_kg": str(weight_kg), "height_cm": str(height_cm), "on": str(row.measured_on)}


def check_fields(patient: Patient) -> None:
    """Raises Django's ValidationError for what a column would not take. Asks the database nothing."""
    patient.clean_fields(exclude=["site", "recorded_by", "merged_into"])


def describe_tumour(*, by: User, patient: Patient, **fields: Any) -> TumourProfile:
    """What is known of the tumour; fields left out keep what was recorded."""
    require(by, Permission.EDIT_PATIENTS)
    profile = TumourProfile.objects.filter(patient=patient).first() or TumourProfile(patient=patient, recorded_by=by)
    for name in TUMOUR:
        if name in fields:
            setattr(profile, name, fields[name])
    if profile.surgery_on and profile.surgery_on < patient.born_on:
        raise Refused(Refusal("before-birth", "Surgery cannot lie before the date of birth."))
    if profile.chemotherapy_ended_on and profile.chemotherapy_ended_on < patient.born_on:
        raise Refused(Refusal("before-birth", "Chemotherapy cannot end before the date of birth."))
    with act("tumour.described", by=by, patient=patient, subject=profile):
        profile.full_clean()
        profile.save()
    return profile


def _move_related_rows(patient: Patient, into: Patient) -> None:
    """Whatever points at a patient, in this app or in one that builds on it; a profile both have stays."""
    for relation in Patient._meta.related_objects:
        if issubclass(relation.related_model, pghistory.models.Event):
            continue  # history tells of the row it happened to, and is append-only
        name = relation.field.name
        rows = relation.related_model._default_manager.filter(**{name: patient})
        if relation.one_to_one and relation.related_model._default_manager.filter(**{name: into}).exists():
            continue
        rows.update(**{name: into})


def _check_person(patient: Patient, by: User) -> None:
    patient.full_clean(validate_constraints=False)
    if patient.born_on > by.site.today():
        raise Refused(Refusal("in-the-future", "The date of birth lies in the future."))


def _refuse_taken_mrn(patient: Patient) -> None:
    taken = PreviousMrn.objects.filter(site=patient.site, mrn=patient.mrn).exclude(patient_id=patient.pk)
    other = Patient.objects.filter(site=patient.site, mrn=patient.mrn).exclude(pk=patient.pk)
    if taken.exists() or other.exists():
        raise _mrn_taken()


def _save_new_mrn(patient: Patient) -> None:
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError as error:  # somebody registered the same number in this very moment
        if "mrn" not in str(error):
            raise
        raise _mrn_taken() from error


def _mrn_taken() -> Refused:
    sentence = "This MRN already belongs to another patient of this site. Search for it before registering again."
    return Refused(Refusal("mrn-taken", sentence), {"mrn": [sentence]})
