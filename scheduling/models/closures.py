"""A closed span and the moves proposed around it: prepared by one person, confirmed by each plan's doctor."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from her2tracker.accounts.models import Site, User
from her2tracker.audit.history import tracked
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.models.cycles import CycleDay
from scheduling.models.plans import TreatmentPlan
from scheduling.words import ClosureState, DayState, MoveState


class ClosureQuerySet(models.QuerySet["Closure"]):
    def closing(self, site: Site, first: date, last: date) -> ClosureQuerySet:
        """Spans on which the site is closed, of those that touch the range: as soon as doctors were asked."""
        return self.filter(site=site, state=ClosureState.SENT, first_on__lte=last, last_on__gte=first)


@tracked
class Closure(Recorded):
    """A span of days without infusions, and who asked for it."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")
    first_on = models.DateField()
    last_on = models.DateField()
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=choices(ClosureState), default=ClosureState.PREPARED)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on", "-id"]
        constraints = [
            one_of("state", ClosureState, "scheduling_closure_state_known"),
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")), name="scheduling_closure_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def days(self) -> Iterator[tuple[date, str]]:
        """Each day of the span with its name."""
        for shift in range((self.last_on - self.first_on).days + 1):
            yield self.first_on + timedelta(shift), self.name


class MoveQuerySet(models.QuerySet["ClosureMove"]):
    def sent(self) -> MoveQuerySet:
        return self.filter(closure__state=ClosureState.SENT)

    def waiting_for(self, person: User) -> MoveQuerySet:
        """Proposals that this person may confirm: their own, and those whose doctor cannot."""
        mine = Q(doctor=person) | Q(doctor=None) | Q(doctor__is_active=False)
        return self.sent().filter(mine, closure__site=person.site_id, state=MoveState.PROPOSED)

    def pass_on(self, plan: TreatmentPlan, to: User) -> None:
        """Whoever answers for the plan from now on is asked, for what still waits. What was decided stays signed."""
        self.filter(plan=plan, state=MoveState.PROPOSED).update(doctor=to)

    def unsettled(self) -> MoveQuerySet:
        """What somebody must still do: confirm it, carry it out, or move by hand what stays in the span."""
        still_there = CycleDay.objects.filter(
            plan=OuterRef("plan"), cycle=OuterRef("cycle"), day=OuterRef("day"), state=DayState.PLANNED,
            planned_on__gte=OuterRef("closure__first_on"), planned_on__lte=OuterRef("closure__last_on"),
        )  # fmt: skip
        given_up = [MoveState.DECLINED, MoveState.LEFT, MoveState.REFUSED]
        open_states = [MoveState.PROPOSED, MoveState.CONFIRMED]
        return self.sent().filter(Q(state__in=open_states) | Q(Exists(still_there), state__in=given_up))


@tracked
class ClosureMove(models.Model):
    """One infusion in the span, and where it is to go. `to_on` is empty for one that is left where it is.

    `agreed` holds what the move means for each agent, in words: it is carried out only while that is still so.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    closure = models.ForeignKey(Closure, on_delete=models.CASCADE, related_name="moves")
    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="closure_moves")
    cycle = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField(default=1)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    agreed = models.TextField(blank=True)
    plan_revision = models.PositiveIntegerField()  # that was looked at: what was done since is told
    # Who answers for the plan; nobody when that person can no longer confirm.
    doctor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=choices(MoveState), default=MoveState.PROPOSED)
    outcome = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        ordering = ["from_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["closure", "plan", "cycle", "day"], name="scheduling_move_once"),
            one_of("state", MoveState, "scheduling_move_state_known"),
            together("scheduling_move_decided", "decided_by", "decided_at"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=False) | Q(state__in=[MoveState.PROPOSED, MoveState.LEFT]),
                name="scheduling_move_confirmed_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[MoveState.CONFIRMED, MoveState.DONE]) | Q(decided_by__isnull=False),
                name="scheduling_move_confirmed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["closure"], condition=Q(state=MoveState.CONFIRMED), name="scheduling_move_confirmed")
        ]

    def __str__(self) -> str:
        return f"C{self.cycle}D{self.day} {self.from_on} → {self.to_on or 'left'}"

    def may_be_confirmed_by(self, person: User) -> bool:
        return self.doctor is None or self.doctor_id == person.pk or not self.doctor.is_active
