"""How a result was judged, and when the next is due, as every operation shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from her2tracker.api.fields import Coded, Figure
from her2tracker.api.shapes import Cited
from her2tracker.lib.sources import Confidence
from monitoring.core.clock import Clock, Stage
from monitoring.core.holds import Resumption
from monitoring.core.protocol import Advice, Kind
from monitoring.core.surveillance import Occasion, WindowState


class FindingOut(Cited):
    """A rule that the result meets, with the figures that meet it and the rule's source."""

    rule_id = serializers.CharField()
    advice = Coded(Advice)
    arithmetic = serializers.CharField()
    because = serializers.CharField()
    words = serializers.CharField()


class EvaluationOut(serializers.Serializer[Any]):
    """One cardiac protocol's verdict. No finding means continue."""

    protocol = serializers.CharField(source="protocol_id")
    version = serializers.IntegerField()
    title = serializers.CharField()
    kind = Coded(Kind)
    advice = Coded(Advice)
    uncertain = serializers.BooleanField(help_text="The two ends of a reported range disagree.")
    provisional = serializers.BooleanField(help_text="The modality differs from the baseline's.")
    notes = serializers.ListField(child=serializers.CharField())
    lower_limit_of_normal = Figure()
    findings = FindingOut(many=True)


class JudgementOut(serializers.Serializer[Any]):
    """All protocols' verdicts; the strictest advice leads."""

    advice = Coded(Advice)
    sentence = serializers.CharField()
    leading_protocol = serializers.CharField(source="leading.protocol_id")
    leading_rule = serializers.CharField(source="leading.leading_rule")
    evaluations = EvaluationOut(many=True)


class WindowOut(serializers.Serializer[Any]):
    """The next LVEF assessment that a protocol, or a decision (then without protocol and source), asks for."""

    state = Coded(WindowState)
    occasion = Coded(Occasion)
    opens_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    overdue_on = serializers.DateField(allow_null=True, help_text="From this day it counts as overdue.")
    because = serializers.CharField()
    protocol = serializers.CharField(source="protocol_id")
    version = serializers.IntegerField()
    source = serializers.CharField(source="citation.key", default=None, allow_null=True)  # type: ignore[assignment]
    confidence = Coded(Confidence, source="citation.confidence", default=None, allow_null=True)


class StopOut(Cited):
    arithmetic = serializers.CharField()
    words = serializers.CharField()


class HoldStateOut(Cited):
    """Where an open cardiac hold stands by one protocol. The software advises; a clinician ends a hold."""

    protocol = serializers.CharField(source="protocol_id")
    version = serializers.IntegerField()
    day = serializers.IntegerField()
    not_before = serializers.DateField(allow_null=True)
    recheck_by = serializers.DateField(allow_null=True)
    resumption = Coded(Resumption)
    resume_words = serializers.CharField()
    stops = StopOut(many=True)
    advice = Coded(Advice)


class HoldLineOut(serializers.Serializer[Any]):
    """One clock of a hold. `days_left` is negative once `on` has passed; null where no day counts."""

    clock = Coded(Clock)
    sentence = serializers.CharField()
    on = serializers.DateField(allow_null=True)
    days_left = serializers.IntegerField(allow_null=True)
    source = serializers.CharField(source="citation.key", default=None, allow_null=True)  # type: ignore[assignment]
    confidence = Coded(Confidence, source="citation.confidence", default=None, allow_null=True)


class HoldClockOut(serializers.Serializer[Any]):
    """An open cardiac hold; of protocols that differ, the strictest day. `day` counts from 0."""

    day = serializers.IntegerField()
    since = serializers.DateField()
    stage = Coded(Stage)
    lines = HoldLineOut(many=True)


class SurveillanceOut(WindowOut):
    """The soonest assessment, what the other protocols ask, and an open hold's clocks."""

    others = WindowOut(many=True)
    hold_states = HoldStateOut(many=True)
    hold_clock = HoldClockOut(allow_null=True)
