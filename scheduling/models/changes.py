"""Decisions that change a running plan as a whole: more cycles, a lower level. Facts, like delays."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded
from scheduling.models.plans import TreatmentPlan


@tracked
class Extension(Recorded):
    """Cycles added to a plan's end. `overridden` ones may lie past one year: whoever recorded it answers for it."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="extensions")
    cycles = models.PositiveSmallIntegerField()
    reason = models.TextField()
    overridden = models.BooleanField(default=False)
    plan_revision = models.PositiveIntegerField()  # that it made: while the plan still has it, it can be undone

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(cycles__gte=1), name="scheduling_extension_adds"),
            models.CheckConstraint(condition=~Q(reason=""), name="scheduling_extension_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.cycles} more"


@tracked
class LevelChange(Recorded):
    """One agent given at a lower level from a cycle on. Never back up, so one row per agent and level."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="level_changes")
    agent = models.CharField(max_length=60)
    from_cycle = models.PositiveSmallIntegerField()
    mg_per_kg = models.DecimalField(max_digits=4, decimal_places=2)
    reason = models.TextField()
    plan_revision = models.PositiveIntegerField()  # that it made: while the plan still has it, it can be undone

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "agent", "mg_per_kg"], name="scheduling_level_change_once"),
            models.CheckConstraint(condition=Q(mg_per_kg__gt=0), name="scheduling_level_change_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="scheduling_level_change_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.mg_per_kg} mg/kg from cycle {self.from_cycle}"


@tracked
class OralLevelChange(Recorded):
    """One agent taken at home at a lower amount from a day on. Never back up, so one row per agent and amount."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="oral_level_changes")
    agent = models.CharField(max_length=60)
    from_on = models.DateField()
    mg = models.DecimalField(max_digits=7, decimal_places=2)
    reason = models.TextField()
    plan_revision = models.PositiveIntegerField()  # that it made: while the plan still has it, it can be undone

    class Meta:
        ordering = ["from_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "agent", "mg"], name="scheduling_oral_level_change_once"),
            models.CheckConstraint(condition=Q(mg__gt=0), name="scheduling_oral_level_change_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="scheduling_oral_level_change_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.mg} mg from {self.from_on}"
