"""What changes a running plan as a whole, each with a preview that saves nothing, and the way back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import changes, oral_levels, plans
from scheduling.actions.cycles import Change
from scheduling.api.at_home import CourseOut
from scheduling.api.doses import ComparisonOut, compared
from scheduling.api.plans import PlanAct, PlanOut, Revised
from scheduling.api.regimens import RefusalOut
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from scheduling.forms.plan_changes import MOST_CYCLES
from scheduling.models.standing import projection_of


class Cycles(serializers.Serializer[Any]):
    cycles = serializers.IntegerField(min_value=1, max_value=MOST_CYCLES)


class ExtendIn(Revised, Cycles):
    reason = serializers.CharField(max_length=1000)
    overridden = serializers.BooleanField(
        required=False, default=False, help_text="Add them past one year or its doses, under your own name."
    )


class ExtendingOut(ComparisonOut):
    refusal = RefusalOut(allow_null=True, help_text="What only an override passes.")


class LowerFrom(serializers.Serializer[Any]):
    """What is infused is reduced from a cycle on, what is taken at home from a day on."""

    agent = serializers.CharField(max_length=60)
    from_cycle = serializers.IntegerField(
        required=False, min_value=1, max_value=999, help_text="For an agent that is infused."
    )
    from_on = serializers.DateField(required=False, help_text="For an agent that is taken at home.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("from_cycle" in attrs) == ("from_on" in attrs):
            raise serializers.ValidationError({"from_cycle": "Say either the cycle or the day it is reduced from."})
        return attrs


class ReduceIn(Revised, LowerFrom):
    mg_per_kg = serializers.DecimalField(
        4, 2, required=False, min_value=0, help_text="The level meant. One step down is the only one accepted."
    )
    mg = serializers.DecimalField(
        7, 2, required=False, min_value=0, help_text="The level meant, of an agent taken at home."
    )
    reason = serializers.CharField(max_length=1000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The level of an infused agent is said in mg/kg, that of one taken at home in mg."""
        said = super().validate(attrs)
        other = "mg_per_kg" if "from_on" in said else "mg"
        if other in said:
            raise serializers.ValidationError({other: "The level of this agent has another unit."})
        return said


class ReducingOut(ComparisonOut):
    """Every dose one level lower, or what would be taken at home."""

    at_home = CourseOut(allow_null=True, help_text="The agent's course as it would be; null for one that is infused.")


class PolicyChoice(serializers.Serializer[Any]):
    """Answers where the labels disagree; one left out stays as it is."""

    reload_with_pertuzumab = Coded(ReloadPolicy, required=False)
    anchor = Coded(Anchor, required=False)
    cap = Coded(CapPolicy, required=False)


class PolicyIn(Revised, PolicyChoice):
    reason = serializers.CharField(max_length=1000)


class UndoIn(Revised):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class UndoingOut(ComparisonOut):
    what = serializers.CharField(help_text="The change that would be taken back, in words.")


class Extend(PlanAct):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_extend", takes=ExtendIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Add cycles at the end. Past one year or its doses it is refused unless you override by name."""
        changes.extend(by=self.by, plan=lookups.plan_for(self.by, uuid), **self.body(ExtendIn))
        return self.stands(uuid)


class PreviewExtend(Operations):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_extend_preview", takes=Cycles, returns=ExtendingOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """The plan with more cycles, and what only an override passes. Nothing is saved."""
        plan = lookups.plan_for(self.by, uuid)
        found = changes.preview_extend(by=self.by, plan=plan, **self.body(Cycles))
        return self.shown(ExtendingOut, compared(plan, found.change) | {"refusal": found.refusal})


class Reduce(PlanAct):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_reduce", takes=ReduceIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Give an agent one level lower from a cycle on, or have it taken so from a day on. Never up again."""
        plan, said = lookups.plan_for(self.by, uuid), self.body(ReduceIn)
        if "from_on" in said:
            oral_levels.reduce(by=self.by, plan=plan, **said)
        else:
            changes.reduce(by=self.by, plan=plan, **said)
        return self.stands(uuid)


class PreviewReduce(Operations):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_reduce_preview", takes=LowerFrom, returns=ReducingOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Every dose one level lower. Nothing is saved."""
        plan, said = lookups.plan_for(self.by, uuid), self.body(LowerFrom)
        if "from_on" in said:
            standing = projection_of(plan, today=self.by.site.today())
            course = oral_levels.preview_reduce(by=self.by, plan=plan, **said).after
            return self.shown(ReducingOut, compared(plan, Change(standing, standing)) | {"at_home": course})
        change = changes.preview_reduce(by=self.by, plan=plan, **said)
        return self.shown(ReducingOut, compared(plan, change) | {"at_home": None})


class PreviewCease(Operations):
    permissions = {"POST": Permission.HOLD_PLANS}

    @operation("plans_cease_preview", returns=ComparisonOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """What would no longer be given, and which echoes would then be asked for. Nothing is saved."""
        plan = lookups.plan_for(self.by, uuid)
        return self.shown(ComparisonOut, compared(plan, plans.preview_cease(by=self.by, plan=plan)))


class ChoosePolicy(PlanAct):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_choose_policy", takes=PolicyIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Let the plan go by other answers where the labels disagree."""
        plan, said = lookups.plan_for(self.by, uuid), self.body(PolicyIn)
        reason, revision = said.pop("reason"), said.pop("revision", None)
        chosen = changes.as_values(said, plan)
        changes.choose_policy(by=self.by, plan=plan, chosen=chosen, reason=reason, revision=revision)
        return self.stands(uuid)


class PreviewPolicy(Operations):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_choose_policy_preview", takes=PolicyChoice, returns=ComparisonOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """What other answers would move. Nothing is saved."""
        plan = lookups.plan_for(self.by, uuid)
        chosen = changes.as_values(self.body(PolicyChoice), plan)
        return self.shown(ComparisonOut, compared(plan, changes.preview_policy(by=self.by, plan=plan, chosen=chosen)))


class Undo(PlanAct):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("plans_undo", takes=UndoIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take back the last delay, omission, extension or level, until something clinical follows it."""
        changes.undo(by=self.by, plan=lookups.plan_for(self.by, uuid), **self.body(UndoIn))
        return self.stands(uuid)


class PreviewUndo(Operations):
    permissions = {"POST": Permission.CHANGE_SCHEDULE}

    @operation("plans_undo_preview", returns=UndoingOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """What would be taken back, and what moves by it. Nothing is saved."""
        plan = lookups.plan_for(self.by, uuid)
        last, change = changes.preview_undo(by=self.by, plan=plan)
        return self.shown(UndoingOut, compared(plan, change) | {"what": changes.told(last)})
