"""Days on which a site gives no infusions: its weekdays, and single days it closed itself."""

from __future__ import annotations

import uuid

from django.db import models

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling.core.calendar import ClosedDays
from scheduling.models import at_once
from scheduling.models.policies import SitePolicy


@tracked
class ClosedDay(models.Model):
    """One day a site is closed, by its name: a holiday, a move, a day of maintenance."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closed_days")
    on = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ("on",)
        constraints = [models.UniqueConstraint(fields=["site", "on"], name="scheduling_one_closed_day_per_date")]

    def __str__(self) -> str:
        return self.name


def closed_days_of(site: Site) -> ClosedDays:
    """What the core's calendar must know about the site. One round trip."""
    weekdays, dates = at_once.read(
        SitePolicy.objects.filter(site=site).values_list("closed_weekdays", flat=True),
        ClosedDay.objects.filter(site=site).values_list("on", "name"),
    )
    return ClosedDays(frozenset(next(iter(weekdays), ())), dict(dates))
