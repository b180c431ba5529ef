"""From one plan to another, and earlier doses corrected after the start: looked at first, then done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day
from her2tracker.api.shapes import Cited
from her2tracker.api.views import operation
from scheduling import lookups
from scheduling.actions import priors, switches
from scheduling.actions.plans import Prior
from scheduling.actions.switches import To
from scheduling.api.doses import ProjectionOut
from scheduling.api.plans import PlanAct, PlanOut, PreviewOut, Revised, weight_of
from scheduling.api.priors import PriorIn, each_agent_once
from scheduling.core.regimen import DoseKind
from scheduling.core.switching import Outcome
from scheduling.models import TreatmentPlan
from scheduling.words import Setting, SwitchReason


class SwitchToIn(serializers.Serializer[Any]):
    """The other regimen, and what only a clinician can answer where the sources say nothing."""

    regimen = serializers.SlugField(max_length=60)
    version = serializers.IntegerField(required=False, min_value=1, max_value=999)
    start_on = Day()
    setting = Coded(Setting, required=False)
    weight = serializers.UUIDField(required=False, help_text="A measurement's uuid; the latest weight when left out.")
    doses_count = serializers.BooleanField(required=False, allow_null=True)
    decided_kind = serializers.ChoiceField(
        choices=[DoseKind.LOADING.value, DoseKind.MAINTENANCE.value], required=False, help_text="The first dose's kind."
    )


class SwitchIn(SwitchToIn, Revised):
    reason = Coded(SwitchReason)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class CountOut(Cited):
    """One way of counting how far treatment has come."""

    name = serializers.CharField()
    done = serializers.IntegerField()
    of = serializers.IntegerField()
    left = serializers.IntegerField()


class CreditOut(serializers.Serializer[Any]):
    agent = serializers.CharField()
    doses = serializers.IntegerField()
    last_given_on = serializers.DateField()
    first_given_on = serializers.DateField(allow_null=True)


class DroppedOut(serializers.Serializer[Any]):
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    planned_on = serializers.DateField()


class SwitchOut(serializers.Serializer[Any]):
    """What switching would do. Nothing is saved; `new` is null while a question is open."""

    outcome = Coded(Outcome, source="verdict.outcome")
    reason = serializers.CharField(source="verdict.reason")
    source = serializers.CharField(source="verdict.citation.key")  # type: ignore[assignment]
    counts = CountOut(source="verdict.counts", many=True)
    not_counted = CreditOut(source="verdict.not_counted", many=True)
    new_baseline = serializers.BooleanField(source="verdict.new_baseline")
    asks_doses_count = serializers.BooleanField(source="asks_count")
    asks_decided_kind = serializers.BooleanField(source="asks_kind")
    unanswered = serializers.CharField(help_text="The first open question in words; empty when all are answered.")
    dropped = DroppedOut(many=True)
    new = PreviewOut(allow_null=True)


class CorrectPriorsToIn(serializers.Serializer[Any]):
    """All earlier doses of the plan, in place of those on record."""

    prior = PriorIn(many=True)

    def validate_prior(self, prior: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return each_agent_once(prior)


class CorrectPriorsIn(CorrectPriorsToIn, Revised):
    reason = serializers.CharField(max_length=1000, help_text="How you know of these doses.")


class NumberOut(serializers.Serializer[Any]):
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    on = serializers.DateField()


class LineOut(serializers.Serializer[Any]):
    """A cycle day as it is now and as it would be; null where one of the two does not have it."""

    was = NumberOut(source="old", allow_null=True)
    now = NumberOut(source="new", allow_null=True)
    decided = serializers.BooleanField(source="is_decided")


class CorrectionOut(serializers.Serializer[Any]):
    before = ProjectionOut()
    after = ProjectionOut()
    lines = LineOut(many=True)


class SwitchPlan(PlanAct):
    permissions = {"POST": Permission.START_PLANS}

    @operation("plans_switch", takes=SwitchIn, returns=PlanOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """End this plan and start another in one act; answered with the new plan."""
        plan, said = lookups.plan_for(self.by, uuid), self.body(SwitchIn)
        started = switches.make(
            by=self.by,
            plan=plan,
            to=_to(plan, said),
            reason=said["reason"],
            note=said.get("note", ""),
            revision=said.get("revision"),
        )
        return self.shown(PlanOut, lookups.plan_for(self.by, started.uuid), status=201)


class PreviewSwitch(PlanAct):
    permissions = {"POST": Permission.START_PLANS}

    @operation("plans_switch_preview", takes=SwitchToIn, returns=SwitchOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """How the doses would count, what would go and what would come. Nothing is saved."""
        plan = lookups.plan_for(self.by, uuid)
        found = switches.preview(by=self.by, plan=plan, to=_to(plan, self.body(SwitchToIn)))
        return self.shown(SwitchOut, found)


class CorrectPriors(PlanAct):
    permissions = {"POST": Permission.START_PLANS}

    @operation("plans_prior", takes=CorrectPriorsIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Correct the earlier doses. What was given in the plan keeps its dates; numbering and the end follow."""
        plan, said = lookups.plan_for(self.by, uuid), self.body(CorrectPriorsIn)
        prior = [Prior(**one) for one in said.pop("prior")]
        priors.correct(by=self.by, plan=plan, prior=prior, **said)
        return self.stands(uuid)


class PreviewCorrectPriors(PlanAct):
    permissions = {"POST": Permission.START_PLANS}

    @operation("plans_prior_preview", takes=CorrectPriorsToIn, returns=CorrectionOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """What other earlier doses would mean for every cycle. Nothing is saved."""
        plan = lookups.plan_for(self.by, uuid)
        prior = [Prior(**one) for one in self.body(CorrectPriorsToIn)["prior"]]
        found = priors.preview_correct(by=self.by, plan=plan, prior=prior)
        return self.shown(CorrectionOut, found)


def _to(plan: TreatmentPlan, said: dict[str, Any]) -> To:
    return To(
        lookups.regimen_for(plan.patient.site_id, said["regimen"], said.get("version")),
        said["start_on"],
        said.get("setting", ""),
        weight_of(plan.patient, said.get("weight")),
        said.get("decided_kind", ""),
        said.get("doses_count"),
    )
