"""The outbox that is also the history, and the heartbeat of every sweep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from monitoring.words import ReminderKind, ReminderState, SweepName
from scheduling.models.base import choices, one_of


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def waiting(self, now: object) -> ReminderQuerySet:
        """Due for a try, or claimed so long ago that whoever claimed it must have died."""
        return self.filter(state__in=[ReminderState.QUEUED, ReminderState.SENDING], next_try_at__lte=now)


@tracked
class Reminder(models.Model):
    """One message to one person about one thing on one due date over one channel, ever."""

    uuid = models.UUIDField(unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="reminders")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=16, choices=choices(ReminderKind))
    about = models.CharField(max_length=120)
    due_on = models.DateField()
    channel = models.CharField(max_length=10, default="email")
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=160)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=choices(ReminderState), default=ReminderState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "about", "due_on", "channel"], name="monitoring_reminder_once"
            ),
            one_of("kind", ReminderKind, "monitoring_reminder_kind_known"),
            one_of("state", ReminderState, "monitoring_reminder_state_known"),
            models.CheckConstraint(
                condition=Q(state=ReminderState.SENT) ^ Q(sent_at=None), name="monitoring_reminder_sent_when"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=[ReminderState.QUEUED, ReminderState.SENDING]),
                name="monitoring_reminder_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.address}: {self.state}"


class SweepRun(models.Model):
    """A sweep's heartbeat. Pages show the last one and turn red when there is none for too long."""

    name = models.CharField(max_length=40, choices=[(s.value, s.value) for s in SweepName])
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, related_name="sweeps")
    business_date = models.DateField()
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    runs = models.PositiveIntegerField(default=1)
    changed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            # One row per sweep, site and day: double runs are harmless, a missing day is visible.
            models.UniqueConstraint(
                fields=["name", "site", "business_date"], name="monitoring_sweep_once_a_day", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.business_date}"
