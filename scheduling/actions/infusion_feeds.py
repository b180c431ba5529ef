"""Giving a nurse, or the clinic, infusions as a calendar to subscribe to, and taking it away again."""

from __future__ import annotations

import secrets

from django.db.models import Q
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions.feeds import fingerprint
from scheduling.models import InfusionFeed
from scheduling.models.feeds import InfusionFeedQuerySet
from scheduling.words import InfusionsOf


def open_feed(*, by: User, of: InfusionsOf = InfusionsOf.OWN) -> str:
    """The secret of a new calendar in place of any older one of the same kind, which ends at once.

    Nobody can read it again. Who cannot have infusions has none assigned either.
    """
    _may(by, of)
    secret = secrets.token_urlsafe(32)
    with act("infusion-feed.opened", by=by) as entry:
        # the site's row is the lock: two people who open at once leave one calendar
        Site.objects.select_for_update().get(pk=by.site_id)
        ended = _standing(by, of).update(revoked_at=timezone.now(), revoked_by=by)
        entry.subject = InfusionFeed.objects.create(
            site=by.site, person=None if of is InfusionsOf.CLINIC else by, assigned=of is InfusionsOf.ASSIGNED,
            fingerprint=fingerprint(secret), recorded_by=by,
        )  # fmt: skip
        entry.details = {"of": of.value, "replaced": bool(ended)}
    return secret


def revoke(*, by: User, of: InfusionsOf = InfusionsOf.OWN) -> None:
    """End the calendar of this kind. Raises Refused when there is none."""
    require(by, Permission.SHARE_CALENDAR)
    with act("infusion-feed.revoked", by=by) as entry:
        feed = _standing(by, of).select_for_update().first()
        if feed is None:
            raise Refused(Refusal("no-feed", "There is no calendar of infusions that could end."))
        feed.revoked_at, feed.revoked_by = timezone.now(), by
        feed.save(update_fields=["revoked_at", "revoked_by"])
        entry.subject = feed


def feeds_at(by: User) -> dict[str, InfusionFeed]:
    """The open calendars that `by` may end, by kind."""
    rows = InfusionFeed.objects.open().filter(site=by.site_id).filter(Q(person=by) | Q(person=None))
    return {feed.of.value: feed for feed in rows.select_related("recorded_by")}


def feed_of(secret: str) -> InfusionFeed | None:
    """The calendar an address belongs to; None for any that ended, or was never given.

    A person's own ends with the role, the account, and the move to another site, without anybody revoking it.
    """
    rows = InfusionFeed.objects.open().filter(fingerprint=fingerprint(secret)).select_related("site", "person")
    feed = rows.first()
    if feed is None:
        return None
    person = feed.person
    if person is None:
        return feed
    still = person.is_active and person.site_id == feed.site_id and _allows(person, feed.of)
    return feed if still else None


def _standing(by: User, of: InfusionsOf) -> InfusionFeedQuerySet:
    person = None if of is InfusionsOf.CLINIC else by
    return InfusionFeed.objects.open().filter(site=by.site, person=person, assigned=of is InfusionsOf.ASSIGNED)


def _may(by: User, of: InfusionsOf) -> None:
    require(by, Permission.SHARE_CALENDAR)
    if of is InfusionsOf.ASSIGNED:
        require(by, Permission.TAKE_INFUSIONS)


def _allows(person: User, of: InfusionsOf) -> bool:
    takes = of is not InfusionsOf.ASSIGNED or person.may(Permission.TAKE_INFUSIONS)
    return person.may(Permission.SHARE_CALENDAR) and takes
