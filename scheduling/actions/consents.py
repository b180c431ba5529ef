"""A patient's signed consent to a plan's treatment is recorded, withdrawn, or said to have been recorded in error."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions.locks import lock
from scheduling.core import consent
from scheduling.models import TreatmentConsent, TreatmentPlan
from scheduling.models.consents import consents_of
from scheduling.words import ConsentEnd, PlanState


def record(*, by: User, plan: TreatmentPlan, signed_on: date, kept_in: str = "") -> TreatmentConsent:
    """Record that the patient signed for this plan's treatment on `signed_on`. Raises Refused."""
    require(by, Permission.RECORD_CONSENT)
    with act("consent.recorded", by=by, patient=plan.patient, subject=plan) as entry:
        plan = _running(plan)
        rows = list(plan.consents.all())
        _refuse(
            consent.refuse_consent(
                consents_of(rows), signed_on=signed_on, born_on=plan.patient.born_on, today=by.site.today()
            ),
            "signed_on",
        )
        made = TreatmentConsent.objects.create(plan=plan, signed_on=signed_on, kept_in=kept_in, recorded_by=by)
        entry.details = {"on": str(signed_on), "kept_in": kept_in}
    return made


def withdraw(*, by: User, plan: TreatmentPlan, on: date, note: str = "") -> TreatmentConsent:
    """Record that the patient took consent back on `on`: nothing more is given. No reason need be told."""
    require(by, Permission.RECORD_CONSENT)
    with act("consent.withdrawn", by=by, patient=plan.patient, subject=plan, reason=note) as entry:
        row = _standing(_running(plan))
        told = consents_of([row])[0] if row else None
        _refuse(consent.refuse_withdrawal(told, on=on, today=by.site.today()), "on" if row else "")
        assert row is not None  # noqa: S101 - refused above
        _end(row, by, ConsentEnd.WITHDRAWN, on, note)
        entry.details = {"on": str(on), "signed_on": str(row.signed_on)}
    return row


def recorded_in_error(*, by: User, plan: TreatmentPlan, note: str) -> TreatmentConsent:
    """Say that the consent on record was never given, and why it stands there: it never counted. Raises Refused."""
    require(by, Permission.RECORD_CONSENT)
    with act("consent.in-error", by=by, patient=plan.patient, subject=plan, reason=note) as entry:
        row = _standing(_running(plan))
        if row is None:
            raise Refused(Refusal("no-consent", "No consent stands that could be in error."))
        if not note.strip():
            sentence = "Say why it is in error."
            raise Refused(Refusal("no-reason", sentence), {"note": [sentence]})
        _end(row, by, ConsentEnd.IN_ERROR, by.site.today(), note)
        entry.details = {"signed_on": str(row.signed_on)}
    return row


def _running(plan: TreatmentPlan) -> TreatmentPlan:
    """The plan held, so that nothing is recorded as given while its consent changes."""
    plan = lock(plan, expected_revision=None)
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("not-active", "This plan has ended: its consent is history and stays as it is."))
    return plan


def _standing(plan: TreatmentPlan) -> TreatmentConsent | None:
    return plan.consents.filter(ended_at=None).first()


def _end(row: TreatmentConsent, by: User, end: ConsentEnd, on: date, note: str) -> None:
    row.end, row.ended_on, row.end_note, row.ended_at, row.ended_by = end, on, note, timezone.now(), by
    row.save(update_fields=["end", "ended_on", "end_note", "ended_at", "ended_by"])


def _refuse(refusal: Refusal | None, field: str) -> None:
    if refusal:
        raise Refused(refusal, {field: [refusal.sentence]} if field else {})
