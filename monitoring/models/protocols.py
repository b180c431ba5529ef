"""Published cardiac protocols: a read-only copy of each file version, which findings point at."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models


class ProtocolVersion(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="monitoring_protocol_version_unique")]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
