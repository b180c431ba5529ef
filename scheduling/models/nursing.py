"""Which nurse has which infusion of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.history import tracked
from scheduling import catalog
from scheduling.core.acuity import Load, Weights, loads
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


def weights_at(site: Site) -> Weights:
    """What an infusion weighs at a site."""
    return weights_of(SitePolicy.of(site))


def weights_of(policy: SitePolicy) -> Weights:
    """By the policy of a site, read already."""
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


@dataclass(frozen=True, slots=True)
class Taken:
    """An infusion that still stands on the day it was taken for."""

    assignment: NurseAssignment
    acuity: int


def taken_on(site: Site, on: date) -> list[Taken]:
    """What nurses have of a day; one that moved to another day is nobody's. Three queries."""
    rows = NurseAssignment.objects.standing().filter(plan__patient__site=site, on=on)
    standing = list(rows.select_related("plan", "nurse", "recorded_by"))
    days = CycleDay.objects.filter(plan__in={one.plan_id for one in standing}).prefetch_related("administrations")
    # a missed one stands on a later list than its own day
    of_day = {_key(row): row for row in days.filter(Q(done_on=on) | Q(planned_on__lte=on))}
    weights = weights_at(site)
    return [Taken(one, acuity_of(of_day[_key(one)], weights)) for one in standing if _key(one) in of_day]


def loads_of(taken: list[Taken]) -> dict[User, Load]:
    """Infusions and acuity of each nurse who has any, by name."""
    nurses = {str(one.assignment.nurse.pk): one.assignment.nurse for one in taken}
    found = loads((str(one.assignment.nurse.pk), one.acuity) for one in taken)
    return {nurses[pk]: found[pk] for pk in sorted(found, key=lambda pk: str(nurses[pk]))}


def _key(row: CycleDay | NurseAssignment) -> tuple[int, int, int]:
    return row.plan_id, row.cycle, row.day
