"""A regimen ordered for a patient, what counted before it, and its holds."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site, User
from her2tracker.audit.history import tracked
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.models.patients import Patient
from scheduling.models.regimens import RegimenVersion
from scheduling.words import CeaseReason, HoldReason, PlanState, Setting, SwitchReason

# What people decided about a plan as a whole; most plans have none of most kinds.
DECISIONS = ("delays", "brought_forward", "extensions", "level_changes", "prior_treatments", "holds")


class PlanQuerySet(models.QuerySet["TreatmentPlan"]):
    def active(self) -> PlanQuerySet:
        return self.filter(state=PlanState.ACTIVE)

    def at(self, site: Site | int) -> PlanQuerySet:
        return self.filter(patient__site=site)

    def with_facts(self) -> PlanQuerySet:
        """Everything a projection reads, in a constant number of queries.

        A regimen's definition stays in the database: it is converted once per process, see `standing.regimen_of`.
        """
        return self.with_people().prefetch_related("cycle_days__administrations", *DECISIONS)

    def with_people(self) -> PlanQuerySet:
        """Whose plan it is, where, under which of the site's policies, and of which regimen."""
        return self.select_related("patient__site__scheduling_policy", "regimen").defer("regimen__definition")


@tracked
class TreatmentPlan(Recorded):
    """Facts only: where it stands is projected from them. `revision` refuses lost updates."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plans")
    regimen = models.ForeignKey(RegimenVersion, on_delete=models.PROTECT, related_name="plans")
    setting = models.CharField(max_length=12, choices=choices(Setting))
    start_on = models.DateField()
    state = models.CharField(max_length=10, choices=choices(PlanState), default=PlanState.ACTIVE)
    # The weight that doses are calculated from, until a clinician has it recalculated.
    dosing_weight_kg = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    dosing_weight_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, choices=choices(CeaseReason), blank=True)
    # The plan this one was switched from; `starts_new_line` when its doses are another line of treatment.
    continues = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="continued_by"
    )
    starts_new_line = models.BooleanField(default=False)
    switch_reason = models.CharField(max_length=20, choices=choices(SwitchReason), blank=True)
    revision = models.PositiveIntegerField(default=1)
    # Who answers for the plan; while nobody is named, whoever started it.
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Where the labels disagree: the site's choice when the plan started, until an oncologist chooses otherwise.
    reload_with_pertuzumab = models.CharField(max_length=8, choices=choices(ReloadPolicy), default=ReloadPolicy.LABEL)
    anchor = models.CharField(max_length=8, choices=choices(Anchor), default=Anchor.ACTUAL)
    cap = models.CharField(max_length=8, choices=choices(CapPolicy), default=CapPolicy.REGIMEN)
    minimum_gap_days = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-start_on", "-id"]
        constraints = [
            one_of("setting", Setting, "scheduling_plan_setting_known"),
            one_of("state", PlanState, "scheduling_plan_state_known"),
            one_of("end_reason", CeaseReason, "scheduling_plan_end_reason_known", blank=True),
            one_of("reload_with_pertuzumab", ReloadPolicy, "scheduling_plan_reload_known"),
            one_of("anchor", Anchor, "scheduling_plan_anchor_known"),
            one_of("cap", CapPolicy, "scheduling_plan_cap_known"),
            models.CheckConstraint(
                condition=Q(minimum_gap_days=None) | Q(minimum_gap_days__gte=1), name="scheduling_plan_gap_positive"
            ),
            one_of("switch_reason", SwitchReason, "scheduling_plan_switch_reason_known", blank=True),
            models.CheckConstraint(
                condition=Q(continues=None) ^ ~Q(switch_reason=""), name="scheduling_plan_switched_why"
            ),
            together("scheduling_plan_weight_dated", "dosing_weight_kg", "dosing_weight_on"),
            models.CheckConstraint(
                condition=Q(state=PlanState.ACTIVE, ended_on=None)
                | (~Q(state=PlanState.ACTIVE) & Q(ended_on__isnull=False)),
                name="scheduling_plan_ended_when_not_active",
            ),
        ]
        indexes = [models.Index(fields=["patient", "state"])]

    def __str__(self) -> str:
        return f"{self.regimen} from {self.start_on}"

    @property
    def responsible_id_or_starter(self) -> int:
        """The responsible oncologist's key, without reading the person."""
        return self.responsible_id or self.recorded_by_id

    @property
    def responsible_oncologist(self) -> User:
        return self.responsible or self.recorded_by


@tracked
class PriorTreatment(Recorded):
    """Doses of one agent given before this plan, here or elsewhere; they count."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="prior_treatments")
    agent = models.CharField(max_length=60)
    doses = models.PositiveSmallIntegerField()
    last_given_on = models.DateField()
    first_given_on = models.DateField(null=True, blank=True)  # where the one year starts, when known
    place = models.CharField(max_length=120, blank=True)
    # A clinician's answer where no document says how the plan starts after this agent.
    decided_kind = models.CharField(max_length=12, blank=True)
    # Cycle days of the plan before that went by without a dose counted above, and how many of them are made up.
    passed = models.PositiveSmallIntegerField(default=0, db_default=0)
    made_up = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "agent"], name="scheduling_prior_treatment_agent_once"),
            models.CheckConstraint(condition=Q(doses__gte=1), name="scheduling_prior_treatment_counts"),
            models.CheckConstraint(
                condition=Q(first_given_on=None) | Q(first_given_on__lte=models.F("last_given_on")),
                name="scheduling_prior_treatment_in_order",
            ),
            models.CheckConstraint(
                condition=Q(decided_kind__in=["", "loading", "maintenance"]), name="scheduling_prior_treatment_decided"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.doses} × {self.agent} until {self.last_given_on}"


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> HoldQuerySet:
        return self.filter(ended_on=None)


@tracked
class Hold(Recorded):
    """A clinician's temporary stop of a plan; one at a time."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="holds")
    begun_on = models.DateField()
    reason = models.CharField(max_length=20, choices=choices(HoldReason))
    note = models.TextField(blank=True)
    repeat_assessment_by = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    end_note = models.TextField(blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(ended_on=None), name="scheduling_hold_one_open"),
            one_of("reason", HoldReason, "scheduling_hold_reason_known"),
            together("scheduling_hold_ended_by_someone", "ended_on", "ended_by"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("begun_on")), name="scheduling_hold_ends_after"
            ),
        ]

    def __str__(self) -> str:
        return f"Hold of {self.plan} since {self.begun_on}"

    def days(self, on: date) -> int:
        """Calendar days held until `on` or its end."""
        return ((self.ended_on or on) - self.begun_on).days
