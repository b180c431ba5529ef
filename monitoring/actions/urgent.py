"""The mail that a withhold or discontinue finding owes. It is owed with the flag, and written when it is sent.

So it names the next infusion as it then stands, and a letter that cannot be written keeps no flag from being raised.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from django.conf import settings
from django.urls import reverse

from her2tracker.accounts.models import Site, User
from monitoring.actions import letters
from monitoring.actions.decision_links import links_for
from monitoring.models import CardiacFlag, Reminder
from monitoring.models.delegations import Hearers
from monitoring.words import ReminderChannel, ReminderKind, ReminderState
from scheduling.models import CycleDay, TreatmentPlan

ABOUT = "flag:"


class Raised(Protocol):
    """What is asked of a flag that was just raised."""

    @property
    def uuid(self) -> uuid.UUID: ...
    @property
    def plan(self) -> TreatmentPlan: ...


def owed_for(flags: Sequence[Raised], *, now: datetime) -> list[dict[str, Any]]:
    """Rows of `Reminder` to each plan's responsible oncologist, or to who stands in; to every oncologist of the site
    when nobody here answers for the plan.
    """
    sites = {flag.plan.patient.site_id: flag.plan.patient.site for flag in flags}
    hearers = {pk: Hearers.of(site, now) for pk, site in sites.items()}
    days, at = {pk: site.today(now) for pk, site in sites.items()}, str(now)
    return [
        _owed(flag, user, days[flag.plan.patient.site_id], at)
        for flag in flags
        for user in hearers[flag.plan.patient.site_id].of_plan(flag.plan)
    ]


def written(reminder: Reminder) -> tuple[str, str]:
    """Text and HTML: kept as they were first sent, else as they would be sent now. Without the patient's identity."""
    if reminder.text or reminder.kind != ReminderKind.URGENT_FLAG:
        return reminder.text, reminder.html
    flag = CardiacFlag.objects.get(uuid=reminder.about.removeprefix(ABOUT))
    return _letter(flag, reminder.site)


def _letter(flag: CardiacFlag, site: Site) -> tuple[str, str]:
    following = CycleDay.objects.planned().filter(plan=flag.plan_id).order_by("planned_on").first()
    context = {"flag": flag, "next_on": following and following.planned_on, "links": links_for(flag), "site": site}
    return letters.write("urgent_flag", context | {"link": settings.PUBLIC_URL + reverse("flag", args=[flag.uuid])})


def _owed(flag: Raised, user: User, due_on: date, at: str) -> dict[str, Any]:
    """As a row: a check owes thousands, and each is made once."""
    return {
        "uuid": str(uuid.uuid4()),
        "site_id": user.site_id,
        "recipient_id": user.pk,
        "kind": ReminderKind.URGENT_FLAG,
        "about": f"{ABOUT}{flag.uuid}",
        "due_on": str(due_on),
        "channel": ReminderChannel.EMAIL,
        "address": user.email,
        "subject": "A cardiac flag needs your decision",
        "text": "",
        "html": "",
        "state": ReminderState.QUEUED,
        "attempts": 0,
        "next_try_at": at,
        "last_error": "",
        "created_at": at,
    }
