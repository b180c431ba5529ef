"""Giving a patient's phone a calendar to subscribe to, and taking it away again."""

from __future__ import annotations

import hashlib
import secrets

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.models import CalendarFeed, Patient


def open_feed(*, by: User, patient: Patient, language: str, discreet: bool = True) -> str:
    """The secret of a new subscription, in place of any older one, which ends at once. Nobody can read it again."""
    require(by, Permission.SHARE_CALENDAR)
    secret = secrets.token_urlsafe(32)
    with act("feed.opened", by=by, patient=patient) as entry:
        # the patient's row is the lock: two people who open at once leave one subscription
        Patient.objects.select_for_update().get(pk=patient.pk)
        ended = CalendarFeed.objects.open().filter(patient=patient).update(revoked_at=timezone.now(), revoked_by=by)
        entry.subject = CalendarFeed.objects.create(
            patient=patient, fingerprint=fingerprint(secret), language=language, discreet=discreet, recorded_by=by
        )
        entry.details = {"language": language, "discreet": discreet, "replaced": bool(ended)}
    return secret


def revoke(*, by: User, patient: Patient) -> None:
    """End the subscription. Refused when there is none."""
    require(by, Permission.SHARE_CALENDAR)
    with act("feed.revoked", by=by, patient=patient) as entry:
        feed = CalendarFeed.objects.open().select_for_update().filter(patient=patient).first()
        if feed is None:
            raise Refused(Refusal("no-feed", "This patient has no calendar subscription that could end."))
        feed.revoked_at, feed.revoked_by = timezone.now(), by
        feed.save(update_fields=["revoked_at", "revoked_by"])
        entry.subject = feed


def feed_of(secret: str) -> CalendarFeed | None:
    """The open subscription behind an address; None for any other."""
    return (
        CalendarFeed.objects.open()
        .filter(fingerprint=fingerprint(secret))
        .select_related("patient__site", "patient__merged_into__site")
        .first()
    )


def fingerprint(secret: str) -> str:
    """What the database keeps. The secret is random and long, so an unsalted hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
