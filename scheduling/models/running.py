"""One agent going in: from its start until its stop, or until its start is withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from her2tracker.audit.history import tracked
from scheduling.core.chairside import observation_asked
from scheduling.core.running import Run
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.models.cycles import Administration, CycleDay
from scheduling.models.plans import TreatmentPlan
from scheduling.models.standing import regimen_of
from scheduling.words import DifferenceReason


class InfusionRunQuerySet(models.QuerySet["InfusionRun"]):
    def standing(self) -> InfusionRunQuerySet:
        """Without those whose start was a mistake."""
        return self.filter(withdrawn_at=None)

    def of_day(self, row: CycleDay) -> InfusionRunQuerySet:
        return self.filter(plan=row.plan_id, cycle=row.cycle, day=row.day)


@tracked
class InfusionRun(Recorded):
    """A start on record, and its stop. Clock times are the site's own, all on `started_on`.

    `recorded_by` started it. `planned_mg` or `planned_ml` is what was planned at the start, and so what was hung.
    """

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="runs")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    agent = models.CharField(max_length=60)
    started_on = models.DateField()
    started_at = models.TimeField()
    minutes = models.PositiveSmallIntegerField()  # as planned
    planned_mg = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    planned_ml = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    product = models.CharField(max_length=80)
    lot = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    rate_ml_per_h = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    why = models.TextField(blank=True)  # out of order, or within an observation
    stopped_at = models.TimeField(null=True, blank=True)
    given_mg = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    given_ml = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    difference_reason = models.CharField(max_length=24, choices=choices(DifferenceReason), blank=True)
    note = models.TextField(blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_why = models.TextField(blank=True)

    objects = InfusionRunQuerySet.as_manager()

    class Meta:
        ordering = ["started_on", "started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "cycle", "day", "agent"],
                condition=Q(withdrawn_at=None),
                name="scheduling_run_agent_once",
            ),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(withdrawn_at=None, stopped_at=None), name="scheduling_run_one_at_a_time"
            ),
            together("scheduling_run_stopped_by_someone", "stopped_at", "stopped_by"),
            together("scheduling_run_withdrawn_by_someone", "withdrawn_at", "withdrawn_by"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | (Q(stopped_at=None) & ~Q(withdrawn_why="")),
                name="scheduling_run_withdrawn_why",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")), name="scheduling_run_stops_after"
            ),
            # a CHECK lets NULL through: "more than 0" alone would accept a stop without a figure
            models.CheckConstraint(
                condition=Q(stopped_at=None, given_mg=None, given_ml=None)
                | (
                    Q(stopped_at__isnull=False)
                    & (Q(given_mg__isnull=False, given_mg__gt=0) | Q(given_ml__isnull=False, given_ml__gt=0))
                ),
                name="scheduling_run_stopped_has_dose",
            ),
            one_of("difference_reason", DifferenceReason, "scheduling_run_difference_known", blank=True),
        ]

    def __str__(self) -> str:
        return f"{self.agent} since {self.started_at:%H:%M}, C{self.cycle}D{self.day}"

    @property
    def started(self) -> datetime:
        return datetime.combine(self.started_on, self.started_at)

    @property
    def stopped(self) -> datetime | None:
        return datetime.combine(self.started_on, self.stopped_at) if self.stopped_at else None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None and not self.is_withdrawn

    def of(self, row: CycleDay) -> Run:
        """As the core takes it. `row` is its cycle day, with its administrations."""
        agent = regimen_of(row.plan.regimen).agent(self.agent, row.phase)
        asked = _observation(row, self.agent)
        return Run(self.agent, agent.title, self.minutes, self.started, self.stopped, asked)


def _observation(row: CycleDay, name: str) -> Any:
    dose = dose_of(row, name)
    if dose is None:
        return None
    agent = regimen_of(row.plan.regimen).agent(name, row.phase)
    return observation_asked(
        agent,
        minutes=dose.minutes,
        observe_minutes=dose.observe_minutes,
        jurisdiction=row.plan.patient.site.jurisdiction,
    )


def dose_of(row: CycleDay, agent: str) -> Administration | None:
    return next((dose for dose in row.administrations.all() if dose.agent == agent), None)


def runs_of(row: CycleDay) -> list[InfusionRun]:
    """What was started on this cycle day, in the order of the clock. No query where nothing was."""
    found = InfusionRun.objects.standing().of_day(row).select_related("recorded_by", "stopped_by")
    return list(found) if row.begun_at else []
