"""Treatment plans: previewed, started, read, held, resumed, recalculated, ceased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded, Day, Figure
from her2tracker.api.views import Operations, operation
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import lookups
from scheduling.actions import holds, plans, rows
from scheduling.actions.plans import Preview, Prior
from scheduling.api.at_home import CourseOut
from scheduling.api.doses import CycleDayLine, PlannedDay, ProjectionOut
from scheduling.api.patients import PlanName
from scheduling.api.priors import PriorIn, PriorOut, each_agent_once
from scheduling.api.regimens import RefusalOut
from scheduling.core.at_home import courses
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from scheduling.models import BodyMeasurement, Patient, TreatmentPlan
from scheduling.models.standing import courses_of, projection_of, regimen_of
from scheduling.words import CeaseReason, DelayScope, HoldReason, PlanState, Setting, SwitchReason

REVISION_HELP = "The plan's `revision` as you saw it. When it has changed since, nothing is saved."


class Revised(serializers.Serializer[Any]):
    """A change of a plan, refused when somebody changed it since it was read."""

    revision = serializers.IntegerField(required=False, min_value=1, help_text=REVISION_HELP)


class PlanIn(serializers.Serializer[Any]):
    """A regimen chosen for a patient. Without `version` the newest, `setting` is needed where it has two."""

    regimen = serializers.SlugField(max_length=60)
    version = serializers.IntegerField(required=False, min_value=1, max_value=999)
    start_on = Day()
    setting = Coded(Setting, required=False)
    prior = PriorIn(many=True, required=False)
    weight = serializers.UUIDField(required=False, help_text="A measurement's uuid; the latest weight when left out.")

    def validate_prior(self, prior: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return each_agent_once(prior)


class StartIn(PlanIn):
    in_spite_of = serializers.CharField(
        max_length=500, required=False, allow_blank=True,
        help_text="Why a plan by mouth starts although a precondition is not met. An infusion would wait instead.",
    )  # fmt: skip


class PreviewOut(serializers.Serializer[Any]):
    """What starting would do. Nothing is saved; `refusals` are the reasons why it would be refused."""

    regimen = serializers.CharField(source="regimen.name")
    dosing_weight_kg = Figure(source="plan.dosing_weight_kg", allow_null=True)
    projection = ProjectionOut()
    cycle_days = serializers.SerializerMethodField()
    at_home = serializers.SerializerMethodField()
    refusals = RefusalOut(many=True)

    @extend_schema_field(CourseOut(many=True))
    def get_at_home(self, preview: Preview) -> Any:
        return CourseOut(courses(preview.regimen, preview.plan.start_on), many=True).data

    @extend_schema_field(PlannedDay(many=True))
    def get_cycle_days(self, preview: Preview) -> Any:
        return PlannedDay(_days_of(preview), many=True).data


class HoldOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    begun_on = serializers.DateField()
    reason = Coded(HoldReason)
    note = serializers.CharField()
    repeat_assessment_by = serializers.DateField(allow_null=True)
    recorded_by = serializers.CharField()
    ended_on = serializers.DateField(allow_null=True)
    ended_by = serializers.CharField(allow_null=True)
    end_note = serializers.CharField()


class DecidedOut(serializers.Serializer[Any]):
    """Why, by whom and when. What was undone is in the history only."""

    reason = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class DelayOut(DecidedOut):
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    from_on = serializers.DateField()
    to_on = serializers.DateField()
    scope = Coded(DelayScope)
    note = serializers.CharField()


class ExtensionOut(DecidedOut):
    cycles = serializers.IntegerField()
    overridden = serializers.BooleanField()


class LevelChangeOut(DecidedOut):
    agent = serializers.CharField()
    from_cycle = serializers.IntegerField()
    mg_per_kg = Figure()


class OralLevelChangeOut(DecidedOut):
    agent = serializers.CharField()
    from_on = serializers.DateField()
    mg = Figure()


class PlanOut(serializers.Serializer[Any]):
    """A plan: its facts, where it stands by them, and every cycle day with its doses."""

    uuid = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient.uuid")
    regimen = serializers.CharField(source="regimen.key")
    regimen_version = serializers.IntegerField(source="regimen.version")
    regimen_name = serializers.CharField(source="regimen.name")
    setting = Coded(Setting)
    start_on = serializers.DateField()
    state = Coded(PlanState)
    ended_on = serializers.DateField(allow_null=True)
    end_reason = Coded(CeaseReason, allow_null=True)
    dosing_weight_kg = Figure(allow_null=True)
    dosing_weight_on = serializers.DateField(allow_null=True)
    reload_with_pertuzumab = Coded(ReloadPolicy)
    anchor = Coded(Anchor)
    cap = Coded(CapPolicy)
    minimum_gap_days = serializers.IntegerField(allow_null=True)
    delays = DelayOut(source="delays.all", many=True)
    extensions = ExtensionOut(source="extensions.all", many=True)
    level_changes = LevelChangeOut(source="level_changes.all", many=True)
    oral_level_changes = OralLevelChangeOut(source="oral_level_changes.all", many=True)
    continues = serializers.UUIDField(source="continues.uuid", default=None, allow_null=True)
    continued_by = serializers.UUIDField(source="continued_by.uuid", default=None, allow_null=True)
    switch_reason = Coded(SwitchReason, allow_null=True)
    starts_new_line = serializers.BooleanField(help_text="Another line of treatment, with a baseline LVEF of its own.")
    revision = serializers.IntegerField(help_text=REVISION_HELP)
    responsible = serializers.CharField(source="responsible_oncologist", help_text="The oncologist who answers for it.")
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    prior = PriorOut(source="prior_treatments.all", many=True)
    holds = HoldOut(source="holds.all", many=True)
    until = serializers.SerializerMethodField(help_text="Where the plan ends, in words: doses, weeks, or progression.")
    projection = serializers.SerializerMethodField()
    cycle_days = CycleDayLine(source="cycle_days.all", many=True)
    at_home = serializers.SerializerMethodField()

    @extend_schema_field(CourseOut(many=True))
    def get_at_home(self, plan: TreatmentPlan) -> Any:
        return CourseOut(courses_of(plan), many=True).data

    def get_until(self, plan: TreatmentPlan) -> str:
        return regimen_of(plan.regimen).cap.in_words()

    @extend_schema_field(ProjectionOut)
    def get_projection(self, plan: TreatmentPlan) -> Any:
        return ProjectionOut(projection_of(plan, today=plan.patient.site.today())).data


class CeaseIn(Revised):
    reason = Coded(CeaseReason)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class HoldIn(Revised):
    reason = Coded(HoldReason)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    repeat_assessment_by = Day(required=False, allow_null=True)


class ResumeIn(Revised):
    note = serializers.CharField(max_length=2000)


class AssignIn(Revised):
    to = serializers.EmailField(max_length=254, help_text="The e-mail address of an oncologist of your site.")
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class RecalculateIn(Revised):
    weight = serializers.UUIDField(required=False, help_text="A measurement's uuid; the latest weight when left out.")


class Plans(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.START_PLANS}

    @operation("patients_plans_list", returns=PlanName(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """The patient's plans, the latest first."""
        return self.listed(PlanName, lookups.patient_for(self.by, uuid).plans.select_related("regimen"))

    @operation("plans_start", takes=StartIn, returns=PlanOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Start a treatment plan, as its preview shows it."""
        patient, said = lookups.patient_for(self.by, uuid), self.body(StartIn)
        plan = plans.start(by=self.by, in_spite_of=said.get("in_spite_of", ""), **chosen(patient, said))
        return self.shown(PlanOut, lookups.plan_for(self.by, plan.uuid), status=201)


class PreviewPlan(Operations):
    permissions = {"POST": Permission.START_PLANS}

    @operation("plans_preview", takes=PlanIn, returns=PreviewOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Every date and dose of a plan as it would be. Nothing is saved."""
        preview = plans.preview(by=self.by, **chosen(lookups.patient_for(self.by, uuid), self.body(PlanIn)))
        return self.shown(PreviewOut, preview)


class OnePlan(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("plans_retrieve", returns=PlanOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """Where the plan stands, and every cycle day, planned and given side by side."""
        return self.shown(PlanOut, lookups.plan_for(self.by, uuid))


class PlanAct(Operations):
    """An act on a plan, answered with the plan as it then stands."""

    def stands(self, uuid: UUID) -> Response:
        return self.shown(PlanOut, lookups.plan_for(self.by, uuid))


class Cease(PlanAct):
    permissions = {"POST": Permission.HOLD_PLANS}

    @operation("plans_cease", takes=CeaseIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Stop for good. What was given stays; what was planned goes."""
        plans.cease(by=self.by, plan=lookups.plan_for(self.by, uuid), **self.body(CeaseIn))
        return self.stands(uuid)


class HoldPlan(PlanAct):
    permissions = {"POST": Permission.HOLD_PLANS}

    @operation("plans_hold", takes=HoldIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Stop treating until resumed."""
        holds.begin(by=self.by, plan=lookups.plan_for(self.by, uuid), **self.body(HoldIn))
        return self.stands(uuid)


class Resume(PlanAct):
    permissions = {"POST": Permission.HOLD_PLANS}

    @operation("plans_resume", takes=ResumeIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """End the open hold. Doses that the gap re-loads show at once."""
        holds.resume(by=self.by, plan=lookups.plan_for(self.by, uuid), **self.body(ResumeIn))
        return self.stands(uuid)


class Assign(PlanAct):
    permissions = {"POST": Permission.ADJUST_PLANS}

    @operation("plans_assign", takes=AssignIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Name the oncologist who answers for the plan: mails and digests about its flags go there."""
        plan, said = lookups.plan_for(self.by, uuid), self.body(AssignIn)
        to = lookups.colleague_for(self.by, said.pop("to"))
        plans.assign(by=self.by, plan=plan, to=to, **said)
        return self.stands(uuid)


class Recalculate(PlanAct):
    permissions = {"POST": Permission.RECORD_MEASUREMENTS}

    @operation("plans_recalculate", takes=RecalculateIn, returns=PlanOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Calculate the planned doses from another weight; what was given stays as it was given."""
        plan, said = lookups.plan_for(self.by, uuid), self.body(RecalculateIn)
        weight = weight_of(plan.patient, said.get("weight")) or plans.latest_weight(plan.patient)
        if weight is None:
            raise Refused(Refusal("no-weight", "No weight is on record. Record one before recalculating."))
        plans.recalculate(by=self.by, plan=plan, weight=weight, revision=said.get("revision"))
        return self.stands(uuid)


def chosen(patient: Patient, said: dict[str, Any]) -> dict[str, Any]:
    """A validated PlanIn as what `plans.preview` and `plans.start` take."""
    return {
        "patient": patient,
        "regimen": lookups.regimen_for(patient.site_id, said["regimen"], said.get("version")),
        "start_on": said["start_on"],
        "setting": said.get("setting", ""),
        "prior": [Prior(**one) for one in said.get("prior", [])],
        "weight": weight_of(patient, said.get("weight")),
    }


def weight_of(patient: Patient, uuid: UUID | None) -> BodyMeasurement | None:
    """The measurement named, when one is. Raises ValidationError when it is no weight of this patient."""
    if uuid is None:
        return None
    found = patient.measurements.filter(uuid=uuid, weight_kg__isnull=False).first()
    if found is None:
        raise serializers.ValidationError({"weight": ["Choose a weight of this patient."]})
    return found


def _days_of(preview: Preview) -> list[dict[str, Any]]:
    days = rows.by_day(preview.projection.entries)
    of_cycles = rows.last_cycle(preview.regimen, days)
    return [
        {
            "cycle": cycle,
            "day": day,
            **rows.day_values(entries, of_cycles, preview.ordering),
            "administrations": [
                {"agent": e.agent, "route": e.route, **preview.ordering.dose_values(e)} for e in entries
            ],
        }
        for (cycle, day), entries in days.items()
    ]
