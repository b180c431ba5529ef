"""LVEF assessments: recorded, judged at once, declared not valid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day, Figure
from her2tracker.api.views import Operations, operation
from monitoring import lookups
from monitoring.actions import assessments
from monitoring.api.judgements import JudgementOut
from monitoring.core.biomarkers import Biomarker, Marker, MarkerUnit
from monitoring.core.lvef import Lvef, Unreadable
from monitoring.core.result import Dysfunction, Modality, Symptoms
from monitoring.models import LvefAssessment
from monitoring.models.standing import standing_of
from scheduling.lookups import patient_for


class LvefEnds(serializers.Serializer[Any]):
    """Both ends of an LVEF in percent; equal for one figure. An open end is itself excluded."""

    low = Figure()
    high = Figure()
    low_open = serializers.BooleanField()
    high_open = serializers.BooleanField()


class BiomarkerOut(serializers.Serializer[Any]):
    """A biomarker with its laboratory's upper limit of normal, in its unit."""

    marker = Coded(Marker)
    value = Figure()
    limit = Figure()
    unit = Coded(MarkerUnit)
    is_above = serializers.BooleanField(help_text="Above the limit; exactly the limit is normal.")


class GradingOut(serializers.Serializer[Any]):
    """Cardiac dysfunction (CTRCD) by ESC 2022, Table 3. `grade` is null where the figures allow several."""

    grade = Coded(Dysfunction, allow_null=True)
    mildest = Coded(Dysfunction)
    gravest = Coded(Dysfunction)
    sentence = serializers.CharField()
    because = serializers.CharField()
    asked = serializers.ListField(child=serializers.CharField(), help_text="Not measured, and could make it graver.")
    source = serializers.CharField(source="citation.key", default=None, allow_null=True)  # type: ignore[assignment]


class AssessmentOut(serializers.Serializer[Any]):
    """One measured LVEF, as it was reported."""

    uuid = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient.uuid")
    performed_on = serializers.DateField()
    lvef = serializers.CharField(help_text="In words: `47 %`, `50–55 %`, `over 55 %`.")
    ends = LvefEnds(source="lvef")
    modality = Coded(Modality)
    symptoms = Coded(Symptoms)
    lab = serializers.CharField()
    gls_percent = Figure(allow_null=True)
    biomarker_rise = serializers.BooleanField(allow_null=True)
    biomarkers = BiomarkerOut(many=True)
    note = serializers.CharField()
    reported_by = serializers.CharField(help_text="The hospital that measured it; empty for one of your own.")
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    invalidated_at = serializers.DateTimeField(allow_null=True)
    invalidated_by = serializers.CharField(allow_null=True)
    invalidated_because = serializers.CharField()


class JudgedAssessment(AssessmentOut):
    """A result with its judgement by the protocols of the patient's plan; none for the baseline itself."""

    plan = serializers.SerializerMethodField()
    is_baseline = serializers.SerializerMethodField()
    judgement = serializers.SerializerMethodField()
    grading = serializers.SerializerMethodField()
    flags = serializers.SerializerMethodField()

    def get_plan(self, _: LvefAssessment) -> UUID | None:
        standing = self.context["standing"]
        return standing.plan.uuid if standing else None

    def get_flags(self, row: LvefAssessment) -> list[UUID]:
        return list(row.flags.values_list("uuid", flat=True))

    def get_is_baseline(self, row: LvefAssessment) -> bool:
        standing = self.context["standing"]
        return bool(standing and standing.baseline and standing.baseline.pk == row.pk)

    @extend_schema_field(JudgementOut(allow_null=True))
    def get_judgement(self, row: LvefAssessment) -> Any:
        standing = self.context["standing"]
        found = standing.judge(row) if standing and not row.invalidated_at else None
        return JudgementOut(found).data if found else None

    @extend_schema_field(GradingOut(allow_null=True))
    def get_grading(self, row: LvefAssessment) -> Any:
        standing = self.context["standing"]
        found = standing.grading(row) if standing and not row.invalidated_at else None
        return GradingOut(found).data if found else None


