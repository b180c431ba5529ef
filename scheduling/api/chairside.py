"""What is seen at the chair, over HTTP: vital signs and reactions of one infusion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Clock, Coded, Day, Figure
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import chairside, corrections
from scheduling.models import CycleDay
from scheduling.words import ReactionAction, ReactionSign


class SeenIn(serializers.Serializer[Any]):
    """When it was seen, on the site's clocks."""

    seen_on = Day()
    seen_at = Clock()


class VitalsIn(SeenIn):
    """One timed set; at least one figure, and both of a blood pressure."""

    temperature_c = serializers.DecimalField(3, 1, required=False, allow_null=True)
    pulse_bpm = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)
    systolic_mmhg = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)
    diastolic_mmhg = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)
    saturation_percent = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)


class ReactionIn(SeenIn):
    """An infusion reaction; the grade is that of the CTCAE."""

    agent = serializers.CharField(max_length=60)
    grade = serializers.IntegerField(min_value=1, max_value=5)
    signs = serializers.ListField(child=Coded(ReactionSign), allow_empty=False)
    action = Coded(ReactionAction)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class AmendSeenIn(serializers.Serializer[Any]):
    """What was really seen. A field left out stays as it is recorded."""

    seen_on = Day(required=False)
    seen_at = Clock(required=False)
    in_error = serializers.BooleanField(
        required=False, help_text="It never happened, or to somebody else: it stays in sight and counts no more."
    )
    reason = serializers.CharField(max_length=1000, help_text="In a sentence, why the entry is amended.")


class AmendVitalsIn(AmendSeenIn):
    """A set of vital signs as it really was; null: not measured."""

    temperature_c = serializers.DecimalField(3, 1, required=False, allow_null=True)
    pulse_bpm = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)
    systolic_mmhg = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)
    diastolic_mmhg = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)
    saturation_percent = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=999)


class AmendReactionIn(AmendSeenIn):
    """A reaction as it really was."""

    agent = serializers.CharField(max_length=60, required=False)
    grade = serializers.IntegerField(min_value=1, max_value=5, required=False)
    signs = serializers.ListField(child=Coded(ReactionSign), allow_empty=False, required=False)
    action = Coded(ReactionAction, required=False)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class SeenAmendmentOut(serializers.Serializer[Any]):
    """One correction; `before` and `after` hold the changed fields only."""

    uuid = serializers.UUIDField()
    before = serializers.DictField(child=serializers.CharField())
    after = serializers.DictField(child=serializers.CharField())
    reason = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class SeenOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    seen_on = serializers.DateField()
    seen_at = Clock()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    in_error = serializers.BooleanField()


class VitalsOut(SeenOut):
    """One timed set of vital signs."""

    temperature_c = Figure(allow_null=True)
    pulse_bpm = serializers.IntegerField(allow_null=True)
    systolic_mmhg = serializers.IntegerField(allow_null=True)
    diastolic_mmhg = serializers.IntegerField(allow_null=True)
    saturation_percent = serializers.IntegerField(allow_null=True)


class ReactionOut(SeenOut):
    """An infusion reaction."""

    agent = serializers.CharField()
    grade = serializers.IntegerField()
    signs = serializers.ListField(child=Coded(ReactionSign))
    action = Coded(ReactionAction)
    note = serializers.CharField()


class AmendedVitalsOut(VitalsOut):
    """A set of vital signs as it stands, with every correction, oldest first."""

    amendments = SeenAmendmentOut(source="amendments.all", many=True)


class AmendedReactionOut(ReactionOut):
    """A reaction as it stands, with every correction, oldest first."""

    amendments = SeenAmendmentOut(source="amendments.all", many=True)


class Vitals(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("cycle_days_vitals", returns=VitalsOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """The vital signs taken during and after one infusion, by time."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.listed(VitalsOut, row.plan.vital_signs.filter(**_of(row)).select_related("recorded_by"))

    @operation("cycle_days_vitals_record", takes=VitalsIn, returns=VitalsOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record one timed set of vital signs."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.shown(
            VitalsOut, chairside.record_vitals(by=self.by, cycle_day=row, **self.body(VitalsIn)), status=201
        )


class Reactions(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("cycle_days_reactions", returns=ReactionOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """The reactions to one infusion, by time."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.listed(ReactionOut, row.plan.reactions.filter(**_of(row)).select_related("recorded_by"))

    @operation("cycle_days_reactions_record", takes=ReactionIn, returns=ReactionOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record an infusion reaction with its grade, signs and what was done."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.shown(
            ReactionOut, chairside.record_reaction(by=self.by, cycle_day=row, **self.body(ReactionIn)), status=201
        )


class AmendVitals(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("vital_signs_retrieve", returns=AmendedVitalsOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One set of vital signs, and how it was corrected."""
        return self.shown(AmendedVitalsOut, lookups.vitals_for(self.by, uuid))

    @operation("vital_signs_amend", takes=AmendVitalsIn, returns=AmendedVitalsOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Correct one set of vital signs. The old value is kept beside the new one."""
        corrections.amend_vitals(by=self.by, vitals=lookups.vitals_for(self.by, uuid), **self.body(AmendVitalsIn))
        return self.shown(AmendedVitalsOut, lookups.vitals_for(self.by, uuid))


class AmendReaction(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("reactions_retrieve", returns=AmendedReactionOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One reaction, and how it was corrected."""
        return self.shown(AmendedReactionOut, lookups.reaction_for(self.by, uuid))

    @operation("reactions_amend", takes=AmendReactionIn, returns=AmendedReactionOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Correct a reaction. The old value is kept beside the new one."""
        found = lookups.reaction_for(self.by, uuid)
        corrections.amend_reaction(by=self.by, reaction=found, **self.body(AmendReactionIn))
        return self.shown(AmendedReactionOut, lookups.reaction_for(self.by, uuid))


def _of(row: CycleDay) -> dict[str, int]:
    return {"cycle": row.cycle, "day": row.day}
