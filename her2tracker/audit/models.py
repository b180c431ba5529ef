"""The act log. No foreign keys: the log never blocks or changes live data, and survives it."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
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


def append_only() -> list[pgtrigger.Trigger]:
    """Rows that are added and never touched again."""
    protect = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
    return [protect, no_truncate()]


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
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} by {self.by_name}"


class Seal(models.Model):
    """What the record held at a moment, as one digest that includes the seal before it."""

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    columns = models.JSONField()  # by table: the columns it had, so that a later column alters no digest

    class Meta:
        ordering = ["number"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"seal {self.number}, {self.rows} rows"


class SealedRows(models.Model):
    """Rows of one table under one seal: their keys, and 32 bytes for each in the same order."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="parts")
    table = models.CharField(max_length=63)
    highest = models.BigIntegerField()
    keys = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["table", "-highest"])]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{len(self.keys)} rows of {self.table}"


class HistoryCheck(models.Model):
    """One comparison of the record with its seals: asked for by a person or due, then done by a worker."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by_name = models.CharField(max_length=120, blank=True)  # empty: it was due
    done_at = models.DateTimeField(null=True, db_index=True)
    seals = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    faults = models.PositiveIntegerField(default=0)
    told = models.JSONField(default=list)  # the first of them, a sentence each

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return f"history check of {self.asked_at:%Y-%m-%d %H:%M}: {self.faults} faults"
