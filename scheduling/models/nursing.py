"""Which nurse has which infusion of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.history import tracked
from scheduling import catalog
from scheduling.core.acuity import Weights
from scheduling.models.base import Recorded, together
from scheduling.models.cycles import CycleDay
from scheduling.models.plans import TreatmentPlan
from scheduling.models.policies import SitePolicy


class NurseAssignmentQuerySet(models.QuerySet["NurseAssignment"]):
    def standing(self) -> NurseAssignmentQuerySet:
        return self.filter(ended_at=None)


@tracked
class NurseAssignment(Recorded):
    """One infusion with one nurse on one day; moved to another day, it is nobody's again. `recorded_by` assigned it."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="nurse_assignments")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    on = models.DateField()
    nurse = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = NurseAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            together("scheduling_nurse_assignment_ended", "ended_at", "ended_by"),
            models.UniqueConstraint(
                fields=["plan", "cycle", "day", "on"],
                condition=Q(ended_at=None),
                name="scheduling_nurse_one_that_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nurse} has C{self.cycle}D{self.day} on {self.on}"


def weights_at(site: Any) -> Weights:
    """What an infusion weighs at a site."""
    policy = SitePolicy.of(site)
    own = {name.removeprefix("acuity_"): getattr(policy, name) for name in OWN_WEIGHTS}
    return catalog.acuity_weights().with_own(own)


OWN_WEIGHTS = ("acuity_maintenance", "acuity_loading", "acuity_reload", "acuity_further_agent")


def acuity_of(row: CycleDay, weights: Weights) -> int:
    """Reads the row's administrations; a dose is an agent's first where no gap was judged."""
    kinds = (
        "first" if dose.kind == "maintenance" and not dose.because else dose.kind for dose in row.administrations.all()
    )
    return weights.of(kinds)


def nurses_at(site_id: int) -> list[User]:
    """Who may have infusions at a site, by name."""
    people = User.objects.filter(site=site_id, is_active=True).order_by("full_name", "pk")
    return [person for person in people if person.may(Permission.TAKE_INFUSIONS)]


def assigned_on(on: date, rows: list[CycleDay]) -> list[NurseAssignment]:
    """Those of these cycle days that somebody has on `on`."""
    known = {(row.plan_id, row.cycle, row.day) for row in rows}
    found = NurseAssignment.objects.standing().filter(plan__in={row.plan_id for row in rows}, on=on)
    return [one for one in found.select_related("nurse") if (one.plan_id, one.cycle, one.day) in known]
