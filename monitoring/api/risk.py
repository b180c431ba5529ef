"""The cardiac risk before treatment: the proforma, its answers, and the intervals that a level proposes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.shapes import Cited
from her2tracker.api.views import Operations, operation
from her2tracker.lib.sources import Confidence
from monitoring import lookups
from monitoring.actions import risk
from monitoring.catalog.risk import proforma
from monitoring.core.lvef import Lvef, Unreadable
from monitoring.core.risk import Answers, Level, Measure, Weight
from monitoring.models import RiskAssessment
from monitoring.models.known import known_of
from monitoring.models.standing import standing_of
from scheduling.lookups import patient_for


class FactorOut(Cited):
    id = serializers.CharField()
    group = serializers.CharField()
    words = serializers.CharField()
    weight = Coded(Weight)
    is_measured = serializers.BooleanField(help_text="Answered by its figures alone.")
    measures = serializers.ListField(child=serializers.CharField(), help_text="Figures within bounds are a yes.")


class ProposedOut(serializers.Serializer[Any]):
    """An interval that may be set at these levels."""

    id = serializers.CharField()
    name = serializers.CharField()
    every_days = serializers.IntegerField(source="rule.every_days")
    for_first_months = serializers.IntegerField(allow_null=True)
    proposed = serializers.BooleanField()
    source = serializers.CharField(source="rule.citation.key")  # type: ignore[assignment]
    confidence = Coded(Confidence, source="rule.citation.confidence")


class ChangeOut(Cited):
    id = serializers.CharField()
    words = serializers.CharField()


class ProformaOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    factors = FactorOut(many=True)


class MetOut(serializers.Serializer[Any]):
    factor = FactorOut()
    because = serializers.CharField()


class ScoreOut(Cited):
    """The level that the answers support, and what it would be if every open question were a yes."""

    level = Coded(Level)
    could_be = Coded(Level)
    is_final = serializers.BooleanField()
    points = serializers.IntegerField()
    sentence = serializers.CharField()
    met = MetOut(many=True)
    asked = FactorOut(many=True)
    changes = ChangeOut(many=True)
    intervals = ProposedOut(many=True)


class RiskOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    proforma = serializers.CharField()
    version = serializers.IntegerField()
    level = Coded(Level)
    points = serializers.IntegerField()
    answers = serializers.JSONField()
    score = ScoreOut()
    note = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class KnownOut(serializers.Serializer[Any]):
    """A fact on record that answers a question. It is for you to check and send: nothing is filled in for you."""

    about = serializers.CharField()
    value = serializers.CharField(source="text")
    origin = serializers.CharField()


class RisksOut(serializers.Serializer[Any]):
    known = KnownOut(many=True)
    assessments = RiskOut(many=True)


class RiskIn(serializers.Serializer[Any]):
    """Answers by factor id, and figures by measure. What is left out is unknown, never a no."""

    said = serializers.DictField(child=serializers.BooleanField(), required=False)
    measured = serializers.DictField(
        child=serializers.CharField(max_length=30), required=False, help_text=", ".join(m.value for m in Measure)
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    def validate_measured(self, sent: dict[str, str]) -> dict[Measure, Decimal | Lvef]:
        return {_measure(name): _figure(_measure(name), text) for name, text in sent.items()}


class RiskProforma(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("risk_proforma", returns=ProformaOut)
    def get(self, _: Any) -> Response:
        """The newest HFA-ICOS proforma: every factor with its weight and source."""
        return self.shown(ProformaOut, proforma())


class Risks(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ASSESSMENTS}

    @operation("patients_risk_list", returns=RisksOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """A patient's risk assessments, newest first, and what is on record about the questions."""
        patient = patient_for(self.by, uuid)
        plan = lookups.current_plan(patient)
        known = known_of(patient, standing_of(plan) if plan else None, self.by.site.today())
        rows = RiskAssessment.objects.filter(patient=patient).select_related("recorded_by")
        return self.shown(RisksOut, {"known": list(known.values()), "assessments": rows})

    @operation("patients_risk_assess", takes=RiskIn, returns=RiskOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Answer the proforma. The level is computed here."""
        patient, said = patient_for(self.by, uuid), self.body(RiskIn)
        answers = Answers(said.get("said", {}), said.get("measured", {}))
        row = risk.record(by=self.by, patient=patient, answers=answers, note=said.get("note", ""))
        return self.shown(RiskOut, row, status=201)


def _measure(name: str) -> Measure:
    try:
        return Measure(name)
    except ValueError as unknown:
        raise ValidationError(f"“{name}” is not one of: {', '.join(m.value for m in Measure)}.") from unknown


def _figure(measure: Measure, text: str) -> Decimal | Lvef:
    if measure is not Measure.LVEF:
        figure: Decimal = serializers.DecimalField(6, 1).run_validation(text)
        return figure
    try:
        return Lvef.parse(text)
    except Unreadable as unreadable:
        raise ValidationError(str(unreadable)) from unreadable
