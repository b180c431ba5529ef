"""The act log. No foreign keys: the log never blocks or changes live data, and survives it."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.utils import timezone


def no_truncate() -> pgtrigger.Trigger:
    """Append-only by row does not cover TRUNCATE. The test database alone lifts this one."""
    return pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
    )


class Act(models.Model):
    """One thing a person (or a check) did: a clinical write, a decision, a denial, a chart opened."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    verb = models.CharField(max_length=60)  # noun.verb in the past: `administration.given`
    by_id = models.BigIntegerField(null=True)  # null: the system itself
    by_name = models.CharField(max_length=120)
    by_role = models.CharField(max_length=20, blank=True)
    site_id = models.BigIntegerField(null=True)
    patient_uuid = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_uuid = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["patient_uuid", "-at"]),
            models.Index(fields=["verb", "-at"]),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            no_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} by {self.by_name}"
