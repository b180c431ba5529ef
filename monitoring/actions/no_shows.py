"""Somebody did not come to the echo. What is due stays due: the clock goes on, and a coordinator books again."""

from __future__ import annotations

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.models import EchoBooking, EchoNoShow, LvefAssessment


def record(*, by: User, booking: EchoBooking, words: str = "") -> EchoNoShow:
    """For an appointment of today or earlier that still stands and has no result."""
    require(by, Permission.BOOK_ECHOES)
    patient = booking.plan.patient
    with act("echo.not-attended", by=by, patient=patient, reason=words.strip()) as entry:
        row = EchoBooking.objects.select_for_update().get(pk=booking.pk)
        _refuse(row, by)
        made = EchoNoShow.objects.create(booking=row, words=words.strip()[:300], recorded_by=by)
        entry.subject, entry.details = made, {"for": str(row.booked_for), "lab": row.lab}
    return made


def settle(*, by: User, no_show: EchoNoShow, settlement: str) -> None:
    """Say why no new appointment is made because of it. What is due by the protocol stays due."""
    require(by, Permission.BOOK_ECHOES)
    if not settlement.strip():
        told = "Say in a sentence why it is settled."
        raise Refused(Refusal("words-missing", told), {"settlement": [told]})
    patient = no_show.booking.plan.patient
    with act("echo.no-show-settled", by=by, patient=patient, subject=no_show, reason=settlement.strip()) as entry:
        row = EchoNoShow.objects.select_for_update().get(pk=no_show.pk)
        if row.settled_at is not None:
            raise Refused(Refusal("settled-already", f"{row.settled_by} settled this already."))
        row.settled_at, row.settled_by, row.settlement = timezone.now(), by, settlement.strip()[:300]
        row.save(update_fields=["settled_at", "settled_by", "settlement"])
        entry.details = {"for": str(no_show.booking.booked_for)}


def _refuse(row: EchoBooking, by: User) -> None:
    if row.cancelled_at is not None:
        raise Refused(Refusal("cancelled", "This appointment was replaced by another one."))
    if row.booked_for > by.site.today():
        told = f"It is booked for {in_words(row.booked_for)}: nobody can have stayed away yet."
        raise Refused(Refusal("not-yet", told))
    if known := EchoNoShow.objects.filter(booking=row).select_related("recorded_by").first():
        raise Refused(Refusal("told-already", f"{known.recorded_by} recorded this already."))
    results = LvefAssessment.objects.valid().filter(patient=row.plan.patient_id, performed_on__gte=row.booked_for)
    if results.exists():
        raise Refused(Refusal("result-on-record", "A result of that day or later is on record."))
