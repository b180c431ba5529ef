"""The coordinator's desk: calls, who was lost sight of, whose each task is, what a new plan still wants."""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Role
from her2tracker.audit.history import tracked
from monitoring.core.calls import CallOutcome
from monitoring.core.checklist import Point
from monitoring.core.owners import Lack, Owning
from monitoring.models.flags import EchoBooking
from scheduling.models import Patient, TreatmentPlan
from scheduling.models.base import Recorded, choices, one_of, together


@tracked
class Call(Recorded):
    """One call to a patient and what came of it. Added, never changed."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="calls")
    plan = models.ForeignKey(TreatmentPlan, null=True, blank=True, on_delete=models.CASCADE, related_name="calls")
    about = models.CharField(max_length=120, blank=True)  # the queue's key of the task it was about
    outcome = models.CharField(max_length=14, choices=choices(CallOutcome))
    words = models.CharField(max_length=300, blank=True)
    next_try_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [one_of("outcome", CallOutcome, "monitoring_call_outcome_known")]
        indexes = [models.Index(fields=["patient", "-recorded_at"], name="monitoring_call_latest")]

    def __str__(self) -> str:
        return f"{self.patient}: {self.get_outcome_display()}"


class UnreachedQuerySet(models.QuerySet["Unreached"]):
    def open(self) -> UnreachedQuerySet:
        return self.filter(ended_at=None)

    def at(self, site: Site | int) -> UnreachedQuerySet:
        return self.filter(patient__site=site)


@tracked
class Unreached(models.Model):
    """A patient whom nobody reaches, told to the oncologist. Open until somebody answers or the patient is reached.

    The action keeps it to one at a time; two merged records may bring one each.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="unreached")
    plan = models.ForeignKey(TreatmentPlan, null=True, blank=True, on_delete=models.CASCADE, related_name="unreached")
    calls = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # The oncologist who said what is to be done; empty where a later call reached the patient.
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    answer = models.CharField(max_length=300, blank=True)

    objects = UnreachedQuerySet.as_manager()

    class Meta:
        ordering = ["-told_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by=None) ^ ~Q(answer=""), name="monitoring_unreached_answered_in_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient}: not reached"


@tracked
class EchoNoShow(Recorded):
    """A patient who did not come to the echo. The examination stays as due as it was."""

    booking = models.OneToOneField(EchoBooking, on_delete=models.CASCADE, related_name="no_show")
    words = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    settlement = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            together("monitoring_echo_no_show_settled", "settled_at", "settled_by"),
            models.CheckConstraint(
                condition=Q(settled_at=None) ^ ~Q(settlement=""), name="monitoring_echo_no_show_settled_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking}: did not attend"


@tracked
class QueueOwner(Recorded):
    """Whose a task of the queue is, and when it is taken up next. One row for each task, by the task's own key."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="queue_owners")
    key = models.CharField(max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="queue_items"
    )
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role], blank=True)
    next_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "key"], name="monitoring_queue_owner_once"),
            models.CheckConstraint(condition=Q(owner=None) | Q(role=""), name="monitoring_queue_owner_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.name}"

    @property
    def is_owned(self) -> bool:
        """Somebody who left, or no longer has the queue, answers for nothing."""
        return bool(self.role) or (self.owner is not None and self.owner.is_active)

    @property
    def name(self) -> str:
        if not self.is_owned:
            return ""
        return str(self.owner) if self.owner else f"{Role(self.role).label}, whoever is in"

    @property
    def core(self) -> Owning:
        return Owning(self.is_owned, self.next_on)

    def lacks(self, today: date) -> tuple[Lack, ...]:
        return self.core.lacks(today)


@tracked
class ChecklistTick(Recorded):
    """One point of a new plan's checklist: done, or waived with a reason."""

    plan = models.ForeignKey(TreatmentPlan, on_delete=models.CASCADE, related_name="checklist")
    point = models.CharField(max_length=14, choices=choices(Point))
    waived = models.BooleanField(default=False)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "point"], name="monitoring_checklist_point_once"),
            one_of("point", Point, "monitoring_checklist_point_known"),
            models.CheckConstraint(condition=Q(waived=False) | ~Q(words=""), name="monitoring_checklist_waived_why"),
        ]

    def __str__(self) -> str:
        return f"{self.point} of {self.plan}"


@tracked
class SavedList(Recorded):
    """A list's address under a name, for one person or for everybody of a role."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="saved_lists")
    name = models.CharField(max_length=60)
    page = models.CharField(max_length=20)  # the URL name of a list that has filters
    query = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role], blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recorded_by", "page", "name"], name="monitoring_saved_list_name_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return self.name
