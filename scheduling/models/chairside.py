"""What is seen at the chair: reactions and vital signs. Facts about the plan, as a delay is."""

from __future__ import annotations

from functools import reduce
from operator import and_

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from her2tracker.audit.history import tracked
from scheduling.core.chairside import GRADES
from scheduling.models.base import Recorded, choices, one_of
from scheduling.models.plans import TreatmentPlan
from scheduling.words import ReactionAction, ReactionSign


@tracked
class Reaction(Recorded):
    """An infusion reaction: how bad, what was seen, and what was done. Clock times are the site's own."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="reactions")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    agent = models.CharField(max_length=60)
    seen_on = models.DateField()
    seen_at = models.TimeField()
    grade = models.PositiveSmallIntegerField()
    signs = ArrayField(models.CharField(max_length=20, choices=choices(ReactionSign)))
    action = models.CharField(max_length=12, choices=choices(ReactionAction))
    note = models.TextField(blank=True)
    in_error = models.BooleanField(default=False, db_default=False)  # never happened, or to somebody else

    class Meta:
        ordering = ["seen_on", "seen_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="scheduling_reaction_grade_known"),
            models.CheckConstraint(
                condition=Q(signs__contained_by=[sign.value for sign in ReactionSign]) & Q(signs__len__gt=0),
                name="scheduling_reaction_signs_known",
            ),
            one_of("action", ReactionAction, "scheduling_reaction_action_known"),
        ]

    def __str__(self) -> str:
        return f"Reaction of grade {self.grade}, C{self.cycle}D{self.day}"

    @property
    def signs_in_words(self) -> str:
        """`fever, chills`."""
        return ", ".join(ReactionSign(sign).in_sentence for sign in self.signs)

    @property
    def in_words(self) -> str:
        """`grade 2: fever, chills; interrupted`."""
        return f"grade {self.grade}: {self.signs_in_words}; {ReactionAction(self.action).in_sentence}"


# Not medical limits: outside them a unit or a decimal point was mistaken.
RANGES = {
    "temperature_c": (30, 45),
    "pulse_bpm": (20, 250),
    "systolic_mmhg": (40, 300),
    "diastolic_mmhg": (20, 200),
    "saturation_percent": (40, 100),
}


def _plausible() -> Q:
    """Each is empty or within its range."""
    within = (Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": ends}) for name, ends in RANGES.items())
    return reduce(and_, within)


@tracked
class VitalSigns(Recorded):
    """One timed set."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="vital_signs")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    seen_on = models.DateField()
    seen_at = models.TimeField()
    temperature_c = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    pulse_bpm = models.PositiveSmallIntegerField(null=True, blank=True)
    systolic_mmhg = models.PositiveSmallIntegerField(null=True, blank=True)
    diastolic_mmhg = models.PositiveSmallIntegerField(null=True, blank=True)
    saturation_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    in_error = models.BooleanField(default=False, db_default=False)  # never measured, or of somebody else

    class Meta:
        ordering = ["seen_on", "seen_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(temperature_c__isnull=False)
                | Q(pulse_bpm__isnull=False)
                | Q(systolic_mmhg__isnull=False)
                | Q(saturation_percent__isnull=False),
                name="scheduling_vitals_measure_something",
            ),
            models.CheckConstraint(
                condition=Q(systolic_mmhg__isnull=True, diastolic_mmhg__isnull=True)
                | Q(systolic_mmhg__isnull=False, systolic_mmhg__gt=models.F("diastolic_mmhg")),
                name="scheduling_vitals_pressure_whole",
            ),
            models.CheckConstraint(condition=_plausible(), name="scheduling_vitals_plausible"),
        ]

    def __str__(self) -> str:
        return f"Vital signs at {self.seen_at:%H:%M}, C{self.cycle}D{self.day}"

    @property
    def pressure(self) -> str:
        """`120/80`, or empty."""
        return f"{self.systolic_mmhg}/{self.diastolic_mmhg}" if self.systolic_mmhg else ""
