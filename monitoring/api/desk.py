"""The coordinator's queue over HTTP: tasks with owner and next step, calls, who is not reached, checklists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission, Role
from her2tracker.api.fields import Coded, Day
from her2tracker.api.views import Operations, operation
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions import calls, checklists, no_shows, owners
from monitoring.actions.queue_items import Item, items_at
from monitoring.core.calls import CallOutcome
from monitoring.core.checklist import Point
from monitoring.core.owners import Lack
from monitoring.core.queue import EchoStep, Need
from monitoring.models import EchoBooking, Unreached
from scheduling.lookups import colleague_for, patient_for, plan_for
from scheduling.models import TreatmentPlan


class CallOut(serializers.Serializer[Any]):
    """One call as it went. Nothing moves by it."""

    uuid = serializers.UUIDField()
    outcome = Coded(CallOutcome)
    words = serializers.CharField()
    next_try_on = serializers.DateField(allow_null=True)
    about = serializers.CharField(help_text="Key of the task it was about, or empty.")
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class CallIn(serializers.Serializer[Any]):
    outcome = Coded(CallOutcome)
    words = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_try_on = Day(required=False, allow_null=True)
    about = serializers.CharField(max_length=120, required=False, allow_blank=True)


class QueueItemOut(serializers.Serializer[Any]):
    """A task. `act_by` is the last day on which acting still saves the cycle."""

    key = serializers.CharField()
    need = Coded(Need, source="task.need")
    title = serializers.CharField(source="task.title")
    stage = Coded(EchoStep, source="task.stage", allow_null=True)
    step = serializers.CharField(source="task.step")
    why = serializers.CharField(source="task.why")
    act_by = serializers.DateField(source="task.act_by")
    saves = serializers.DateField(source="task.saves", allow_null=True)
    patient = serializers.SerializerMethodField(help_text="Null for a message to a colleague.")
    owner = serializers.SerializerMethodField(help_text="A person's name or a role; empty: nobody's.")
    next_on = serializers.DateField(allow_null=True)
    lacks = serializers.ListField(child=Coded(Lack))
    attempts = serializers.IntegerField(help_text="Calls in a row that reached nobody.")

    def get_patient(self, item: Item) -> str | None:
        return str(item.patient.uuid) if item.patient else None

    def get_owner(self, item: Item) -> str:
        return item.owner.name if item.owner else ""


class OwnerIn(serializers.Serializer[Any]):
    """A person by e-mail address, or a role; neither gives the task back."""

    key = serializers.CharField(max_length=120)
    owner = serializers.EmailField(required=False, allow_null=True)
    role = Coded(Role, required=False, allow_null=True)
    next_on = Day(required=False, allow_null=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class UnreachedOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient.uuid")
    calls = serializers.IntegerField()
    told_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    answered_by = serializers.CharField(allow_null=True)
    answer = serializers.CharField()


class UnreachedAnswerIn(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=300)


class PointOut(serializers.Serializer[Any]):
    point = Coded(Point)
    settled = serializers.BooleanField()
    waived = serializers.BooleanField()
    words = serializers.CharField()
    recorded_by = serializers.CharField(allow_null=True)


class TickIn(serializers.Serializer[Any]):
    point = Coded(Point)
    waived = serializers.BooleanField(default=False)
    words = serializers.CharField(max_length=300, required=False, allow_blank=True)


class UntickIn(serializers.Serializer[Any]):
    point = Coded(Point)


class NotAttendedIn(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=300, required=False, allow_blank=True)


class SettledIn(serializers.Serializer[Any]):
    settlement = serializers.CharField(max_length=300)


class EchoNoShowOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    booking = serializers.UUIDField(source="booking.uuid")
    words = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settlement = serializers.CharField()


class QueueItems(Operations):
    permissions = {"GET": Permission.VIEW_QUEUE}

    @operation("queue_list", returns=QueueItemOut(many=True))
    def get(self, _: Any) -> Response:
        """Every task of your site, in the order in which they save a cycle."""
        return self.listed(QueueItemOut, items_at(self.by.site, self.by.site.today()))


class QueueOwners(Operations):
    permissions = {"POST": Permission.VIEW_QUEUE}

    @operation("queue_assign", takes=OwnerIn, returns=QueueItemOut)
    def post(self, _: Any) -> Response:
        """Say whose a task is, and when the next step is taken."""
        said = self.body(OwnerIn)
        found = _item(self.by, said["key"])
        person = colleague_for(self.by, said["owner"]) if said.get("owner") else None
        owners.assign(
            by=self.by, key=found.key, owner=person, role=said.get("role") or None, next_on=said.get("next_on"),
            note=said.get("note", ""), patient=found.patient,
        )  # fmt: skip
        return self.shown(QueueItemOut, _item(self.by, found.key))


class PatientCalls(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.LOG_CALLS}

    @operation("patients_calls", returns=CallOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """Calls to a patient, the latest first; the last hundred."""
        return self.listed(CallOut, patient_for(self.by, uuid).calls.select_related("recorded_by")[:100])

    @operation("patients_call", takes=CallIn, returns=CallOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Keep a call as it went. So many in a row that reached nobody tell the plan's oncologist."""
        patient = patient_for(self.by, uuid)
        return self.shown(CallOut, calls.log(by=self.by, patient=patient, **self.body(CallIn)), status=201)


