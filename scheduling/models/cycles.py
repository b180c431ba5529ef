"""One cycle day is one infusion visit; its administrations are planned and given side by side."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.models.plans import TreatmentPlan
from scheduling.words import (
    DayState,
    DelayReason,
    DelayScope,
    DifferenceReason,
    ForwardReason,
    OmissionReason,
    OverrideReason,
)


class CycleDayQuerySet(models.QuerySet["CycleDay"]):
    def at(self, site: Any) -> CycleDayQuerySet:
        return self.filter(plan__patient__site=site)

    def on(self, day: date) -> CycleDayQuerySet:
        """What stands on a day's list: still planned for it, given or omitted on it."""
        return self.filter(Q(state=DayState.PLANNED, planned_on=day) | Q(done_on=day))

    def planned(self) -> CycleDayQuerySet:
        return self.filter(state=DayState.PLANNED)


@tracked
class CycleDay(models.Model):
    """A projected row: `planned_on` follows the facts, `first_planned_on` is where the grid put it."""

    uuid = models.UUIDField(unique=True, editable=False)
    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="cycle_days")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    of_cycles = models.PositiveSmallIntegerField(null=True)  # none where there is no last cycle
    phase = models.CharField(max_length=80)
    planned_on = models.DateField()
    first_planned_on = models.DateField()
    starts_at = models.TimeField(null=True, blank=True)
    infusion_minutes = models.PositiveSmallIntegerField()
    chair_minutes = models.PositiveSmallIntegerField()  # infusions, observation between and after them
    begun_at = models.DateTimeField(null=True, blank=True)  # something of it was started; its doses stand since then
    state = models.CharField(max_length=10, choices=choices(DayState), default=DayState.PLANNED)
    done_on = models.DateField(null=True, blank=True)  # the day it was given or, for an omission, decided
    omission_reason = models.CharField(max_length=24, choices=choices(OmissionReason), blank=True)
    omission_made_up = models.BooleanField(default=False)
    plan_revision = models.PositiveIntegerField(null=True, blank=True)  # that its omission made: while last, undone
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CycleDayQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "day"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "cycle", "day"], name="scheduling_cycle_day_once"),
            models.UniqueConstraint(
                fields=["plan", "planned_on"],
                name="scheduling_cycle_day_one_a_day",
                deferrable=models.Deferrable.DEFERRED,
            ),
            one_of("state", DayState, "scheduling_cycle_day_state_known"),
            one_of("omission_reason", OmissionReason, "scheduling_cycle_day_omission_known", blank=True),
            together("scheduling_cycle_day_decided", "done_on", "decided_by", "decided_at"),
            models.CheckConstraint(
                condition=Q(state=DayState.PLANNED, done_on=None)
                | (~Q(state=DayState.PLANNED) & Q(done_on__isnull=False)),
                name="scheduling_cycle_day_done_when_decided",
            ),
            models.CheckConstraint(
                condition=Q(state=DayState.OMITTED) ^ Q(omission_reason=""), name="scheduling_cycle_day_omitted_why"
            ),
        ]
        indexes = [
            models.Index(fields=["planned_on"], condition=Q(state=DayState.PLANNED), name="scheduling_day_planned_on"),
            models.Index(fields=["planned_on"], condition=Q(state=DayState.OMITTED), name="scheduling_day_omitted"),
            models.Index(fields=["done_on"], name="scheduling_day_done_on"),
            # where a plan's doses began: one step instead of all its days
            models.Index(fields=["plan", "done_on"], condition=Q(state=DayState.GIVEN), name="scheduling_day_given"),
        ]

    def __str__(self) -> str:
        return f"C{self.cycle}D{self.day} on {self.planned_on}"


