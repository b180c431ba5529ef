"""Measured LVEF, and which of them a clinician chose as a plan's baseline."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from her2tracker.audit.history import tracked
from monitoring.core.biomarkers import Biomarker, Marker, MarkerUnit, biomarker
from monitoring.core.lvef import Lvef
from monitoring.core.result import Assessment, Modality, Symptoms
from scheduling.models import Patient, TreatmentPlan
from scheduling.models.base import Recorded, choices, one_of, together


def _whole(marker: str) -> models.CheckConstraint:
    """A biomarker's value, the laboratory's limit and the unit: all three or none, in units that the code knows."""
    value, limit, unit = marker, f"{marker}_limit", f"{marker}_unit"
    given = Q(**{f"{value}__gte": 0, f"{limit}__gt": 0, f"{unit}__in": [one.value for one in MarkerUnit]})
    none = Q(**{f"{value}__isnull": True, f"{limit}__isnull": True, unit: ""})
    return models.CheckConstraint(condition=given | none, name=f"monitoring_assessment_{marker}_whole")


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
    biomarker_rise = models.BooleanField(null=True, blank=True)  # as a clinician reads the figures below
    troponin = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    troponin_limit = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    troponin_unit = models.CharField(max_length=10, choices=choices(MarkerUnit), blank=True, default="", db_default="")
    peptide = models.DecimalField("natriuretic peptide", max_digits=9, decimal_places=3, null=True, blank=True)
    peptide_limit = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    peptide_unit = models.CharField(max_length=10, choices=choices(MarkerUnit), blank=True, default="", db_default="")
    symptoms = models.CharField(max_length=20, choices=choices(Symptoms))
    note = models.TextField(blank=True)
    reported_by = models.CharField(max_length=200, blank=True, default="", db_default="")  # a hospital; empty: here
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
            _whole("troponin"),
            _whole("peptide"),
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

    @property
    def biomarkers(self) -> tuple[Biomarker, ...]:
        """The biomarkers measured beside it, each with the laboratory's own limit."""
        found = (
            biomarker(Marker.TROPONIN, self.troponin, self.troponin_limit, self.troponin_unit),
            biomarker(Marker.NATRIURETIC_PEPTIDE, self.peptide, self.peptide_limit, self.peptide_unit),
        )
        return tuple(one for one in found if isinstance(one, Biomarker))

    def measured(self, one: Biomarker) -> None:
        """Take over a biomarker's figures; the row is not saved."""
        name = "troponin" if one.marker is Marker.TROPONIN else "peptide"
        for field, value in ((name, one.value), (f"{name}_limit", one.limit), (f"{name}_unit", one.unit)):
            setattr(self, field, value)

    @property
    def figures(self) -> tuple[Hashable, ...]:
        """All of it that the core reads but its day: results of unlike figures differ in it."""
        return _FIGURES(self)

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


_FIGURES: Callable[[LvefAssessment], tuple[Hashable, ...]] = attrgetter(
    "lvef_low", "lvef_high", "lvef_low_open", "lvef_high_open", "modality", "lab", "gls_percent", "symptoms",
    "biomarker_rise",
)  # fmt: skip


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
