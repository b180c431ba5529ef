"""A plan's heart: its baseline, when the next LVEF is due, and the echoes booked for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day
from her2tracker.api.views import Operations, operation
from monitoring import lookups
from monitoring.actions import assessments
from monitoring.api.assessments import AssessmentOut
from monitoring.api.judgements import SurveillanceOut
from monitoring.models.baselines import candidates_of
from monitoring.models.clocks import clock_of
from monitoring.models.standing import Standing, standing_of
from scheduling.lookups import plan_for


class ChoiceOut(serializers.Serializer[Any]):
    """Who chose the baseline, and why."""

    assessment = serializers.UUIDField(source="assessment.uuid")
    reason = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class BaselineOut(serializers.Serializer[Any]):
    """The result that falls are counted from: the clinician's choice, else the last before the first dose."""

    baseline = AssessmentOut(allow_null=True)
    is_chosen = serializers.BooleanField()
    choices = ChoiceOut(many=True)
    candidates = AssessmentOut(many=True)


class BaselineIn(serializers.Serializer[Any]):
    assessment = serializers.UUIDField()
    reason = serializers.CharField(max_length=2000)


class EchoOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    booked_for = serializers.DateField()
    lab = serializers.CharField()
    note = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)


class EchoBookedOut(EchoOut):
    """The booking, and a note when it is probably too early; it is booked all the same."""

    too_early = serializers.CharField(allow_null=True)


class EchoIn(serializers.Serializer[Any]):
    booked_for = Day()
    lab = serializers.CharField(max_length=120)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class Baseline(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.CHOOSE_BASELINE}

    @operation("plans_baseline_retrieve", returns=BaselineOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The plan's baseline, who chose it, and which results may serve."""
        return self._shown(standing_of(plan_for(self.by, uuid)))

    @operation("plans_baseline_choose", takes=BaselineIn, returns=BaselineOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Choose the result that this plan's falls are counted from."""
        plan, said = plan_for(self.by, uuid), self.body(BaselineIn)
        assessment = lookups.assessment_for(self.by, said["assessment"])
        assessments.choose_baseline(by=self.by, plan=plan, assessment=assessment, reason=said["reason"])
        return self._shown(standing_of(plan))

    def _shown(self, standing: Standing) -> Response:
        choices = standing.plan.baseline_choices.select_related("assessment", "recorded_by")
        return self.shown(
            BaselineOut,
            {
                "baseline": standing.baseline,
                "is_chosen": standing.chosen_baseline is not None,
                "choices": choices,
                "candidates": candidates_of(standing.plan),
            },
        )


class Surveillance(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("plans_window", returns=SurveillanceOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """When the next LVEF may be done, is due, and is overdue, and why. Computed now, never stored."""
        standing, today = standing_of(plan_for(self.by, uuid)), self.by.site.today()
        found = standing.window(today)
        held, clock = clock_of(standing, today) or (None, None)
        clocks = {"hold_states": held.states if held else (), "hold_clock": clock}
        shown = SurveillanceOut({**_fields(found), **clocks})
        return Response(shown.data)


class Echoes(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.BOOK_ECHOES}

    @operation("plans_echoes_list", returns=EchoOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """Every echo booked for this plan, cancelled ones too."""
        return self.listed(EchoOut, plan_for(self.by, uuid).echo_bookings.select_related("recorded_by"))

    @operation("plans_echoes_book", takes=EchoIn, returns=EchoBookedOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Book an echo, in place of one that was booked. A booking closes nothing: only a result does."""
        plan = plan_for(self.by, uuid)
        booking = assessments.book_echo(by=self.by, plan=plan, **self.body(EchoIn))
        early = standing_of(plan).too_early(booking.booked_for, self.by.site.today())
        booking.too_early = early.sentence if early else None  # type: ignore[attr-defined]
        return self.shown(EchoBookedOut, booking, status=201)


def _fields(window: Any) -> dict[str, Any]:
    return {name: getattr(window, name) for name in window.__dataclass_fields__}