@tracked
class Administration(models.Model):
    """One agent on one cycle day. Calculated, planned and given milligrams stand side by side."""

    uuid = models.UUIDField(unique=True, editable=False)
    cycle_day = models.ForeignKey(CycleDay, on_delete=models.CASCADE, related_name="administrations")
    agent = models.CharField(max_length=60)
    route = models.CharField(max_length=8)
    kind = models.CharField(max_length=12)  # scheduling.core.regimen.DoseKind
    because = models.TextField(blank=True)  # why this kind: the gap sentence
    dose_text = models.CharField(max_length=160)  # "8 mg/kg", "1,200 mg pertuzumab + 600 mg trastuzumab in 15 mL"
    arithmetic = models.TextField(blank=True)
    source = models.CharField(max_length=120)
    confidence = models.CharField(max_length=12)
    minutes = models.PositiveSmallIntegerField()
    observe_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    calculated_mg = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    planned_mg = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    planned_ml = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    given_mg = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    given_ml = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    given_on = models.DateField(null=True, blank=True)
    started_at = models.TimeField(null=True, blank=True)
    stopped_at = models.TimeField(null=True, blank=True)
    product = models.CharField(max_length=80, blank=True)
    lot = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    difference_reason = models.CharField(max_length=24, choices=choices(DifferenceReason), blank=True)
    omission_reason = models.CharField(max_length=24, choices=choices(OmissionReason), blank=True)  # this agent alone
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cycle_day", "agent"], name="scheduling_administration_agent_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["loading", "maintenance", "reload"]), name="scheduling_administration_kind_known"
            ),
            one_of("difference_reason", DifferenceReason, "scheduling_administration_difference_known", blank=True),
            one_of("omission_reason", OmissionReason, "scheduling_administration_omission_known", blank=True),
            models.CheckConstraint(
                condition=Q(given_on__isnull=True) | Q(omission_reason=""),
                name="scheduling_administration_given_or_omitted",
            ),
            models.CheckConstraint(
                condition=Q(given_on__isnull=True, given_mg__isnull=True, given_ml__isnull=True)
                # a CHECK lets NULL through: "more than 0" alone would accept a dose without a figure
                | (
                    Q(given_on__isnull=False)
                    & (Q(given_mg__isnull=False, given_mg__gt=0) | Q(given_ml__isnull=False, given_ml__gt=0))
                ),
                name="scheduling_administration_given_has_dose",
            ),
        ]
        indexes = [models.Index(fields=["given_on"], name="scheduling_admin_given_on")]

    def __str__(self) -> str:
        return f"{self.agent} {self.dose_text}"


@tracked
class Delay(Recorded):
    """A decision to treat later, same dose. A fact about the plan: projected rows come and go, it stays."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="delays")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    from_on = models.DateField()
    to_on = models.DateField()
    scope = models.CharField(max_length=8, choices=choices(DelayScope), default=DelayScope.LATER)
    reason = models.CharField(max_length=24, choices=choices(DelayReason))
    note = models.TextField(blank=True)
    plan_revision = models.PositiveIntegerField()  # that it made: while the plan still has it, it can be undone

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            one_of("reason", DelayReason, "scheduling_delay_reason_known"),
            one_of("scope", DelayScope, "scheduling_delay_scope_known"),
            models.CheckConstraint(condition=Q(to_on__gt=models.F("from_on")), name="scheduling_delay_is_later"),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} → {self.to_on}"


@tracked
class BroughtForward(Recorded):
    """A decision to treat earlier, same dose, all later ones with it. A fact about the plan, as a delay is."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="brought_forward")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    from_on = models.DateField()
    to_on = models.DateField()
    reason = models.CharField(max_length=24, choices=choices(ForwardReason))
    note = models.TextField(blank=True)
    plan_revision = models.PositiveIntegerField()  # that it made: while the plan still has it, it can be undone

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            one_of("reason", ForwardReason, "scheduling_forward_reason_known"),
            models.CheckConstraint(condition=Q(to_on__lt=models.F("from_on")), name="scheduling_forward_is_earlier"),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} → {self.to_on}"


@tracked
class Override(Recorded):
    """An oncologist's decision to treat in spite of named objections, for one cycle day only."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="overrides")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    objections = models.JSONField()  # the keys overridden, with their sentences as they stood
    reason = models.CharField(max_length=24, choices=choices(OverrideReason))
    note = models.TextField()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [one_of("reason", OverrideReason, "scheduling_override_reason_known")]

    def __str__(self) -> str:
        return f"Override for C{self.cycle}D{self.day} by {self.recorded_by}"
