"""Published regimens: a read-only copy of each file version, which plans point at."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models

from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded


class RegimenVersion(models.Model):
    """One frozen version. Its definition never changes: a change is a new version."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="scheduling_regimen_version_unique")]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


@tracked
class RegimenSignOff(Recorded):
    """A clinician took responsibility for the figures of a regimen that no primary text confirmed."""

    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="+")
    regimen = models.ForeignKey(RegimenVersion, on_delete=models.PROTECT, related_name="sign_offs")
    statement = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "regimen"], name="scheduling_sign_off_once_per_site")]

    def __str__(self) -> str:
        return f"{self.regimen} signed off by {self.recorded_by}"
