"""A check that left plans alone wrongly: on record, and on every page until an administrator has seen it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.models import CheckFault


def note(site: Site, *, plans: int, not_before: date, now: datetime) -> CheckFault:
    """A full check had to change the flags of so many plans that had been left alone since `not_before` at most."""
    with act("check.fault-found", by=None) as entry:
        made = CheckFault.objects.create(site=site, plans=plans, not_before=not_before, found_at=now)
        entry.subject = made
        entry.details = {"plans": plans, "not_before": str(not_before)}
    return made


def see(*, by: User, fault: CheckFault, because: str) -> CheckFault:
    """An administrator has looked into it. The reason says what was found out, and what was done."""
    require(by, Permission.MANAGE_SITE)
    because = because.strip()
    if not because:
        sentence = "Say what you found out, and who was told."
        raise Refused(Refusal("reason-missing", sentence), {"because": [sentence]})
    with act("check.fault-seen", by=by, subject=fault, reason=because) as entry:
        row = CheckFault.objects.select_for_update().get(pk=fault.pk)
        if row.seen_at is not None:
            raise Refused(Refusal("seen-already", f"{row.seen_by} has marked this as seen already."))
        row.seen_at, row.seen_by, row.seen_because = timezone.now(), by, because
        row.save(update_fields=["seen_at", "seen_by", "seen_because"])
        entry.details = {"plans": row.plans}
    return row