class UnreachedPatients(Operations):
    permissions = {"GET": Permission.VIEW_FLAGS}

    @operation("unreached_list", returns=UnreachedOut(many=True))
    def get(self, _: Any) -> Response:
        """Patients whom nobody reaches by telephone, and about whom no oncologist has answered."""
        return self.listed(UnreachedOut, calls.waiting_for(self.by))


class AnswerUnreached(Operations):
    permissions = {"POST": Permission.DECIDE_FLAGS}

    @operation("unreached_answer", takes=UnreachedAnswerIn, returns=UnreachedOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Say what is to be done about the patient."""
        calls.answer(by=self.by, notice=self._row(uuid), words=self.body(UnreachedAnswerIn)["answer"])
        return self.shown(UnreachedOut, self._row(uuid))

    def _row(self, uuid: UUID) -> Unreached:
        rows = Unreached.objects.at(self.by.site_id).select_related("patient", "answered_by")
        found = rows.filter(uuid=uuid).first()
        if found is None:
            raise Http404
        return found


class Checklist(Operations):
    permissions = {"GET": Permission.VIEW_QUEUE, "POST": Permission.VIEW_QUEUE}

    @operation("plans_checklist", returns=PointOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """Each point of a new plan's checklist and how it was settled."""
        return self.listed(PointOut, _points(plan_for(self.by, uuid)))

    @operation("plans_checklist_tick", takes=TickIn, returns=PointOut(many=True))
    def post(self, _: Any, uuid: UUID) -> Response:
        """Settle a point, or waive it with a reason."""
        plan = plan_for(self.by, uuid)
        checklists.tick(by=self.by, plan=plan, **self.body(TickIn))
        return self.listed(PointOut, _points(plan))


class OpenPoint(Operations):
    permissions = {"POST": Permission.VIEW_QUEUE}

    @operation("plans_checklist_untick", takes=UntickIn, returns=PointOut(many=True))
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take a point back that was settled by mistake."""
        plan = plan_for(self.by, uuid)
        checklists.untick(by=self.by, plan=plan, **self.body(UntickIn))
        return self.listed(PointOut, _points(plan))


class EchoNotAttended(Operations):
    permissions = {"POST": Permission.BOOK_ECHOES}

    @operation("echoes_not_attended", takes=NotAttendedIn, returns=EchoNoShowOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record that nobody came to a booked echo. What is due stays due."""
        made = no_shows.record(by=self.by, booking=_booking(self.by, uuid), **self.body(NotAttendedIn))
        return self.shown(EchoNoShowOut, made, status=201)


class SettleEchoNoShow(Operations):
    permissions = {"POST": Permission.BOOK_ECHOES}

    @operation("echoes_not_attended_settle", takes=SettledIn, returns=EchoNoShowOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Say why no new appointment is made because of it."""
        known = getattr(_booking(self.by, uuid), "no_show", None)
        if known is None:
            raise Http404
        no_shows.settle(by=self.by, no_show=known, **self.body(SettledIn))
        known.refresh_from_db()
        return self.shown(EchoNoShowOut, known)


def _points(plan: TreatmentPlan) -> list[dict[str, Any]]:
    ticks = {tick.point: tick for tick in plan.checklist.select_related("recorded_by")}
    return [
        {
            "point": point,
            "settled": point.value in ticks,
            "waived": bool(one and one.waived),
            "words": one.words if one else "",
            "recorded_by": one.recorded_by if one else None,
        }
        for point in Point
        for one in [ticks.get(point.value)]
    ]


def _item(by: User, key: str) -> Item:
    found = next((item for item in items_at(by.site, by.site.today()) if item.key == key), None)
    if found is None:
        raise Refused(Refusal("not-on-the-queue", "No task with this key is on the queue: read the queue again."))
    return found


def _booking(by: User, uuid: UUID) -> EchoBooking:
    rows = EchoBooking.objects.filter(plan__patient__site=by.site_id, uuid=uuid)
    found = rows.select_related("plan__patient", "no_show__recorded_by").first()
    if found is None:
        raise Http404
    return found
