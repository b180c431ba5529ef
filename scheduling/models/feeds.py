"""Calendars as addresses that phones subscribe to: a patient's, a nurse's, a clinic's. Who has one sees no name."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded, together
from scheduling.models.patients import Patient
from scheduling.words import InfusionsOf


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def open(self) -> CalendarFeedQuerySet:
        return self.filter(revoked_at=None)


@tracked
class CalendarFeed(Recorded):
    """Only the fingerprint of its secret is kept: the address is shown once, and can be ended at any time."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="calendar_feeds")
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    language = models.CharField(max_length=12)
    discreet = models.BooleanField(default=True)  # dates without what they are for
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            together("scheduling_feed_revoked", "revoked_at", "revoked_by"),
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(revoked_at=None), name="scheduling_feed_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Calendar subscription of {self.patient}"


class InfusionFeedQuerySet(models.QuerySet["InfusionFeed"]):
    def open(self) -> InfusionFeedQuerySet:
        return self.filter(revoked_at=None)


@tracked
class InfusionFeed(Recorded):
    """Infusions as a subscription: of a site, under one's own address or the clinic's, or those a nurse has.

    Only the fingerprint of its secret is kept, as of a patient's. It never says whose infusion it is.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    assigned = models.BooleanField(default=False, db_default=False)  # only what this person has taken or was given
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = InfusionFeedQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            together("scheduling_infusion_feed_revoked", "revoked_at", "revoked_by"),
            models.UniqueConstraint(
                fields=["site", "person", "assigned"],
                condition=models.Q(revoked_at=None),
                nulls_distinct=False,
                name="scheduling_infusion_feed_one_of_each",
            ),
            models.CheckConstraint(
                condition=models.Q(assigned=False) | models.Q(person__isnull=False),
                name="scheduling_infusion_feed_assigned_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Infusions of {self.person or self.site}"

    @property
    def of(self) -> InfusionsOf:
        if self.person_id is None:
            return InfusionsOf.CLINIC
        return InfusionsOf.ASSIGNED if self.assigned else InfusionsOf.OWN
