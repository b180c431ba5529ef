"""Which nurse has which infusion, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import nursing
from scheduling.models.nursing import loads_of, taken_on


class TakeIn(serializers.Serializer[Any]):
    """Cycle days of today's list or a later one's."""

    cycle_days = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=200)


class AssignNurseIn(TakeIn):
    to = serializers.EmailField(help_text="A nurse of the site.")


class NurseAssignmentOut(serializers.Serializer[Any]):
    """One infusion with one nurse on one day."""

    plan = serializers.UUIDField(source="plan.uuid")
    cycle = serializers.IntegerField()
    day = serializers.IntegerField()
    on = serializers.DateField()
    nurse = serializers.CharField()
    assigned_by = serializers.CharField(source="recorded_by")
    assigned_at = serializers.DateTimeField(source="recorded_at")


class NotSharedOut(serializers.Serializer[Any]):
    """An infusion that was not given to anybody, and why."""

    cycle_day = serializers.UUIDField()
    code = serializers.CharField()
    message = serializers.CharField()


class SharedOut(serializers.Serializer[Any]):
    made = NurseAssignmentOut(many=True)
    refused = NotSharedOut(many=True)


class LoadOut(serializers.Serializer[Any]):
    """What one nurse has of a day; acuity is the sum of the site's weights."""

    nurse = serializers.CharField()
    infusions = serializers.IntegerField()
    acuity = serializers.IntegerField()


class DayOfNurses(serializers.Serializer[Any]):
    assignments = NurseAssignmentOut(many=True)
    loads = LoadOut(many=True)


class NursesQuery(serializers.Serializer[Any]):
    on = Day(required=False, help_text="Any day; the site's today when left out.")


class NurseAssignments(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("nurse_assignments", query=NursesQuery, returns=DayOfNurses)
    def get(self, _: Any) -> Response:
        """Who has which infusions of a day, and how heavy each nurse's day is."""
        return self.shown(DayOfNurses, _day_of(self.by.site, self.query(NursesQuery).get("on", self.by.site.today())))


class Take(Operations):
    permissions = {"POST": Permission.TAKE_INFUSIONS}

    @operation("nurse_assignments_take", takes=TakeIn, returns=SharedOut)
    def post(self, _: Any) -> Response:
        """Take infusions yourself. Each is taken or refused by itself; a colleague's is refused."""
        rows = lookups.cycle_days_for(self.by, self.body(TakeIn)["cycle_days"])
        return self.shown(SharedOut, _told(nursing.take(by=self.by, cycle_days=rows)))


class AssignNurse(Operations):
    permissions = {"POST": Permission.ASSIGN_NURSES}

    @operation("nurse_assignments_assign", takes=AssignNurseIn, returns=SharedOut)
    def post(self, _: Any) -> Response:
        """Give infusions to a nurse, whoever has them now."""
        said = self.body(AssignNurseIn)
        to = lookups.colleague_for(self.by, said["to"])
        rows = lookups.cycle_days_for(self.by, said["cycle_days"])
        return self.shown(SharedOut, _told(nursing.assign(by=self.by, cycle_days=rows, to=to)))


class GiveInfusionBack(Operations):
    permissions = {"POST": Permission.VIEW_PATIENTS}

    @operation("cycle_days_nurse_give_back", returns=DayOfNurses)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Nobody has it any longer: your own or, where you may assign, anybody's."""
        row = lookups.cycle_day_for(self.by, uuid)
        nursing.give_back(by=self.by, cycle_day=row)
        return self.shown(DayOfNurses, _day_of(self.by.site, self.by.site.today()))


def _day_of(site: Site, on: date) -> dict[str, Any]:
    taken = taken_on(site, on)
    loads = [
        {"nurse": str(nurse), "infusions": load.infusions, "acuity": load.acuity}
        for nurse, load in loads_of(taken).items()
    ]
    return {"assignments": [one.assignment for one in taken], "loads": loads}


def _told(shared: nursing.Shared) -> dict[str, Any]:
    refused = [
        {"cycle_day": row.uuid, "code": refusal.code, "message": refusal.sentence} for row, refusal in shared.refused
    ]
    return {"made": shared.made, "refused": refused}
