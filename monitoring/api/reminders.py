"""The outbox and its history, and when the checks last ran."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, PagedOperations, operation
from monitoring import lookups
from monitoring.actions import check_faults, failed_messages, reminders, urgent
from monitoring.heartbeat import last_heartbeat
from monitoring.models import Reminder, SweepRun
from monitoring.words import ReminderKind, ReminderState, SweepName


class ReminderOut(serializers.Serializer[Any]):
    """One message to one person about one thing on one due date. The subject names no patient."""

    uuid = serializers.UUIDField()
    kind = Coded(ReminderKind)
    recipient = serializers.SerializerMethodField(help_text="Empty for a patient whom your role does not see.")
    address = serializers.SerializerMethodField()
    channel = serializers.CharField()
    due_on = serializers.DateField()
    subject = serializers.CharField()
    state = Coded(ReminderState)
    attempts = serializers.IntegerField()
    next_try_at = serializers.DateTimeField()
    last_error = serializers.CharField()
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    bounced_at = serializers.DateTimeField(allow_null=True, help_text="When a message that was accepted came back.")

    def get_recipient(self, reminder: Reminder) -> str:
        return str(reminder.to) if self._may_see(reminder) else ""

    def get_address(self, reminder: Reminder) -> str:
        return reminder.address if self._may_see(reminder) else ""

    def _may_see(self, reminder: Reminder) -> bool:
        return reminder.patient_id is None or bool(self.context["view"].by.may(Permission.VIEW_PATIENTS))


class ReminderDetail(ReminderOut):
    text = serializers.SerializerMethodField()

    def get_text(self, reminder: Reminder) -> str | None:
        """The letter, which may name patients: null for whoever may not see them."""
        return urgent.written(reminder)[0] if self.context["view"].by.may(Permission.VIEW_PATIENTS) else None


class ReminderQuery(serializers.Serializer[Any]):
    state = Coded(ReminderState, required=False)
    kind = Coded(ReminderKind, required=False)


class Reminders(PagedOperations):
    permissions = {"GET": Permission.VIEW_REMINDERS}

    @operation("reminders_list", query=ReminderQuery, returns=ReminderOut(many=True))
    def get(self, _: Any) -> Response:
        """Messages of your site, the latest first."""
        rows = Reminder.objects.filter(site=self.by.site, **self.query(ReminderQuery)).select_related(
            "recipient", "patient"
        )
        return self.paged(ReminderOut, rows)


class OneReminder(Operations):
    permissions = {"GET": Permission.VIEW_REMINDERS}

    @operation("reminders_retrieve", returns=ReminderDetail)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One message, its tries and its last error."""
        return self.shown(ReminderDetail, lookups.reminder_for(self.by, uuid))


class Retry(Operations):
    permissions = {"POST": Permission.VIEW_REMINDERS}

    @operation("reminders_retry", returns=ReminderDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Send a failed message again, to the recipient's present address."""
        reminders.retry(by=self.by, reminder=lookups.reminder_for(self.by, uuid), now=timezone.now())
        return self.shown(ReminderDetail, lookups.reminder_for(self.by, uuid))


class CameBackIn(serializers.Serializer[Any]):
    why = serializers.CharField(max_length=300, help_text="The other server's sentence, or who told you.")


class CameBackOperation(Operations):
    permissions = {"POST": Permission.VIEW_REMINDERS}

    @operation("reminders_came_back", takes=CameBackIn, returns=ReminderDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """A message that was sent came back: it becomes a task of the queue."""
        row = lookups.reminder_for(self.by, uuid)
        failed_messages.came_back(by=self.by, reminder=row, **self.body(CameBackIn))
        return self.shown(ReminderDetail, lookups.reminder_for(self.by, uuid))


class SweepOut(serializers.Serializer[Any]):
    """A check's heartbeat on one business date."""

    name = Coded(SweepName)
    business_date = serializers.DateField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    runs = serializers.IntegerField()
    changed = serializers.IntegerField()


class CheckFaultOut(serializers.Serializer[Any]):
    """A full check changed flags of so many plans that had wrongly been left alone since `not_before` at most."""

    uuid = serializers.UUIDField()
    plans = serializers.IntegerField()
    found_at = serializers.DateTimeField()
    not_before = serializers.DateField()
    seen_at = serializers.DateTimeField(allow_null=True)
    seen_by = serializers.CharField(allow_null=True)
    seen_because = serializers.CharField()


class SeenIn(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=2000, help_text="What was found out, and who was told.")


class HeartbeatsOut(serializers.Serializer[Any]):
    """`stale`: a check has not run for too long, so what is shown may lack flags.

    `fault` says what a full check found wrong while no administrator has marked it as seen; empty otherwise.
    """

    stale = serializers.BooleanField()
    words = serializers.CharField(source="text")
    at = serializers.DateTimeField(allow_null=True)
    fault = serializers.CharField()
    faults = CheckFaultOut(many=True)
    sweeps = SweepOut(many=True)


class Heartbeats(Operations):
    permissions = {"GET": None}

    @operation("heartbeats", returns=HeartbeatsOut)
    def get(self, _: Any) -> Response:
        """When each check last ran for your site."""
        site = self.by.site
        runs = SweepRun.objects.filter(Q(site=site) | Q(site=None)).order_by("name", "-last_at").distinct("name")
        beat = last_heartbeat(site, timezone.now())
        shown = {"stale": beat.stale, "text": beat.text, "at": beat.at, "sweeps": runs, "fault": beat.fault}
        return self.shown(HeartbeatsOut, shown | {"faults": lookups.check_faults_at(site)})


class SeeCheckFault(Operations):
    permissions = {"POST": Permission.MANAGE_SITE}

    @operation("check_faults_see", takes=SeenIn, returns=CheckFaultOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Mark a fault of the checks as seen: it no longer stands on every page."""
        fault = lookups.check_fault_for(self.by, uuid)
        return self.shown(CheckFaultOut, check_faults.see(by=self.by, fault=fault, **self.body(SeenIn)))
