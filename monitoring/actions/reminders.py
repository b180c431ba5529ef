"""The outbox: what is owed is written once, claimed by one worker, and its failures end with a person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions import letters
from monitoring.actions.decision_links import links_for
from monitoring.models import CardiacFlag, Reminder
from monitoring.models.appointments import still_wanted
from monitoring.models.delegations import Hearers
from monitoring.words import ReminderKind, ReminderState
from scheduling.models import CycleDay

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


def queue_urgent(flags: Sequence[CardiacFlag], *, now: datetime) -> int:
    """Withhold and discontinue findings go at once to each plan's responsible oncologist, or to who stands in.

    Without the patient's identity; to every oncologist of the site when nobody here answers for the plan.
    """
    sites = {flag.patient.site_id: flag.patient.site for flag in flags}
    hearers = {pk: Hearers.of(site, now) for pk, site in sites.items()}
    next_on = _next_infusions({flag.plan_id for flag in flags})
    rows = []
    for flag in flags:
        site = sites[flag.patient.site_id]
        text, html = _urgent_letter(flag, site, next_on.get(flag.plan_id))
        people = hearers[site.pk].of_plan(flag.plan)
        rows += [_urgent(flag, user, site.today(now), text, html, now) for user in people]
    return owe(rows) if rows else 0


def _next_infusions(plans: Iterable[int]) -> dict[int, date]:
    planned = CycleDay.objects.planned().filter(plan__in=plans).order_by().values_list("plan_id")
    return dict(planned.annotate(Min("planned_on")))


def _urgent_letter(flag: CardiacFlag, site: Site, next_on: date | None) -> tuple[str, str]:
    context = {"flag": flag, "next_on": next_on, "links": links_for(flag), "site": site}
    return letters.write("urgent_flag", context | {"link": settings.PUBLIC_URL + reverse("flag", args=[flag.uuid])})


def _urgent(flag: CardiacFlag, user: User, due_on: date, text: str, html: str, now: datetime) -> Reminder:
    return Reminder(
        uuid=uuid.uuid4(),
        site=user.site,
        recipient=user,
        kind=ReminderKind.URGENT_FLAG,
        about=f"flag:{flag.uuid}",
        due_on=due_on,
        address=user.email,
        subject="A cardiac flag needs your decision",
        text=text,
        html=html,
        next_try_at=now,
        created_at=now,
    )


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