class BiomarkerIn(serializers.Serializer[Any]):
    marker = Coded(Marker)
    value = serializers.DecimalField(9, 3, min_value=Decimal(0))
    limit = serializers.DecimalField(9, 3, min_value=Decimal("0.001"), help_text="The laboratory's upper limit.")
    unit = Coded(MarkerUnit)


class AssessmentIn(serializers.Serializer[Any]):
    """One result. The LVEF is `lvef` as text, or `low` and `high` as figures; percent, never a fraction."""

    performed_on = Day()
    lvef = serializers.CharField(max_length=40, required=False, help_text="`47`, `47.5`, `50-55`, `>55`, `<=40`.")
    low = serializers.DecimalField(4, 1, required=False, help_text="With `high`: one figure, or a range.")
    high = serializers.DecimalField(4, 1, required=False)
    modality = Coded(Modality)
    symptoms = Coded(Symptoms)
    lab = serializers.CharField(max_length=120, required=False, allow_blank=True)
    gls_percent = serializers.DecimalField(
        4, 1, required=False, allow_null=True, min_value=Decimal(-60), max_value=Decimal(60)
    )
    biomarker_rise = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Required with `biomarkers`: whether they are a rise for this patient.",
    )
    biomarkers = BiomarkerIn(many=True, required=False)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["biomarkers"] = [Biomarker(**dict(one)) for one in attrs.get("biomarkers", [])]
        if len({one.marker for one in attrs["biomarkers"]}) < len(attrs["biomarkers"]):
            raise serializers.ValidationError({"biomarkers": ["Give each biomarker once."]})
        text, low, high = (attrs.pop(name, None) for name in ("lvef", "low", "high"))
        if (text is None) == (low is None and high is None):
            raise serializers.ValidationError({"lvef": ["Give either lvef, or low and high."]})
        if text is None and (low is None or high is None):
            raise serializers.ValidationError(
                {"high" if high is None else "low": ["Give both ends; repeat one figure."]}
            )
        try:
            attrs["lvef"] = Lvef.parse(text) if text is not None else Lvef(low, high)
        except Unreadable as unreadable:
            raise serializers.ValidationError({"lvef": [str(unreadable)]}) from unreadable
        return attrs


class InvalidateIn(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=2000)


class Assessments(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ASSESSMENTS}

    @operation("lvef_list", returns=AssessmentOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """Every result of a patient, oldest first, those declared not valid too."""
        rows = patient_for(self.by, uuid).assessments
        return self.listed(AssessmentOut, rows.select_related("patient", "recorded_by", "invalidated_by"))

    @operation("lvef_create", takes=AssessmentIn, returns=JudgedAssessment, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record a result. It is judged at once, and its flags exist when this returns."""
        row = assessments.record(by=self.by, patient=patient_for(self.by, uuid), **self.body(AssessmentIn))
        return Response(judged(row), status=201)


class OneAssessment(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("lvef_retrieve", returns=JudgedAssessment)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One result, judged by the protocols of the patient's plan."""
        return Response(judged(lookups.assessment_for(self.by, uuid)))


class Invalidate(Operations):
    permissions = {"POST": Permission.DECIDE_FLAGS}

    @operation("lvef_invalidate", takes=InvalidateIn, returns=JudgedAssessment)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Declare a result not valid. It stays on record and no longer counts."""
        row = assessments.invalidate(
            by=self.by, assessment=lookups.assessment_for(self.by, uuid), because=self.body(InvalidateIn)["because"]
        )
        return Response(judged(row))


def judged(row: LvefAssessment) -> Any:
    plan = lookups.current_plan(row.patient)
    return JudgedAssessment(row, context={"standing": standing_of(plan) if plan else None}).data
