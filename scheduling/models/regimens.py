"""Published regimens: a read-only copy of each file version, which plans point at."""

from __future__ import annotations

from django.db import models

from her2tracker.audit.frozen import FrozenVersion
from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded


class RegimenVersion(FrozenVersion):
    class Meta(FrozenVersion.Meta):
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="scheduling_regimen_version_unique")]


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
