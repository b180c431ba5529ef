"""Cycle days and their doses as every operation shows them; where a plan stands, and what a change would move."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from her2tracker.api.fields import Clock, Coded, Day, Figure
from her2tracker.lib.sources import Confidence
from scheduling import consequences
from scheduling.actions.cycles import Change
from scheduling.core.comparison import compare
from scheduling.core.expansion import EntryState
from scheduling.core.regimen import DoseKind, Route
from scheduling.models import TreatmentPlan
from scheduling.words import DayState, DifferenceReason, OmissionReason


class PlannedDose(serializers.Serializer[Any]):
    """One agent of one cycle day, as it is ordered, with its arithmetic and the source of its figures."""

    agent = serializers.CharField()
    route = Coded(Route)
    kind = Coded(DoseKind)
    because = serializers.CharField(help_text="Why this kind: the gap since the last dose, in words.")
    dose = serializers.CharField(source="dose_text")
    calculated_mg = Figure(allow_null=True)
    planned_mg = Figure(allow_null=True)
    planned_ml = Figure(allow_null=True)
    arithmetic = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    confidence = Coded(Confidence)
    minutes = serializers.IntegerField()
    observe_minutes = serializers.IntegerField(allow_null=True)


class AdministrationOut(PlannedDose):
    """Planned and given side by side."""

    uuid = serializers.UUIDField()
    given_on = serializers.DateField(allow_null=True)
    given_mg = Figure(allow_null=True)
    given_ml = Figure(allow_null=True)
    product = serializers.CharField()
    lot = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)
    started_at = Clock(allow_null=True)
    stopped_at = Clock(allow_null=True)
    difference_reason = Coded(DifferenceReason, allow_null=True)
    omission_reason = Coded(OmissionReason, allow_null=True)
    note = serializers.CharField()


class PlannedDay(serializers.Serializer[Any]):
    """A cycle day that is not saved."""

    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    of_cycles = serializers.IntegerField(allow_null=True, help_text="Null where there is no last cycle.")
    phase = serializers.CharField()
    planned_on = serializers.DateField()
    infusion_minutes = serializers.IntegerField()
    chair_minutes = serializers.IntegerField()
    administrations = PlannedDose(many=True)


class CycleDayLine(serializers.Serializer[Any]):
    """A cycle day of a plan."""

    uuid = serializers.UUIDField()
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    of_cycles = serializers.IntegerField(allow_null=True, help_text="Null where there is no last cycle.")
    phase = serializers.CharField()
    state = Coded(DayState)
    planned_on = serializers.DateField()
    first_planned_on = serializers.DateField(help_text="Where it stood when the plan began.")
    starts_at = Clock(allow_null=True)
    infusion_minutes = serializers.IntegerField()
    chair_minutes = serializers.IntegerField()
    done_on = serializers.DateField(allow_null=True)
    omission_reason = Coded(OmissionReason, allow_null=True)
    omission_made_up = serializers.BooleanField()
    note = serializers.CharField()
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    administrations = AdministrationOut(source="administrations.all", many=True)


class ObjectionOut(serializers.Serializer[Any]):
    """Why not, and whose it is. One that `stops_treatment` must go, or be overridden by name."""

    key = serializers.CharField()
    sentence = serializers.CharField()
    owner = serializers.CharField()
    blocks = serializers.BooleanField()
    overridable = serializers.BooleanField()
    overridden = serializers.CharField()
    stops_treatment = serializers.BooleanField()


class ProjectionOut(serializers.Serializer[Any]):
    """Where a plan stands. Counts are of cycle days; `credited` ones were given before it."""

    credited = serializers.IntegerField()
    given = serializers.IntegerField()
    omitted = serializers.IntegerField()
    left = serializers.IntegerField()
    total = serializers.IntegerField()
    next_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True)
    first_planned_last_on = serializers.DateField(allow_null=True)
    delay_days = serializers.IntegerField()


class EntryOut(serializers.Serializer[Any]):
    """One agent of one cycle day in a projection."""

    agent = serializers.CharField()
    state = Coded(EntryState)
    kind = Coded(DoseKind)
    dose = serializers.CharField(source="dose.in_words")
    because = serializers.CharField(source="judgement.reason", default="")
    source = serializers.CharField(source="dose.citation.key")  # type: ignore[assignment]
    note = serializers.CharField()


class DayChangeOut(serializers.Serializer[Any]):
    """A cycle day that would change; a null date means that it is not in the plan."""

    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    old_on = serializers.DateField(allow_null=True)
    new_on = serializers.DateField(allow_null=True)
    consequences = serializers.ListField(child=serializers.CharField())
    was = EntryOut(many=True)
    now = EntryOut(many=True)


class BesideOut(serializers.Serializer[Any]):
    """An echo, an hour or a calendar: null where there is no date before or after."""

    what = serializers.CharField()
    old_on = serializers.DateField(allow_null=True)
    new_on = serializers.DateField(allow_null=True)
    sentence = serializers.CharField()


class ComparisonOut(serializers.Serializer[Any]):
    """A plan as it stands beside the plan as it would stand."""

    before = ProjectionOut()
    after = ProjectionOut()
    changed = DayChangeOut(many=True)
    beside = BesideOut(many=True, help_text="What moves with the infusions, or stays where it no longer fits.")


def compared(plan: TreatmentPlan, change: Change) -> dict[str, Any]:
    """A preview as ComparisonOut shows it."""
    found = compare(change.before, change.after, change.gone)
    moved = consequences.beside(plan, found)
    return {"before": found.before, "after": found.after, "changed": found.changed, "beside": moved}


class DueOut(serializers.Serializer[Any]):
    """What one agent is due on a certain date, which may differ from what is planned."""

    agent = serializers.CharField()
    kind = Coded(DoseKind, source="entry.kind")
    because = serializers.CharField(source="entry.judgement.reason", default="")
    dose = serializers.CharField(source="entry.dose.in_words")
    calculated_mg = Figure(source="calculation.calculated_mg", allow_null=True)
    planned_mg = Figure(source="calculation.planned_mg", allow_null=True)
    planned_ml = Figure(source="calculation.ml", allow_null=True)
    arithmetic = serializers.CharField(source="calculation.arithmetic")
    source = serializers.CharField(source="entry.dose.citation.key")  # type: ignore[assignment]
    confidence = Coded(Confidence, source="entry.dose.citation.confidence")


class DoseIn(serializers.Serializer[Any]):
    """What one agent's administration was: exactly one of mg, ml (combinations) and omission_reason."""

    agent = serializers.CharField(max_length=60)
    mg = serializers.DecimalField(7, 2, required=False, allow_null=True)
    ml = serializers.DecimalField(6, 2, required=False, allow_null=True)
    omission_reason = Coded(OmissionReason, required=False)
    product = serializers.CharField(max_length=80, required=False, allow_blank=True)
    lot = serializers.CharField(max_length=40, required=False, allow_blank=True)
    expires_on = Day(required=False, allow_null=True)
    code = serializers.CharField(
        max_length=400, required=False, trim_whitespace=False, help_text="The bag's scanned code: fills lot and expiry."
    )
    started_at = Clock(required=False, allow_null=True)
    stopped_at = Clock(required=False, allow_null=True)
    difference_reason = Coded(DifferenceReason, required=False)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        said = [name for name in ("mg", "ml", "omission_reason") if attrs.get(name) not in (None, "")]
        if len(said) != 1:
            raise serializers.ValidationError("Give exactly one of mg, ml and omission_reason.")
        return attrs
