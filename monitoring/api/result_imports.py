"""Files of LVEF results: sent, answered line by line, confirmed or withdrawn, and how far they are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.views import Operations, PagedOperations, operation
from monitoring import lookups
from monitoring.actions import result_imports, result_lines
from monitoring.models import ResultImport
from scheduling.api.imports import TableFileIn, TableFileOut


class ResultFileIn(TableFileIn):
    """Columns: mrn, born_on, performed_on, lvef, modality; if you like name, lab, symptoms, gls_percent, note."""

    def refuse_unreadable(self, text: str) -> int:
        return result_lines.refuse_unreadable(text)


class ResultCounts(serializers.Serializer[Any]):
    """How many lines of each kind; `rows` alone until the file is checked."""

    rows = serializers.IntegerField()
    new = serializers.IntegerField(default=0, help_text="Results to record, or recorded.")
    there = serializers.IntegerField(default=0, help_text="On record already: nothing to do.")
    refused = serializers.IntegerField(default=0, help_text="While there is one, nothing is recorded.")
    again = serializers.IntegerField(default=0, help_text="Figures to be typed again to confirm the file.")
    warned = serializers.IntegerField(default=0)


class ResultFileListed(TableFileOut):
    counts = ResultCounts()


class ResultLineOut(serializers.Serializer[Any]):
    """One line of the file and what it would add, or added."""

    line = serializers.IntegerField()
    mrn = serializers.CharField()
    name = serializers.CharField(help_text="As on record; empty until the patient is found.")
    patient = serializers.CharField(help_text="The patient found by MRN and date of birth.")
    outcome = serializers.ChoiceField(choices=["new", "there", "refused"])
    performed_on = serializers.CharField(help_text="ISO date; empty where it could not be read.")
    lvef = serializers.CharField()
    modality = serializers.CharField()
    lab = serializers.CharField()
    asks = serializers.CharField(help_text="Why the figure must be typed again; empty when it need not be.")
    refusals = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())


class ResultFileOut(ResultFileListed):
    lines = ResultLineOut(many=True)


class AgainIn(serializers.Serializer[Any]):
    line = serializers.IntegerField(min_value=1, max_value=10_000_000)
    lvef = serializers.CharField(max_length=40)


class ConfirmResultsIn(serializers.Serializer[Any]):
    again = AgainIn(many=True, required=False, help_text="The figure of each line that asks for it, typed again.")


class ResultImports(PagedOperations):
    permissions = {"GET": Permission.RECORD_ASSESSMENTS, "POST": Permission.RECORD_ASSESSMENTS}

    @operation("result_imports", returns=ResultFileListed(many=True))
    def get(self, _: Any) -> Response:
        """The files of LVEF results of your site, the latest first."""
        rows = ResultImport.objects.filter(site=self.by.site_id).without_texts()
        return self.paged(ResultFileListed, rows.select_related("recorded_by", "decided_by"))

    @operation("result_imports_send", takes=ResultFileIn, returns=ResultFileOut, status=201)
    def post(self, _: Any) -> Response:
        """Check a file of LVEF results. Nothing of it is written.

        A long file is checked soon after: look again while its state is `received`.
        """
        row = result_imports.receive(by=self.by, **self.body(ResultFileIn))
        return self.shown(ResultFileOut, lookups.result_import_for(self.by, row.uuid), status=201)


class OneResultImport(Operations):
    permissions = {"GET": Permission.RECORD_ASSESSMENTS}

    @operation("result_imports_retrieve", returns=ResultFileOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One file with the answer to each of its lines."""
        return self.shown(ResultFileOut, lookups.result_import_for(self.by, uuid))


class ConfirmResults(Operations):
    permissions = {"POST": Permission.RECORD_ASSESSMENTS}

    @operation("result_imports_confirm", takes=ConfirmResultsIn, returns=ResultFileOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Have it recorded, soon and as a whole, in your name."""
        again = {one["line"]: one["lvef"] for one in self.body(ConfirmResultsIn).get("again", ())}
        row = lookups.result_import_for(self.by, uuid)
        result_imports.confirm(by=self.by, result_import=row, again=again)
        return self.shown(ResultFileOut, lookups.result_import_for(self.by, uuid))


class WithdrawResults(Operations):
    permissions = {"POST": Permission.RECORD_ASSESSMENTS}

    @operation("result_imports_withdraw", returns=ResultFileOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take it back before it runs. The file and what was found in it are forgotten."""
        result_imports.withdraw(by=self.by, result_import=lookups.result_import_for(self.by, uuid))
        return self.shown(ResultFileOut, lookups.result_import_for(self.by, uuid))
