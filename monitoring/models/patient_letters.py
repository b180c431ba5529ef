"""Letters to patients: what a site chose, who wants none, and what patients answered."""

from __future__ import annotations

import uuid
from datetime import time

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from monitoring.core.patient_letters import Answer, LetterKind, Wording
from monitoring.models.reminders import Reminder
from monitoring.words import ReminderChannel
from scheduling.models import Patient
from scheduling.models.base import Recorded, choices, one_of, together


def _leads() -> list[int]:
    """A week before, and the day before: how clinics ring up. Not a clinical figure."""
    return [7, 1]


def _lead_days() -> ArrayField[list[int], list[int]]:
    day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(60)])
    return ArrayField(day, size=4, default=_leads)


@tracked
class PatientLetterSettings(models.Model):
    """One row per site; absent or off: patients are written nothing."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="patient_letters")
    is_on = models.BooleanField(default=False)
    infusion_lead_days = _lead_days()
    examination_lead_days = _lead_days()
    send_from = models.TimeField(default=time(9))
    by_sms = models.BooleanField(default=False)
    tells_moved = models.BooleanField(default=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    pause_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [together("monitoring_letters_paused", "paused_at", "paused_by")]

    def __str__(self) -> str:
        return f"Letters to patients of {self.site}"

    @property
    def writes(self) -> bool:
        return self.is_on and self.paused_at is None


@tracked
class LetterWording(Recorded):
    """A site's own words for one kind of letter in one language, in place of those shipped."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="letter_wordings")
    kind = models.CharField(max_length=12, choices=choices(LetterKind))
    language = models.CharField(max_length=12)
    subject = models.CharField(max_length=80)
    text = models.TextField(max_length=2000)
    sms = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "kind", "language"], name="monitoring_wording_once"),
            one_of("kind", LetterKind, "monitoring_wording_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.language} at {self.site}"

    def to_core(self) -> Wording:
        return Wording(self.subject, self.text, self.sms)


class OptOutQuerySet(models.QuerySet["LetterOptOut"]):
    def in_force(self) -> OptOutQuerySet:
        return self.filter(ended_at=None)


@tracked
class LetterOptOut(models.Model):
    """She wants no letters over this channel. `recorded_by` is empty where she said so herself by a letter's link."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="letter_opt_outs")
    channel = models.CharField(max_length=10, choices=choices(ReminderChannel))
    since = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = OptOutQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            one_of("channel", ReminderChannel, "monitoring_opt_out_channel_known"),
            together("monitoring_opt_out_ended", "ended_at", "ended_by"),
            models.UniqueConstraint(
                fields=["patient", "channel"], condition=Q(ended_at=None), name="monitoring_opt_out_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient}: no {self.channel}"


@tracked
class PatientAnswer(models.Model):
    """What she pressed in a letter. Nothing moves by it: asking for another day is a task for the coordinator."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="letter_answers")
    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="answers")
    answer = models.CharField(max_length=10, choices=choices(Answer))
    words = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    settlement = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-answered_at", "-id"]
        constraints = [
            one_of("answer", Answer, "monitoring_answer_known"),
            together("monitoring_answer_settled", "settled_at", "settled_by"),
        ]
        indexes = [
            models.Index(
                fields=["patient"],
                condition=Q(answer=Answer.OTHER_DAY.value, settled_at=None),
                name="monitoring_answer_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient}: {self.get_answer_display()}"
