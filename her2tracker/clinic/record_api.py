"""The record over HTTP: its checks, and its acts for an auditor's program."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day
from her2tracker.api.views import PagedOperations, operation
from her2tracker.audit import history_checks
from her2tracker.audit.models import HistoryCheck
from her2tracker.clinic.api import ActOut
from her2tracker.clinic.record import Span, acts_in, note_taken, refuse_span
from her2tracker.lib.refusals import Refused


class HistoryCheckOut(serializers.Serializer[Any]):
    """One comparison of the record with its seals. `done_at` is null while it waits for a worker."""

    uuid = serializers.UUIDField()
    asked_at = serializers.DateTimeField()
    asked_by = serializers.CharField(source="asked_by_name", help_text="Empty: the daily check.")
    done_at = serializers.DateTimeField(allow_null=True)
    seals = serializers.IntegerField()
    rows = serializers.IntegerField()
    head = serializers.CharField(help_text="The digest in which the chain ends; note it elsewhere.")
    faults = serializers.IntegerField()
    told = serializers.ListField(child=serializers.CharField(), help_text="The first 50 differences.")


class RecordedOut(ActOut):
    """One act of the site. Patients stand by the number of their record."""

    patient = serializers.UUIDField(source="patient_uuid", allow_null=True)


class RecordQuery(serializers.Serializer[Any]):
    first = Day(help_text="The site's calendar day.")
    last = Day(help_text="Included; at most a year after the first.")


class HistoryChecks(PagedOperations):
    permissions = {"GET": Permission.CHECK_HISTORY, "POST": Permission.CHECK_HISTORY}

    @operation("record_checks_list", returns=HistoryCheckOut(many=True))
    def get(self, _: Any) -> Response:
        """Checks of the record, the latest first."""
        return self.paged(HistoryCheckOut, HistoryCheck.objects.order_by("-asked_at", "-id"))

    @operation("record_checks_ask", returns=HistoryCheckOut, status=201)
    def post(self, _: Any) -> Response:
        """Ask for a check as soon as a worker is free. Refused while one waits."""
        return self.shown(HistoryCheckOut, history_checks.ask(by=self.by, now=timezone.now()), status=201)


class Recorded(PagedOperations):
    permissions = {"GET": Permission.CHECK_HISTORY}

    @operation("record_acts_list", query=RecordQuery, returns=RecordedOut(many=True))
    def get(self, _: Any) -> Response:
        """Your site's acts between two days, the first act first. Reading them is an act too."""
        query = self.query(RecordQuery)
        span = Span(query["first"], query["last"])
        if found := refuse_span(span):
            raise Refused(found)
        note_taken(by=self.by, span=span, acts=acts_in(self.by.site, span).count())
        return self.paged(RecordedOut, acts_in(self.by.site, span))
