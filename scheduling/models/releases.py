"""What stands before an infusion and is decided or measured for it alone: a doctor's release, blood tests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded, together
from scheduling.models.plans import TreatmentPlan


@tracked
class Release(Recorded):
    """A doctor lets one cycle day be given on `for_on`. Bound to what was seen: when that changes, it lapses."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="releases")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    for_on = models.DateField()
    planned_on = models.DateField()
    doses = models.JSONField()  # by agent, in words, as the doctor saw them
    weight_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    plan_revision = models.PositiveIntegerField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            together("scheduling_release_ended", "ended_at", "ended_by"),
            models.UniqueConstraint(
                fields=["plan", "cycle", "day"], condition=Q(ended_at=None), name="scheduling_release_one_that_stands"
            ),
            models.CheckConstraint(
                condition=Q(for_on__gte=models.F("planned_on")), name="scheduling_release_not_before_its_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Release of C{self.cycle}D{self.day} for {self.for_on} by {self.recorded_by}"


@tracked
class LabResult(Recorded):
    """One blood test's value for one infusion, in the unit the laboratory wrote. The latest of a test counts."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="lab_results")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    test = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=8, decimal_places=2)
    unit = models.CharField(max_length=20)
    taken_on = models.DateField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(value__gte=0), name="scheduling_lab_result_not_negative")]
        indexes = [models.Index(fields=["plan", "cycle", "day"], name="scheduling_lab_result_of_a_day")]

    def __str__(self) -> str:
        return f"{self.test} {self.value} {self.unit}, C{self.cycle}D{self.day}"
