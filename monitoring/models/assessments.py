"""Measured LVEF, and which of them a clinician chose as a plan's baseline."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from her2tracker.audit.history import tracked
from monitoring.core.lvef import Lvef
from monitoring.core.result import Assessment, Modality, Symptoms
from scheduling.models import Patient, TreatmentPlan
from scheduling.models.base import Recorded, choices, one_of, together


class AssessmentQuerySet(models.QuerySet["LvefAssessment"]):
    def valid(self) -> AssessmentQuerySet:
        """Those nobody declared not valid."""
        return self.filter(invalidated_at=None)


@tracked
class LvefAssessment(Recorded):
    """One measured LVEF. A range or an inequality keeps both ends; the middle is never taken."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    performed_on = models.DateField()
    modality = models.CharField(max_length=10, choices=choices(Modality))
    lab = models.CharField(max_length=120, blank=True)
    lvef_low = models.DecimalField(max_digits=4, decimal_places=1)
    lvef_high = models.DecimalField(max_digits=4, decimal_places=1)
    lvef_low_open = models.BooleanField(default=False)  # "over 55": 55 itself is not meant
    lvef_high_open = models.BooleanField(default=False)
    gls_percent = models.DecimalField("GLS", max_digits=4, decimal_places=1, null=True, blank=True)
    biomarker_rise = models.BooleanField(null=True, blank=True)
    symptoms = models.CharField(max_length=20, choices=choices(Symptoms))
    note = models.TextField(blank=True)
    invalidated_at = models.DateTimeField(null=True, blank=True)
    invalidated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    invalidated_because = models.TextField(blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["performed_on", "id"]
        indexes = [models.Index(fields=["patient", "performed_on"])]
        constraints = [
            one_of("modality", Modality, "monitoring_assessment_modality_known"),
            one_of("symptoms", Symptoms, "monitoring_assessment_symptoms_known"),
            together("monitoring_assessment_invalidated", "invalidated_at", "invalidated_by"),
            models.CheckConstraint(
                condition=Q(lvef_low__gt=0, lvef_high__lt=100, lvef_low__lte=F("lvef_high")),
                name="monitoring_assessment_lvef_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lvef} ({self.get_modality_display()}, {self.performed_on})"

    @property
    def lvef(self) -> Lvef:
        return Lvef(self.lvef_low, self.lvef_high, self.lvef_low_open, self.lvef_high_open)

    def to_core(self) -> Assessment:
        """The row as the core reads it."""
        return Assessment(
            performed_on=self.performed_on,
            lvef=self.lvef,
            modality=Modality(self.modality),
            lab=self.lab,
            gls=self.gls_percent,
            symptoms=Symptoms(self.symptoms),
            biomarker_rise=self.biomarker_rise,
        )


@tracked
class BaselineChoice(Recorded):
    """The pre-treatment assessment a clinician chose for a plan. The latest choice counts."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="baseline_choices")
    assessment = models.ForeignKey(LvefAssessment, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    class Meta:
        ordering = ["-recorded_at", "-id"]

    def __str__(self) -> str:
        return f"Baseline of {self.plan}"
