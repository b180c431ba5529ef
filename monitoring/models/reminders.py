"""The outbox that is also the history, and the heartbeat of every sweep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from her2tracker.accounts.models import Site, User
from her2tracker.audit.history import tracked
from monitoring.words import ReminderChannel, ReminderKind, ReminderState, SweepName
from scheduling.models import Patient
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
    # To somebody who works here, or to a patient.
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders"
    )
    patient = models.ForeignKey(
        "scheduling.Patient", null=True, blank=True, on_delete=models.CASCADE, related_name="letters"
    )
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
    bounced_at = models.DateTimeField(null=True, blank=True)  # it was accepted, and came back afterwards

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "about", "due_on", "channel"], name="monitoring_reminder_once"
            ),
            models.UniqueConstraint(
                fields=["patient", "about", "due_on", "channel"],
                condition=Q(recipient=None),
                name="monitoring_letter_once",
            ),
            models.CheckConstraint(
                condition=Q(recipient=None) ^ Q(patient=None), name="monitoring_reminder_to_one_person"
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

    @property
    def to(self) -> User | Patient:
        """Who is meant. One of the two is there: the database's own CHECK."""
        return self.recipient or self.patient  # type: ignore[return-value]

    @property
    def present_address(self) -> str:
        """Where it would go today."""
        if self.patient is not None and self.channel == ReminderChannel.SMS:
            return self.patient.phone
        return self.to.email


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
