"""Giving a nurse, or the clinic, its infusions as a calendar to subscribe to, and taking it away again."""

from __future__ import annotations

import secrets

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions.feeds import fingerprint
from scheduling.models import InfusionFeed


def open_feed(*, by: User, of_clinic: bool = False) -> str:
    """The secret of a new calendar, of `by` or of the clinic, in place of any older one, which ends at once.

    Nobody can read it again.
    """
    require(by, Permission.SHARE_CALENDAR)
    secret, person = secrets.token_urlsafe(32), None if of_clinic else by
    with act("infusion-feed.opened", by=by) as entry:
        # the site's row is the lock: two people who open at once leave one calendar
        Site.objects.select_for_update().get(pk=by.site_id)
        older = InfusionFeed.objects.open().filter(site=by.site, person=person)
        ended = older.update(revoked_at=timezone.now(), revoked_by=by)
        entry.subject = InfusionFeed.objects.create(
            site=by.site, person=person, fingerprint=fingerprint(secret), recorded_by=by
        )
        entry.details = {"of": "clinic" if of_clinic else "own", "replaced": bool(ended)}
    return secret


def revoke(*, by: User, of_clinic: bool = False) -> None:
    """End the calendar of `by`, or of the clinic. Raises Refused when there is none."""
    require(by, Permission.SHARE_CALENDAR)
    with act("infusion-feed.revoked", by=by) as entry:
        person = None if of_clinic else by
        feed = InfusionFeed.objects.open().select_for_update().filter(site=by.site, person=person).first()
        if feed is None:
            raise Refused(Refusal("no-feed", "There is no calendar of infusions that could end."))
        feed.revoked_at, feed.revoked_by = timezone.now(), by
        feed.save(update_fields=["revoked_at", "revoked_by"])
        entry.subject = feed


def feeds_at(by: User) -> dict[str, InfusionFeed]:
    """The open calendars that `by` may end: `own` and `clinic`."""
    rows = InfusionFeed.objects.open().filter(site=by.site_id).select_related("recorded_by")
    found = {"clinic": rows.filter(person=None).first(), "own": rows.filter(person=by).first()}
    return {name: feed for name, feed in found.items() if feed}


def site_of(secret: str) -> Site | None:
    """The site whose infusions an address shows; None for any that ended, or was never given.

    A person's own ends with the role, the account, and the move to another site, without anybody revoking it.
    """
    rows = InfusionFeed.objects.open().filter(fingerprint=fingerprint(secret)).select_related("site", "person")
    feed = rows.first()
    if feed is None:
        return None
    person = feed.person
    if person and not (person.is_active and person.site_id == feed.site_id and person.may(Permission.SHARE_CALENDAR)):
        return None
    return feed.site
