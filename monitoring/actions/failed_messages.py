"""What a person does about a message that did not arrive: another address, or another way."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions import reminders
from monitoring.models import Reminder
from monitoring.words import ReminderChannel, ReminderState
from scheduling.actions import patients


def correct(*, by: User, reminder: Reminder, address: str) -> None:
    """Write the right address into the patient's record, and send the message there. Both, or neither."""
    require(by, Permission.VIEW_REMINDERS)
    patient, address = reminder.patient, address.strip()
    if patient is None:
        raise Refused(Refusal("not-a-patient", "A colleague’s address is changed by an administrator, under People."))
    is_sms = reminder.channel == ReminderChannel.SMS
    if refusal := _refuse_address(address, is_sms=is_sms):
        raise Refused(refusal, {"address": [refusal.sentence]})
    with transaction.atomic():
        patients.update(by=by, patient=patient, **{"phone" if is_sms else "email": address})
        patient.refresh_from_db()
        reminders.retry(by=by, reminder=reminder, now=timezone.now())


def came_back(*, by: User | None, reminder: Reminder, why: str) -> None:
    """A message that was sent did not arrive after all: it becomes a person's task. `by` None: the mail server said so.

    Raises Refused where it was not sent, or no reason is said.
    """
    if by is not None:
        require(by, Permission.VIEW_REMINDERS)
    if not why.strip():
        told = "Say what came back: the other server’s sentence, or who told you."
        raise Refused(Refusal("words-missing", told), {"why": [told]})
    with act("reminder.came-back", by=by, patient=reminder.patient, subject=reminder, reason=why.strip()):
        # the ledger is read by people who see no patient, and servers repeat the address
        told = f"Came back: {why.strip().replace(reminder.address, 'the address')}"
        changed = Reminder.objects.filter(pk=reminder.pk, state=ReminderState.SENT).update(
            state=ReminderState.FAILED, sent_at=None, bounced_at=timezone.now(), last_error=told
        )
        if not changed:
            raise Refused(Refusal("not-sent", "Only a message that was sent can come back."))


def settle(*, by: User, reminder: Reminder, words: str) -> None:
    """The message was told another way, or is no longer needed: it is not sent again."""
    require(by, Permission.VIEW_REMINDERS)
    if not words.strip():
        told = "Say in a sentence how it was told, or why it is not needed."
        raise Refused(Refusal("words-missing", told), {"words": [told]})
    with act("reminder.settled", by=by, patient=reminder.patient, subject=reminder, reason=words.strip()):
        # the words may name the patient, and the ledger is read by people who see none: they stay in the record
        told = f"{reminder.last_error}\nSettled another way by {by}.".strip()
        changed = Reminder.objects.filter(pk=reminder.pk, state=ReminderState.FAILED).update(
            state=ReminderState.CANCELLED, last_error=told
        )
        if not changed:
            raise Refused(Refusal("not-failed", "Only a message that failed can be settled."))


def _refuse_address(address: str, *, is_sms: bool) -> Refusal | None:
    if is_sms:
        digits = sum(one.isdigit() for one in address)
        return None if digits >= 6 and len(address) <= 40 else Refusal("no-number", "Enter a telephone number.")
    try:
        validate_email(address)
    except ValidationError:
        return Refusal("no-address", "Enter an e-mail address such as name@example.org.")
    return None
