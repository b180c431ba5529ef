"""Who is treated: identity, measurements, tumour."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded, choices, one_of
from scheduling.models.search import PatientQuerySet, Unaccent
from scheduling.words import Receptor, ResidualDisease, Sex


@tracked
class Patient(Recorded):
    """A person under treatment. The MRN is one site's; a merged record points at the one that lives on."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="patients")
    mrn = models.CharField("MRN", max_length=40)
    family_name = models.CharField(max_length=80)
    given_name = models.CharField(max_length=80)
    born_on = models.DateField("date of birth")
    sex = models.CharField(max_length=10, choices=choices(Sex), default=Sex.FEMALE)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    language = models.CharField(max_length=12, default="en")
    allergies = models.TextField(blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["family_name", "given_name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "mrn"], name="scheduling_patient_mrn_unique_per_site"),
            one_of("sex", Sex, "scheduling_patient_sex_known"),
        ]
        indexes = [
            GinIndex(
                OpClass(Lower(Unaccent(models.F("family_name"))), name="gin_trgm_ops"),
                name="scheduling_patient_family_trgm",
            ),
            GinIndex(
                OpClass(Lower(Unaccent(models.F("given_name"))), name="gin_trgm_ops"),
                name="scheduling_patient_given_trgm",
            ),
            GinIndex(OpClass(Lower("mrn"), name="gin_trgm_ops"), name="scheduling_patient_mrn_trgm"),
            GinIndex(OpClass("phone", name="gin_trgm_ops"), name="scheduling_patient_phone_trgm"),
            models.Index(fields=["site", "family_name", "given_name"], name="scheduling_patient_by_name"),
            models.Index(fields=["site", "born_on"], name="scheduling_patient_born"),
        ]

    def __str__(self) -> str:
        return f"{self.family_name.upper()}, {self.given_name}"

    def age_on(self, day: date) -> int:
        """Whole years on `day`."""
        had_birthday = (day.month, day.day) >= (self.born_on.month, self.born_on.day)
        return day.year - self.born_on.year - (0 if had_birthday else 1)


@tracked
class PreviousMrn(Recorded):
    """A number this patient had before a merge or a change; search finds it, nobody else may get it."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="previous_mrns")
    mrn = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "mrn"], name="scheduling_previous_mrn_unique")]
        indexes = [GinIndex(OpClass(Lower("mrn"), name="gin_trgm_ops"), name="scheduling_previous_mrn_trgm")]

    def __str__(self) -> str:
        return self.mrn


@tracked
class BodyMeasurement(Recorded):
    """A dated weight or height, or both."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="measurements")
    measured_on = models.DateField()
    weight_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    height_cm = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)

    class Meta:
        ordering = ["-measured_on", "-id"]
        indexes = [models.Index(fields=["patient", "-measured_on"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weight_kg__isnull=False) | models.Q(height_cm__isnull=False),
                name="scheduling_measurement_measures_something",
            ),
            # Not medical limits: outside them a unit or a decimal point was mistaken.
            models.CheckConstraint(
                condition=models.Q(weight_kg__isnull=True) | models.Q(weight_kg__gte=20, weight_kg__lte=400),
                name="scheduling_measurement_weight_plausible",
            ),
            models.CheckConstraint(
                condition=models.Q(height_cm__isnull=True) | models.Q(height_cm__gte=90, height_cm__lte=250),
                name="scheduling_measurement_height_plausible",
            ),
        ]

    def __str__(self) -> str:
        parts = [f"{self.weight_kg} kg" if self.weight_kg else "", f"{self.height_cm} cm" if self.height_cm else ""]
        return f"{', '.join(filter(None, parts))} on {self.measured_on}"


@tracked
class TumourProfile(Recorded):
    """What the choice of a regimen asks. Unknown is an answer; it is never taken as negative."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="tumour")
    size_mm = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    nodes_positive = models.PositiveSmallIntegerField(null=True, blank=True)
    er = models.CharField("ER", max_length=10, choices=choices(Receptor), default=Receptor.UNKNOWN)
    pr = models.CharField("PR", max_length=10, choices=choices(Receptor), default=Receptor.UNKNOWN)
    her2 = models.CharField("HER2", max_length=10, choices=choices(Receptor), default=Receptor.UNKNOWN)
    neoadjuvant_therapy = models.BooleanField(null=True, blank=True)
    residual_disease = models.CharField(
        max_length=10, choices=choices(ResidualDisease), default=ResidualDisease.UNKNOWN
    )
    surgery_on = models.DateField(null=True, blank=True)
    chemotherapy_cycles = models.PositiveSmallIntegerField(null=True, blank=True)
    chemotherapy_ended_on = models.DateField(null=True, blank=True)
    anthracycline = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("er", Receptor, "scheduling_tumour_er_known"),
            one_of("pr", Receptor, "scheduling_tumour_pr_known"),
            one_of("her2", Receptor, "scheduling_tumour_her2_known"),
            one_of("residual_disease", ResidualDisease, "scheduling_tumour_residual_known"),
        ]

    def __str__(self) -> str:
        return f"Tumour profile of {self.patient}"
