"""The second check over HTTP: asked for, read blind, done by another, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Figure
from her2tracker.api.views import Operations, operation
from scheduling import catalog, lookups, waiting
from scheduling.actions import second_checks as actions
from scheduling.api.plans import Revised
from scheduling.core.second_check import CheckState
from scheduling.models.about import about
from scheduling.models.checking import standing_of


class CheckOut(serializers.Serializer[Any]):
    """One second check. Both figures stand in it once it is done, and neither before."""

    uuid = serializers.UUIDField()
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    for_on = serializers.DateField()
    state = Coded(CheckState)
    recorded_by = serializers.CharField(help_text="Who asked for it.")
    recorded_at = serializers.DateTimeField()
    ended_by = serializers.CharField(allow_null=True, help_text="Who did it or withdrew it.")
    ended_at = serializers.DateTimeField(allow_null=True)
    figures = serializers.SerializerMethodField(help_text="Each agent's two figures; empty until it is done.")
    confirmed = serializers.ListField(child=serializers.CharField())
    not_right = serializers.CharField()

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_figures(self, check: Any) -> Any:
        return check.both if check.kind.is_decided else []


class CheckStandingOut(serializers.Serializer[Any]):
    """Where the second check of a cycle day stands today or, when it is still to come, on its day."""

    is_required = serializers.BooleanField(help_text="Whether the site gives nothing without one.")
    agreed = serializers.BooleanField()
    differs = serializers.BooleanField()
    waiting = CheckOut(allow_null=True)
    waiting_lapsed = serializers.ListField(child=serializers.CharField())
    done = CheckOut(allow_null=True, help_text="The last one that somebody did.")
    lapsed = serializers.ListField(child=serializers.CharField(), help_text="Why the last one no longer counts.")


class WaitingCheckOut(serializers.Serializer[Any]):
    """One request that waits."""

    check = serializers.UUIDField(source="check.uuid")
    cycle_day = serializers.UUIDField(source="row.uuid")
    patient = serializers.UUIDField(source="check.plan.patient.uuid")
    name = serializers.CharField(source="check.plan.patient")
    born_on = serializers.DateField(source="check.plan.patient.born_on")
    mrn = serializers.CharField(source="check.plan.patient.mrn")
    chair = serializers.CharField(help_text="Empty where none is booked.")
    minutes = serializers.IntegerField(help_text="How long it has waited.")
    asked_by = serializers.CharField(source="check.recorded_by")
    lapsed = serializers.ListField(child=serializers.CharField())


class BlindDoseOut(serializers.Serializer[Any]):
    """One agent with what its figure follows from. A fixed dose has no `mg_per_kg`."""

    agent = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField(help_text="first, loading, maintenance or reload.")
    route = serializers.CharField()
    unit = serializers.CharField(help_text="What to answer in: mg, or mL for a fixed combination.")
    mg_per_kg = Figure(allow_null=True)
    days_since_last = serializers.IntegerField(allow_null=True)
    days_late = serializers.IntegerField(allow_null=True)


class ItemOut(serializers.Serializer[Any]):
    """One thing that is confirmed at the chair."""

    id = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    source = serializers.CharField(source="citation.key")  # type: ignore[assignment]


class BlindCheckOut(serializers.Serializer[Any]):
    """A request as the checker sees it: no figure that anybody worked out is in it."""

    uuid = serializers.UUIDField(source="check.uuid")
    state = Coded(CheckState, source="check.state")
    asked_by = serializers.CharField(source="check.recorded_by")
    asked_at = serializers.DateTimeField(source="check.recorded_at")
    cycle_day = serializers.UUIDField(source="row.uuid")
    patient = serializers.UUIDField(source="check.plan.patient.uuid")
    name = serializers.CharField(source="check.plan.patient")
    born_on = serializers.DateField(source="check.plan.patient.born_on")
    mrn = serializers.CharField(source="check.plan.patient.mrn")
    cycle = serializers.IntegerField(source="row.cycle")
    of_cycles = serializers.IntegerField(source="row.of_cycles", allow_null=True)
    weight_kg = Figure(allow_null=True)
    weight_on = serializers.DateField(allow_null=True)
    rounding_step_mg = Figure(allow_null=True)
    doses = BlindDoseOut(many=True)
    items = serializers.SerializerMethodField()
    lapsed = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(ItemOut(many=True))
    def get_items(self, _: Any) -> Any:
        return ItemOut(catalog.chairside_items(), many=True).data


class OwnFigureIn(serializers.Serializer[Any]):
    agent = serializers.CharField(max_length=60)
    figure = serializers.DecimalField(7, 2, help_text="In the unit that the agent asks for.")


class CheckIn(serializers.Serializer[Any]):
    """The checker's own figures, and the ids of the items seen at the chair."""

    figures = OwnFigureIn(many=True, allow_empty=False)
    confirmed = serializers.ListField(child=serializers.CharField(max_length=40))
    not_right = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, help_text="What speaks against it: the check then differs."
    )

    def validate_figures(self, figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({one["agent"] for one in figures}) < len(figures):
            raise serializers.ValidationError("Give one figure for each agent.")
        return figures


class WithdrawIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class CheckOfOne(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("cycle_days_second_check", returns=CheckStandingOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """Where the second check of this infusion stands; figures only of one that was done."""
        row = lookups.cycle_day_for(self.by, uuid)
        known = about([row.plan])[row.plan_id]
        state = standing_of(row, known, max(row.planned_on, self.by.site.today()))
        told = {name: getattr(state, name) for name in ("agreed", "differs", "waiting_lapsed", "lapsed")}
        told |= {"waiting": state.waiting, "done": state.done, "is_required": known.policy.second_check_required}
        return self.shown(CheckStandingOut, told)

    @operation("cycle_days_second_check_request", takes=Revised, returns=CheckOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Ask whoever is free for a check of what is given today."""
        row = lookups.cycle_day_for(self.by, uuid)
        return self.shown(CheckOut, actions.request(by=self.by, cycle_day=row, **self.body(Revised)), status=201)


class WaitingChecks(Operations):
    permissions = {"GET": Permission.RECORD_ADMINISTRATIONS}

    @operation("second_checks_list", returns=WaitingCheckOut(many=True))
    def get(self, _: Any) -> Response:
        """What waits at the site today for a second person, longest first."""
        return self.listed(WaitingCheckOut, waiting.checks_at(self.by.site, timezone.now()))


class OneCheck(Operations):
    permissions = {"GET": Permission.RECORD_ADMINISTRATIONS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("second_checks_retrieve", returns=BlindCheckOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """A request as the checker sees it: raw inputs, and no figure that anybody worked out."""
        return self.shown(BlindCheckOut, actions.blind_of(lookups.second_check_for(self.by, uuid)))

    @operation("second_checks_submit", takes=CheckIn, returns=CheckOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Do the check. Figures that differ are no refusal: the answer's state is `differed`, and nothing is given.

        Refused as `same-person` for whoever asked for it, as `check-lapsed` where the infusion changed since.
        """
        check, said = lookups.second_check_for(self.by, uuid), self.body(CheckIn)
        figures = {one["agent"]: one["figure"] for one in said.pop("figures")}
        return self.shown(CheckOut, actions.submit(by=self.by, check=check, entered=figures, **said))


class WithdrawCheck(Operations):
    permissions = {"POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("second_checks_withdraw", takes=WithdrawIn, returns=CheckOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take a request back while it waits."""
        check = lookups.second_check_for(self.by, uuid)
        return self.shown(CheckOut, actions.withdraw(by=self.by, check=check, **self.body(WithdrawIn)))
