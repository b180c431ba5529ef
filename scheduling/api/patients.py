"""Patients: who they are, what they weigh, what their tumour is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day, Figure
from her2tracker.api.views import Operations, PagedOperations, operation
from scheduling import lookups
from scheduling.actions import patients
from scheduling.core.intake import WEIGHT_KG
from scheduling.forms.patients import HEIGHT_CM
from scheduling.models import Patient, TumourProfile
from scheduling.summaries import plan_summaries
from scheduling.words import PlanState, Receptor, ResidualDisease, Sex


class PlanLine(serializers.Serializer[Any]):
    """Where a patient's plan stands, in one line."""

    uuid = serializers.UUIDField(source="plan.uuid")
    regimen = serializers.CharField()
    state = Coded(PlanState, source="plan.state")
    start_on = serializers.DateField(source="plan.start_on")
    on_hold = serializers.SerializerMethodField()
    next_on = serializers.DateField(source="next.planned_on", default=None, allow_null=True)
    next_cycle = serializers.IntegerField(source="next.cycle", default=None, allow_null=True)
    of_cycles = serializers.IntegerField(source="next.of_cycles", default=None, allow_null=True)

    def get_on_hold(self, summary: Any) -> bool:
        return summary.hold is not None


class PatientOut(serializers.Serializer[Any]):
    """Identity and contact."""

    uuid = serializers.UUIDField()
    mrn = serializers.CharField()
    family_name = serializers.CharField()
    given_name = serializers.CharField()
    born_on = serializers.DateField()
    sex = Coded(Sex)
    phone = serializers.CharField()
    email = serializers.CharField()
    language = serializers.CharField()
    allergies = serializers.CharField()


class PatientLine(PatientOut):
    """A patient in a list, with the active plan, else the last one."""

    plan = serializers.SerializerMethodField()

    @extend_schema_field(PlanLine(allow_null=True))
    def get_plan(self, patient: Patient) -> Any:
        summary = self.context["summaries"].get(patient.pk)
        return PlanLine(summary).data if summary else None


class PlanName(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    regimen = serializers.CharField(source="regimen.name")
    start_on = serializers.DateField()
    state = Coded(PlanState)
    ended_on = serializers.DateField(allow_null=True)


class PatientDetail(PatientOut):
    previous_mrns = serializers.ListField(source="previous_mrns.all", child=serializers.CharField())
    plans = PlanName(many=True)


class PatientIn(serializers.Serializer[Any]):
    """Identity and contact. A changed MRN stays findable."""

    mrn = serializers.CharField(max_length=40)
    family_name = serializers.CharField(max_length=80)
    given_name = serializers.CharField(max_length=80)
    born_on = Day()
    sex = Coded(Sex, required=False)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    language = serializers.CharField(max_length=12, required=False)
    allergies = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class PatientQuery(serializers.Serializer[Any]):
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Name (spelling slips are forgiven), MRN, or ISO date of birth.",
    )


class MeasurementOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    measured_on = serializers.DateField()
    weight_kg = Figure(allow_null=True)
    height_cm = Figure(allow_null=True)
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class MeasurementIn(serializers.Serializer[Any]):
    """A weight, a height, or both, on one day."""

    measured_on = Day()
    weight_kg = serializers.DecimalField(
        max_digits=4, decimal_places=1, required=False, min_value=WEIGHT_KG[0], max_value=WEIGHT_KG[1]
    )
    height_cm = serializers.DecimalField(
        max_digits=4, decimal_places=1, required=False, min_value=HEIGHT_CM[0], max_value=HEIGHT_CM[1]
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "weight_kg" not in attrs and "height_cm" not in attrs:
            raise serializers.ValidationError({"weight_kg": ["Enter a weight, a height, or both."]})
        return attrs


class TumourOut(serializers.Serializer[Any]):
    """What is known; null and `unknown` mean that nobody has said."""

    her2 = Coded(Receptor)
    er = Coded(Receptor)
    pr = Coded(Receptor)
    size_mm = Figure(allow_null=True)
    nodes_positive = serializers.IntegerField(allow_null=True)
    neoadjuvant_therapy = serializers.BooleanField(allow_null=True)
    residual_disease = Coded(ResidualDisease)
    surgery_on = serializers.DateField(allow_null=True)
    chemotherapy_cycles = serializers.IntegerField(allow_null=True)
    chemotherapy_ended_on = serializers.DateField(allow_null=True)
    anthracycline = serializers.BooleanField(allow_null=True)


class TumourIn(serializers.Serializer[Any]):
    """Fields left out keep what was recorded."""

    her2 = Coded(Receptor, required=False)
    er = Coded(Receptor, required=False)
    pr = Coded(Receptor, required=False)
    size_mm = serializers.DecimalField(4, 1, required=False, allow_null=True, min_value=0)
    nodes_positive = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=100)
    neoadjuvant_therapy = serializers.BooleanField(required=False, allow_null=True)
    residual_disease = Coded(ResidualDisease, required=False)
    surgery_on = Day(required=False, allow_null=True)
    chemotherapy_cycles = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=50)
    chemotherapy_ended_on = Day(required=False, allow_null=True)
    anthracycline = serializers.BooleanField(required=False, allow_null=True)


