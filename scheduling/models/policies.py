"""What a site decides where the labels leave it open."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked


@tracked
class SitePolicy(models.Model):
    """One row per site; absent means the defaults below, which round nothing."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="scheduling_policy")
    rounding_step_mg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    # A dose given that differs by more than this from the one planned asks for a reason.
    difference_asks_reason_percent = models.DecimalField(max_digits=3, decimal_places=1, default=Decimal(5))
    weight_valid_days = models.PositiveSmallIntegerField(default=28)
    # Weekdays without infusions, Monday is 0.
    closed_weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rounding_step_mg__isnull=True) | models.Q(rounding_step_mg__gt=0),
                name="scheduling_policy_rounding_step_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6]),
                name="scheduling_policy_closed_weekdays_are_weekdays",
            ),
        ]

    def __str__(self) -> str:
        return f"Scheduling policy of {self.site}"
