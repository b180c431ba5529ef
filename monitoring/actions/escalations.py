"""What nobody decided climbs the ladder. The core says what is owed; each step is written down once."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.urls import reverse

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from monitoring.actions import letters, reminders
from monitoring.actions.decision_links import links_for
from monitoring.core.escalation import Ladder, Owed, Recipient, owed
from monitoring.models import CardiacFlag, CardiacPolicy, FlagEscalation
from monitoring.models.delegations import Hearers
from monitoring.words import FlagState, ReminderKind

log = structlog.get_logger(__name__)


class EscalationFailed(Exception):
    """Some flags could not be passed on; the next run takes them up."""


def escalate(site: Site, *, now: datetime) -> int:
    """Write every step that is owed at this site; returns how many.

    An overdue LVEF waits for a result, not for a decision, and is in each day's digest already.
    Raises EscalationFailed, after all the others, when some could not be written.
    """
    rows = CardiacFlag.objects.at(site).open().waiting_for_decision().select_related("patient__site", "plan")
    ladder, hearers = CardiacPolicy.of(site).ladder, Hearers.of(site, now)
    taken, failed = 0, 0
    for flag in rows.prefetch_related("escalations", "snoozes"):
        try:
            taken += _climb(flag, ladder, hearers)
        except Exception:
            # One flag's trouble must not keep the others from their people; it is logged, counted and raised below.
            log.exception("flag_not_escalated", flag=str(flag.uuid))
            failed += 1
    if failed:
        raise EscalationFailed(f"{failed} flags could not be passed on")
    return taken


def _climb(flag: CardiacFlag, ladder: Ladder, hearers: Hearers) -> int:
    """Hours in which it was put off do not count."""
    snoozes = [row.core for row in flag.snoozes.all()]
    steps = owed(ladder, flag=str(flag.uuid), opened_at=flag.raised_at, now=hearers.at, snoozes=snoozes)
    known = {row.step for row in flag.escalations.all()}
    return sum(_tell(flag, one, hearers) for one in steps if one.step.id not in known)


def _tell(flag: CardiacFlag, one: Owed, hearers: Hearers) -> bool:
    """False when it was decided, or another run wrote this step, in this very moment."""
    try:
        with act("flag.escalated", by=None, patient=flag.patient, subject=flag) as entry:
            _lock_open(flag)
            row, is_new = FlagEscalation.objects.get_or_create(
                flag=flag,
                step=one.step.id,
                defaults={
                    "recipient": one.step.to,
                    "after_hours": one.step.after_hours,
                    "owed_since": one.since,
                    "told_at": hearers.at,
                    "mails": _mail(flag, one, hearers) if one.step.by_mail else 0,
                },
            )
            if not is_new:
                raise _NotOwed
            entry.details = {"step": row.step, "after_hours": row.after_hours, "to": row.recipient}
    except _NotOwed:
        return False
    return True


class _NotOwed(Exception):
    """Leaving the act by it takes the act back."""


def _lock_open(flag: CardiacFlag) -> None:
    """A decision signed since the flag was read ends the climb: nobody hears of what is decided."""
    if not CardiacFlag.objects.select_for_update().filter(pk=flag.pk, state=FlagState.OPEN).exists():
        raise _NotOwed


def _mail(flag: CardiacFlag, one: Owed, hearers: Hearers) -> int:
    """To everybody the step names, without the patient's identity; returns how many mails are owed."""
    site = flag.patient.site
    context = {"flag": flag, "step": one.step, "link": settings.PUBLIC_URL + reverse("flag", args=[flag.uuid])}
    context |= {"site": site, "decides": one.step.to is not Recipient.COORDINATOR, "links": links_for(flag)}
    text, html = letters.write("escalation", context)
    return sum(
        reminders.queue(
            recipient=person,
            kind=ReminderKind.ESCALATION,
            about=one.key,
            due_on=site.today(one.since),
            subject=f"A cardiac flag has waited {one.step.after_hours} hours for a decision",
            text=text,
            html=html,
            now=hearers.at,
        )
        for person in _who(flag, one.step.to, hearers)
    )


def _who(flag: CardiacFlag, to: Recipient, hearers: Hearers) -> list[User]:
    if to is Recipient.COORDINATOR:
        return reminders.recipients(flag.patient.site, Permission.VIEW_QUEUE)
    return hearers.of_lead() if to is Recipient.LEAD else hearers.of_plan(flag.plan)