class MergeIn(serializers.Serializer[Any]):
    into = serializers.UUIDField(help_text="The record that lives on.")
    reason = serializers.CharField(max_length=500)


class Patients(PagedOperations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.EDIT_PATIENTS}

    @operation("patients_list", returns=PatientLine(many=True), query=PatientQuery)
    def get(self, _: Any) -> Response:
        """Find patients of your site."""
        rows = Patient.objects.at(self.by.site).search(self.query(PatientQuery).get("q", ""))
        pages = self.pagination_class()
        found = pages.paginate_queryset(rows, self.request, view=self) or []
        summaries = plan_summaries(found, today=self.by.site.today())
        return pages.get_paginated_response(PatientLine(found, many=True, context={"summaries": summaries}).data)

    @operation("patients_create", takes=PatientIn, returns=PatientDetail, status=201)
    def post(self, _: Any) -> Response:
        """Register a patient at your site."""
        return self.shown(PatientDetail, patients.register(by=self.by, **self.body(PatientIn)), status=201)


class OnePatient(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "PATCH": Permission.EDIT_PATIENTS}

    @operation("patients_retrieve", returns=PatientDetail)
    def get(self, _: Any, uuid: UUID) -> Response:
        """Open a patient's record. That it was opened is recorded."""
        return self.shown(PatientDetail, lookups.patient_for(self.by, uuid, opened=True))

    @operation("patients_update", takes=PatientIn, returns=PatientDetail)
    def patch(self, _: Any, uuid: UUID) -> Response:
        """Change identity or contact; fields left out keep what was recorded."""
        patient = lookups.patient_for(self.by, uuid)
        changed = patients.update(by=self.by, patient=patient, **self.body(PatientIn, partial=True))
        return self.shown(PatientDetail, changed)


class Measurements(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_MEASUREMENTS}

    @operation("patients_measurements_list", returns=MeasurementOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """Weights and heights, newest first."""
        patient = lookups.patient_for(self.by, uuid)
        return self.listed(MeasurementOut, patient.measurements.select_related("recorded_by"))

    @operation("patients_measurements_create", takes=MeasurementIn, returns=MeasurementOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record a weight, a height, or both. Planned doses change only by recalculating the plan."""
        patient = lookups.patient_for(self.by, uuid)
        row = patients.measure(by=self.by, patient=patient, **self.body(MeasurementIn))
        return self.shown(MeasurementOut, row, status=201)


class Tumour(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "PATCH": Permission.EDIT_PATIENTS}

    @operation("patients_tumour_retrieve", returns=TumourOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The tumour profile; all unknown when nobody has described it."""
        patient = lookups.patient_for(self.by, uuid)
        profile = TumourProfile.objects.filter(patient=patient).first()
        return self.shown(TumourOut, profile or TumourProfile(patient=patient))

    @operation("patients_tumour_update", takes=TumourIn, returns=TumourOut)
    def patch(self, _: Any, uuid: UUID) -> Response:
        """Describe the tumour."""
        patient = lookups.patient_for(self.by, uuid)
        profile = patients.describe_tumour(by=self.by, patient=patient, **self.body(TumourIn, partial=True))
        return self.shown(TumourOut, profile)


class Merge(Operations):
    permissions = {"POST": Permission.EDIT_PATIENTS}

    @operation("patients_merge", takes=MergeIn, returns=PatientDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Merge this record into another of the same person; its MRN still finds her."""
        patient, said = lookups.patient_for(self.by, uuid), self.body(MergeIn)
        into = lookups.patient_for(self.by, said["into"])
        merged = patients.merge(by=self.by, patient=patient, into=into, reason=said["reason"])
        return self.shown(PatientDetail, merged)
