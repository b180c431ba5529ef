"""Published regimens: a read-only copy of each version, which plans point at, and what a site says about them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from her2tracker.audit.frozen import FrozenVersion
from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded


class RegimenQuerySet(models.QuerySet["RegimenVersion"]):
    def at(self, site: Any) -> RegimenQuerySet:
        """What ships with the product, and what this site wrote; never what another site wrote."""
        return self.filter(Q(site=None) | Q(site=site))

    def newest(self) -> RegimenQuerySet:
        """The newest version of each regimen."""
        return self.order_by("key", "-version").distinct("key")


class RegimenVersion(FrozenVersion):
    """One version. Without a `site` it ships with the product. `text` is the file as it was written."""

    site = models.ForeignKey("accounts.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(default="", db_default="", blank=True)

    objects = RegimenQuerySet.as_manager()

    class Meta(FrozenVersion.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"], condition=Q(site=None), name="scheduling_regimen_version_unique"
            ),
            models.UniqueConstraint(
                fields=["site", "key", "version"],
                condition=Q(site__isnull=False),
                name="scheduling_own_regimen_version_unique",
            ),
            # a file that ships and one that a site wrote never share an address
            models.CheckConstraint(
                condition=Q(site=None) ^ Q(key__startswith="own-"), name="scheduling_own_regimen_is_named_so"
            ),
        ]


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


@tracked
class RegimenRetirement(Recorded):
    """Nobody at this site is started on this version any more; plans that run on it go on."""

    site = models.ForeignKey("accounts.Site", on_delete=models.PROTECT, related_name="+")
    regimen = models.ForeignKey(RegimenVersion, on_delete=models.PROTECT, related_name="retirements")
    reason = models.TextField()
    replaced_by = models.ForeignKey(RegimenVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "regimen"], name="scheduling_retired_once_per_site"),
            models.CheckConstraint(condition=~Q(reason=""), name="scheduling_retirement_has_reason"),
            models.CheckConstraint(
                condition=~Q(replaced_by=models.F("regimen")), name="scheduling_retired_for_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regimen} retired at {self.site}"
