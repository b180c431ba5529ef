"""A patient who did not come. Kept with the day it was about: nothing moves by it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded, together
from scheduling.models.cycles import CycleDay
from scheduling.models.plans import TreatmentPlan
from scheduling.words import DayState, PlanState


class NoShowQuerySet(models.QuerySet["NoShow"]):
    def at(self, site: Site | int) -> NoShowQuerySet:
        return self.filter(plan__patient__site=site)

    def open(self) -> NoShowQuerySet:
        """Nobody said why it is settled, and the infusion still stands on the day on which nobody came."""
        stands = CycleDay.objects.filter(
            plan=OuterRef("plan"),
            cycle=OuterRef("cycle"),
            day=OuterRef("day"),
            state=DayState.PLANNED,
            planned_on=OuterRef("on"),
        )
        return self.filter(Exists(stands), settled_at=None, plan__state=PlanState.ACTIVE)


@tracked
class NoShow(Recorded):
    """Recorded at the chair, for a coordinator to follow up. A fact about the plan, as a delay is."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="no_shows")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    on = models.DateField()  # the day for which it was planned
    words = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    settlement = models.CharField(max_length=300, blank=True)

    objects = NoShowQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "cycle", "day", "on"], name="scheduling_no_show_once_a_day"),
            together("scheduling_no_show_settled", "settled_at", "settled_by"),
            models.CheckConstraint(
                condition=Q(settled_at=None) ^ ~Q(settlement=""), name="scheduling_no_show_settled_why"
            ),
        ]
        indexes = [
            models.Index(fields=["on"], name="scheduling_no_show_on"),
            models.Index(fields=["plan"], condition=Q(settled_at=None), name="scheduling_no_show_open"),
        ]

    def __str__(self) -> str:
        return f"C{self.cycle}D{self.day} of {self.on}: did not attend"


def no_shows_among(site: Site) -> NoShowQuerySet:
    """Open ones, each with its plan and patient, and the key of the cycle day it is about. One query."""
    day = CycleDay.objects.filter(plan=OuterRef("plan"), cycle=OuterRef("cycle"), day=OuterRef("day"))
    return (
        NoShow.objects.at(site)
        .open()
        .select_related("plan__patient", "plan__regimen", "recorded_by")
        .defer("plan__regimen__definition")
        .annotate(cycle_day_pk=models.Subquery(day.values("pk")[:1]))
        .order_by(F("on"), F("pk"))
    )
