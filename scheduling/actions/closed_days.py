"""Closing the site on one day, and opening it again. No cycle moves: somebody decides each one."""

from __future__ import annotations

from datetime import date

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.models import ClosedDay


def close(*, by: User, on: date, name: str) -> ClosedDay:
    """Mark `on` as closed. Refused for a day that has passed, or is marked already."""
    require(by, Permission.MANAGE_SITE)
    if not name.strip():
        raise Refused(Refusal("no-name", "Say why the site is closed: plans show it."))
    if on < by.site.today():
        raise Refused(Refusal("day-passed", f"{in_words(on)} has passed. Choose today or a later day."))
    with act("day.closed", by=by) as entry:
        # the site's row is the lock: two people who close the same day get one row and one refusal
        Site.objects.select_for_update().get(pk=by.site_id)
        if ClosedDay.objects.filter(site=by.site, on=on).exists():
            raise Refused(Refusal("day-closed-already", f"{in_words(on)} is marked as closed already."))
        day = ClosedDay.objects.create(site=by.site, on=on, name=name.strip())
        entry.subject = day
        entry.details = {"on": str(on), "name": day.name}
    return day


def reopen(*, by: User, day: ClosedDay) -> None:
    """Take the mark away. Refused when somebody else did so first."""
    require(by, Permission.MANAGE_SITE)
    with act("day.reopened", by=by, subject=day) as entry:
        if not ClosedDay.objects.filter(pk=day.pk, site=by.site).delete()[0]:
            raise Refused(Refusal("day-open-already", "This day was opened by somebody else meanwhile."))
        entry.details = {"on": str(day.on), "name": day.name}
