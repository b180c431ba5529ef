"""What needs both apps, over HTTP: who you are, the day's infusions, a patient's history. Pages read the same."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from her2tracker.accounts.models import JURISDICTIONS, Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.api import quick
from her2tracker.api.fields import Clock, Coded, Day
from her2tracker.api.views import Operations, PagedOperations, operation
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.clinic import live
from her2tracker.clinic.today import Row, day_at
from scheduling.api.chairside import ReactionOut
from scheduling.api.doses import CycleDayLine, ObjectionOut
from scheduling.api.patients import PatientOut
from scheduling.api.running import AskedOut, InfusionRunOut
from scheduling.lookups import patient_for


class SiteOut(serializers.Serializer[Any]):
    """Your clinic. Due dates are calendar days of its time zone, and `today` is one."""

    uuid = serializers.UUIDField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    jurisdiction = serializers.ChoiceField(choices=JURISDICTIONS)
    today = serializers.DateField()


class MeOut(serializers.Serializer[Any]):
    """You, and what your role may do."""

    uuid = serializers.UUIDField()
    full_name = serializers.CharField()
    email = serializers.CharField()
    role = serializers.CharField(help_text="Empty when nobody gave you a role yet.")
    permissions = serializers.SerializerMethodField()
    site = SiteOut()

    @extend_schema_field(serializers.ListField(child=Coded(Permission)))
    def get_permissions(self, person: User) -> list[str]:
        return sorted(permission.value for permission in person.permissions)


class IfTodayOut(serializers.Serializer[Any]):
    """What giving a missed infusion today would mean."""

    on = serializers.DateField()
    infusion_minutes = serializers.IntegerField()
    chair_minutes = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())


class RowOut(serializers.Serializer[Any]):
    """One infusion: who, what, and whether it may go ahead."""

    patient = PatientOut(source="day.plan.patient")
    plan = serializers.UUIDField(source="day.plan.uuid")
    regimen_name = serializers.CharField(source="regimen.name")
    state = serializers.CharField(
        source="state.mark", help_text="ready, needs, hold, running, missed, given or omitted."
    )
    state_words = serializers.CharField(source="state.words")
    objections = ObjectionOut(many=True)
    cycle_day = CycleDayLine(source="day")
    observe_until = Clock(allow_null=True, help_text="For what was given today, as its label asks.")
    reactions = ReactionOut(many=True)
    if_today = IfTodayOut(allow_null=True)
    no_show_at = serializers.DateTimeField(
        source="day.no_show_at", allow_null=True, help_text="When somebody recorded that the patient did not attend."
    )
    nurse = serializers.SerializerMethodField()
    acuity = serializers.IntegerField(source="chair.acuity", help_text="What it weighs when the day is shared out.")
    runs = serializers.SerializerMethodField()
    vital_signs = AskedOut(source="chair.asked", allow_null=True, help_text="Only where something of it was started.")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_nurse(self, row: Row) -> str | None:
        return str(row.chair.nurse) if row.chair and row.chair.nurse else None

    @extend_schema_field(InfusionRunOut(many=True))
    def get_runs(self, row: Row) -> Any:
        return InfusionRunOut([one.row for one in row.chair.runs], many=True).data if row.chair else []


class DayOut(serializers.Serializer[Any]):
    """A day's list. `missed` are earlier dates that nobody decided; they belong to the site's today only."""

    on = serializers.DateField()
    today = serializers.DateField()
    before = serializers.DateField(allow_null=True, help_text="The nearest earlier day with infusions.")
    after = serializers.DateField(allow_null=True, help_text="The nearest later day with infusions.")
    rows = RowOut(many=True)
    missed = RowOut(many=True)
    missed_count = serializers.IntegerField()


class DayQuery(serializers.Serializer[Any]):
    on = Day(required=False, help_text="Any day; the site's today when left out.")
    missed_page = serializers.IntegerField(
        required=False, min_value=1, max_value=10_000, help_text="The longest missed come first; 50 a page."
    )


class ActOut(serializers.Serializer[Any]):
    """One thing somebody did about the patient. `details` differ by verb."""

    at = serializers.DateTimeField()
    by = serializers.CharField(source="by_name")
    role = serializers.CharField(source="by_role")
    verb = serializers.CharField()
    sentence = serializers.SerializerMethodField()
    reason = serializers.CharField()
    subject_kind = serializers.CharField()
    subject = serializers.UUIDField(source="subject_uuid", allow_null=True)
    details = serializers.JSONField()

    def get_sentence(self, act: Act) -> str:
        return sentence(act)


class Me(Operations):
    permissions = {"GET": None}

    @operation("me", returns=MeOut)
    def get(self, _: Any) -> Response:
        """Who you are, where you work, and what you may do."""
        return self.shown(MeOut, self.by)


class Today(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("today", query=DayQuery, returns=DayOut)
    def get(self, _: Any) -> HttpResponse:
        """The infusions of one day at your site, each with what stands against it and whose it is.

        Ask again with the answer's `ETag` as `If-None-Match`: the answer is 304, and cheap, while nothing changed.
        """
        asked, site = self.query(DayQuery), self.by.site
        version = live.version_of(site)
        if live.is_current(self.request.headers.get("If-None-Match", "").strip('W/"'), version):
            return HttpResponse(status=304)
        on, page = asked.get("on", site.today()), asked.get("missed_page")
        found = live.kept(site, version, ("api", on, page), lambda: _read(site, on, page))
        return HttpResponse(found.shown, content_type="application/json", headers={"ETag": f'"{found.name}"'})


def _read(site: Site, on: date, missed_page: int | None) -> tuple[bytes, datetime | None]:
    """The day as JSON, and when it reads otherwise by the clock alone."""
    day = day_at(site, on, missed_page=missed_page)
    return JSONRenderer().render(quick.compiled(DayOut)(day)), day.changes_at


class History(PagedOperations):
    permissions = {"GET": Permission.VIEW_HISTORY}

    @operation("patients_history", returns=ActOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """Everything done about a patient, the latest first. It can only grow."""
        patient = patient_for(self.by, uuid)
        acts: QuerySet[Act] = Act.objects.filter(patient_uuid=patient.uuid)
        return self.paged(ActOut, acts)
