"""The trade numbers of the packs that a site buys: what a bag's code says, beyond the brands every site knows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded, together


class TradeNumberQuerySet(models.QuerySet["TradeNumber"]):
    def standing(self) -> TradeNumberQuerySet:
        return self.filter(ended_at=None)


@tracked
class TradeNumber(Recorded):
    """One GTIN, of 14 digits, and the product it is on. One that was wrong is ended and stays on record."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    gtin = models.CharField(max_length=14)
    agent = models.CharField(max_length=60)
    brand = models.CharField(max_length=40)
    substance = models.CharField(max_length=60)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = TradeNumberQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "gtin", "id"]
        constraints = [
            together("scheduling_trade_number_ended", "ended_at", "ended_by"),
            models.UniqueConstraint(
                fields=["site", "gtin"], condition=Q(ended_at=None), name="scheduling_trade_number_once"
            ),
            models.CheckConstraint(condition=Q(gtin__regex=r"^[0-9]{14}$"), name="scheduling_trade_number_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.gtin} {self.product}"

    @property
    def product(self) -> str:
        """As a record names it: `Ogivri (trastuzumab-dkst)`."""
        return f"{self.brand} ({self.substance})"
