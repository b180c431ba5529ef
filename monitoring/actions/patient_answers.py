"""What patients answer to a letter, and who wants none. Nothing moves by it: a person rings up and moves the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core import signing
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions.patient_letters import SALT
from monitoring.core.patient_letters import Answer
from monitoring.models import LetterOptOut, PatientAnswer, Reminder
from monitoring.models.appointments import Appointment, announced, standing, standing_keys
from monitoring.words import ReminderChannel
from scheduling.models import Patient

MOST_ANSWERS = 10  # to one letter: more are a machine's, or somebody's who needs to be rung up


@dataclass(frozen=True, slots=True)
class Asked:
    """One letter as its page shows it; without `appointment` when the day is past or no longer stands."""

    reminder: Reminder
    patient: Patient
    appointment: Appointment | None
    answers: int

    @property
    def is_open(self) -> bool:
        return self.appointment is not None

    @property
    def is_full(self) -> bool:
        return self.answers >= MOST_ANSWERS


def asked(key: str) -> Asked | None:
    """The letter that a link belongs to; None for a link that nobody wrote."""
    try:
        found = UUID(signing.loads(key, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    reminder = Reminder.objects.select_related("patient", "site").filter(uuid=found, patient__isnull=False).first()
    if reminder is None or reminder.patient is None:
        return None
    is_past = reminder.due_on < reminder.site.today()
    return Asked(reminder, reminder.patient, None if is_past else standing(reminder), reminder.answers.count())


def answer(*, of: Asked, said: Answer, words: str = "", now: datetime) -> PatientAnswer:
    """From the patient herself, by her letter's link. The last one counts; the day stays as it is."""
    refuse_spent(of)
    reminder = of.reminder
    with act("patient.answered", by=None, patient=of.patient, reason=words) as entry:
        row = PatientAnswer.objects.create(
            patient=of.patient, reminder=reminder, answer=said, words=words[:300], answered_at=now
        )
        entry.subject = row
        entry.details = {"answer": said.value, "on": str(reminder.due_on)}
    return row


def refuse_spent(of: Asked) -> None:
    if not of.is_open:
        raise Refused(Refusal("past", "This appointment is no longer to be answered here."))
    if of.is_full:
        raise Refused(Refusal("answered-often", "This letter was answered many times."))


def stop(*, of: Asked, now: datetime) -> None:
    """From the patient herself: no more letters over this channel. Again changes nothing."""
    channel = ReminderChannel(of.reminder.channel)
    if not _is_stopped(of.patient, channel):
        _stop(None, of.patient, channel, now)


def opt_out(*, by: User, patient: Patient, channel: ReminderChannel) -> LetterOptOut:
    """Said on the telephone or at the desk."""
    require(by, Permission.SHARE_CALENDAR)
    if _is_stopped(patient, channel):
        raise Refused(Refusal("opted-out-already", f"No letters go out by {channel.in_sentence} already."))
    return _stop(by, patient, channel, timezone.now())


def opt_in(*, by: User, patient: Patient, channel: ReminderChannel) -> None:
    """Wanted again."""
    require(by, Permission.SHARE_CALENDAR)
    with act("patient.letters-resumed", by=by, patient=patient) as entry:
        row = LetterOptOut.objects.in_force().select_for_update().filter(patient=patient, channel=channel).first()
        if row is None:
            raise Refused(Refusal("not-opted-out", f"Letters go out by {channel.in_sentence}: nothing to take back."))
        row.ended_at, row.ended_by = timezone.now(), by
        row.save(update_fields=["ended_at", "ended_by"])
        entry.subject, entry.details = row, {"channel": channel.value}


def settle(*, by: User, answer: PatientAnswer, settlement: str) -> None:
    """The coordinator rang up: what was agreed. The day itself is moved where days are moved."""
    require(by, Permission.VIEW_QUEUE)
    with act("patient.request-settled", by=by, patient=answer.patient, subject=answer, reason=settlement):
        row = PatientAnswer.objects.select_for_update().get(pk=answer.pk)
        if row.settled_at is not None:
            raise Refused(Refusal("settled-already", f"{row.settled_by} settled this already."))
        if row.answer != Answer.OTHER_DAY:
            raise Refused(Refusal("nothing-asked", "The patient will come: nothing is to be settled."))
        row.settled_at, row.settled_by, row.settlement = timezone.now(), by, settlement
        row.save(update_fields=["settled_at", "settled_by", "settlement"])


def waiting(site: Site, today: date) -> list[PatientAnswer]:
    """Requests for another day that nobody settled: the last answer to each day that still stands. Soonest first."""
    rows = PatientAnswer.objects.filter(patient__site=site, reminder__due_on__gte=today)
    rows = rows.select_related("patient", "reminder").order_by("-answered_at", "-id")
    last: dict[tuple[str, date], PatientAnswer] = {}
    for row in rows:
        last.setdefault((announced(row.reminder)[1], row.reminder.due_on), row)
    asks = [row for row in last.values() if row.answer == Answer.OTHER_DAY and row.settled_at is None]
    if not asks:
        return []
    stands = standing_keys(site, today, max(row.reminder.due_on for row in asks))
    found = [row for row in asks if (announced(row.reminder)[1], row.reminder.due_on) in stands]
    return sorted(found, key=lambda row: (row.reminder.due_on, row.answered_at))


def _is_stopped(patient: Patient, channel: str) -> bool:
    return LetterOptOut.objects.in_force().filter(patient=patient, channel=channel).exists()


def _stop(by: User | None, patient: Patient, channel: ReminderChannel, now: datetime) -> LetterOptOut:
    with act("patient.letters-stopped", by=by, patient=patient) as entry:
        row = LetterOptOut.objects.create(patient=patient, channel=channel, since=now, recorded_by=by)
        entry.subject, entry.details = row, {"channel": channel.value, "by_link": by is None}
    return row
