"""The outbox: what is owed is written once, claimed by one worker, and its failures end with a person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.audit.statements import inserting_all
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions import urgent
from monitoring.models import Reminder
from monitoring.models.appointments import still_wanted
from monitoring.words import ReminderKind, ReminderState

MAX_ATTEMPTS = 6
CLAIM_LASTS = timedelta(minutes=10)  # longer than any send: a claim this old belongs to a dead worker
CHANNEL = "her2tracker_mail"  # of PostgreSQL's NOTIFY: whoever listens sends without waiting for the next poll

Send = Callable[[Reminder], None]
log = structlog.get_logger(__name__)


def queue(
    *,
    recipient: User,
    kind: ReminderKind,
    about: str,
    due_on: date,
    subject: str,
    text: str,
    html: str,
    now: datetime,
    state: ReminderState = ReminderState.QUEUED,
) -> bool:
    """Owe one message; False when it is owed or sent already. The subject names no patient.

    A message that is written down but not to be sent (an empty day) is `CANCELLED` from the start.
    """
    row = Reminder(
        uuid=uuid.uuid4(),
        site=recipient.site,
        recipient=recipient,
        kind=kind,
        about=about,
        due_on=due_on,
        address=recipient.email,
        subject=subject,
        text=text,
        html=html,
        state=state,
        next_try_at=now,
        created_at=now,
    )
    return owe([row]) == 1


def owe(rows: list[Reminder]) -> int:
    """Write what is not owed or sent already; returns how many are new."""
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    new = Reminder.objects.filter(uuid__in=[row.uuid for row in rows]).count()
    if new:
        _call()
    return new


def _call() -> None:
    """Heard when, and only if, the present transaction is committed. The database calls: Redis may be down."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def recipients(site: Site, permission: Permission) -> list[User]:
    """The active people of a site who may do `permission`."""
    return [user for user in User.objects.filter(site=site, is_active=True) if user.may(permission)]


def queue_urgent(flags: Sequence[urgent.Raised], *, now: datetime) -> int:
    """Withhold and discontinue findings go at once to whoever hears of their plans."""
    rows = urgent.owed_for(flags, now=now) if flags else []
    if not rows:
        return 0
    sql, params = inserting_all(Reminder, rows, "ON CONFLICT DO NOTHING")
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        new: int = cursor.rowcount
    if new:
        _call()
    return new


def deliver(send: Send, *, clock: Callable[[], datetime] = timezone.now, limit: int = 200) -> int:
    """Send what waits; returns how many were accepted. Safe beside any number of other workers.

    The clock is read for each message: against a slow server a run outlasts the claim it would make at its start,
    and another worker would send the same again.
    """
    now = clock()
    _give_up_on_the_deadly(now)
    sent = 0
    for pk in list(Reminder.objects.waiting(now).order_by("next_try_at").values_list("pk", flat=True)[:limit]):
        reminder = _claim(pk, clock())
        if reminder is not None:
            sent += not _is_void(reminder) and _try(reminder, send, clock)
    return sent


def _give_up_on_the_deadly(now: datetime) -> None:
    """A message whose every try ended with the worker's death must not kill workers for ever."""
    Reminder.objects.filter(state=ReminderState.SENDING, next_try_at__lte=now, attempts__gte=MAX_ATTEMPTS).update(
        state=ReminderState.FAILED, last_error="The worker stopped during each try."
    )


def _claim(pk: int, now: datetime) -> Reminder | None:
    """Conditional update: of two workers exactly one changes the row. A dead claimer's claim runs out."""
    claimed = (
        Reminder.objects.waiting(now)
        .filter(pk=pk)
        .update(state=ReminderState.SENDING, next_try_at=now + CLAIM_LASTS, attempts=F("attempts") + 1)
    )
    return Reminder.objects.select_related("recipient", "patient", "site").get(pk=pk) if claimed else None


def _is_void(reminder: Reminder) -> bool:
    """A letter to a patient waits while servers are down; by then its day may have moved."""
    if reminder.patient is None or still_wanted(reminder):
        return False
    Reminder.objects.filter(pk=reminder.pk).update(
        state=ReminderState.CANCELLED, last_error="No longer true, or no longer wanted, when it was to be sent."
    )
    return True


def _try(reminder: Reminder, send: Send, clock: Callable[[], datetime]) -> bool:
    try:
        _write(reminder)
        send(reminder)
    except Exception as error:
        # Whatever it was (a malformed address, a broken setting): this one waits, the others are sent.
        if not isinstance(error, SMTPException | OSError):
            log.exception("reminder_not_sendable", reminder=str(reminder.uuid))
        _failed(reminder, error, clock())
        return False
    # Only after the server said 250: a message counted as sent before is a message that can be lost.
    Reminder.objects.filter(pk=reminder.pk).update(state=ReminderState.SENT, sent_at=clock(), last_error="")
    return True


def _write(reminder: Reminder) -> None:
    """What is written when it is sent stays as it was first written: a later try sends the same."""
    if not reminder.text:
        reminder.text, reminder.html = urgent.written(reminder)
        Reminder.objects.filter(pk=reminder.pk).update(text=reminder.text, html=reminder.html)


def _failed(reminder: Reminder, error: Exception, now: datetime) -> None:
    """Try again later, twice as late each time; after the last try, or a final refusal, a person must act."""
    final = _is_final(error) or reminder.attempts >= MAX_ATTEMPTS
    Reminder.objects.filter(pk=reminder.pk).update(
        state=ReminderState.FAILED if final else ReminderState.QUEUED,
        last_error=f"{type(error).__name__}: {error}"[:500],
        next_try_at=now + timedelta(minutes=2**reminder.attempts),
    )


def _is_final(error: Exception) -> bool:
    """A 5xx is the server's last word; 4xx and lost connections are worth another try."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    return isinstance(error, SMTPResponseException) and 500 <= error.smtp_code < 600


def retry(*, by: User, reminder: Reminder, now: datetime) -> None:
    """A person corrected what was wrong: try again from the start, to the recipient's present address."""
    require(by, Permission.VIEW_REMINDERS)
    with act("reminder.retried", by=by, subject=reminder), transaction.atomic():
        changed = Reminder.objects.filter(pk=reminder.pk, state=ReminderState.FAILED).update(
            state=ReminderState.QUEUED, attempts=0, next_try_at=now, address=reminder.present_address
        )
        if not changed:
            raise Refused(Refusal("not-failed", "Only a message that failed can be sent again."))
        _call()
