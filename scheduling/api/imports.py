"""Files of patients and plans: sent, answered line by line, confirmed or withdrawn, and how far they are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, PagedOperations, operation
from her2tracker.lib import sheets
from scheduling import lookups
from scheduling.actions import import_lines, plan_imports
from scheduling.models import PlanImport
from scheduling.words import ImportState


class TableFileIn(serializers.Serializer[Any]):
    """One CSV file. Subclasses say which table it must be."""

    text = serializers.CharField(
        trim_whitespace=False,
        max_length=sheets.LARGEST_BYTES,
        help_text="CSV with a header; separated by commas, semicolons or tabs. At most 10,000 rows.",
    )
    file_name = serializers.CharField(max_length=120, required=False, help_text="What people will see it called.")

    def refuse_unreadable(self, text: str) -> int:
        """Raises `sheets.Unreadable` for a text that is no such table."""
        raise NotImplementedError

    def validate_text(self, text: str) -> str:
        try:
            self.refuse_unreadable(text)
        except sheets.Unreadable as unreadable:
            raise serializers.ValidationError(unreadable.sentences) from unreadable
        return text


class TableFileOut(serializers.Serializer[Any]):
    """A file that was sent, who confirmed it and how far it is. Subclasses add `counts`."""

    uuid = serializers.UUIDField()
    file_name = serializers.CharField()
    digest = serializers.CharField(help_text="SHA-256 of the text.")
    state = Coded(ImportState)
    sent_by = serializers.CharField(source="recorded_by")
    sent_at = serializers.DateTimeField(source="recorded_at")
    confirmed_by = serializers.CharField(source="decided_by", allow_null=True)
    confirmed_at = serializers.DateTimeField(source="decided_at", allow_null=True)
    done_rows = serializers.IntegerField(help_text="Rows written so far, while it runs.")
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(help_text="Why nothing of it was written.")


class PlanFileIn(TableFileIn):
    """Patients and plans."""

    def refuse_unreadable(self, text: str) -> int:
        return import_lines.refuse_unreadable(text)


class ImportCounts(serializers.Serializer[Any]):
    """How many lines of each kind; `rows` alone until the file is checked."""

    rows = serializers.IntegerField()
    start = serializers.IntegerField(default=0, help_text="Plans to start, or started.")
    there = serializers.IntegerField(default=0, help_text="Same MRN, regimen and start: nothing to do.")
    refused = serializers.IntegerField(default=0, help_text="While there is one, nothing is imported.")
    new = serializers.IntegerField(default=0, help_text="Patients to register, or registered.")
    warned = serializers.IntegerField(default=0)


class ImportListed(TableFileOut):
    counts = ImportCounts()


class ImportLineOut(serializers.Serializer[Any]):
    """One line of the file and what it would do, or did."""

    line = serializers.IntegerField()
    mrn = serializers.CharField()
    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["start", "there", "refused"])
    is_new = serializers.BooleanField(help_text="The patient is registered with it.")
    regimen = serializers.CharField(help_text="The regimen's name.")
    version = serializers.IntegerField()
    start_on = serializers.CharField(help_text="ISO date; empty where it could not be read.")
    last_on = serializers.CharField(help_text="ISO date; empty for a plan without an end.")
    cycle_days = serializers.IntegerField()
    refusals = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    plan = serializers.CharField(help_text="The plan it started, or that was there; empty until then.")


class ImportOut(ImportListed):
    lines = ImportLineOut(many=True)


class PlanImports(PagedOperations):
    permissions = {"GET": Permission.START_PLANS, "POST": Permission.START_PLANS}

    @operation("plan_imports", returns=ImportListed(many=True))
    def get(self, _: Any) -> Response:
        """The files of your site, the latest first."""
        rows = PlanImport.objects.filter(site=self.by.site_id).without_texts()
        return self.paged(ImportListed, rows.select_related("recorded_by", "decided_by"))

    @operation("plan_imports_send", takes=PlanFileIn, returns=ImportOut, status=201)
    def post(self, _: Any) -> Response:
        """Check a file of patients and plans. Nothing of it is written.

        A long file is checked soon after: look again while its state is `received`.
        """
        row = plan_imports.receive(by=self.by, **self.body(PlanFileIn))
        return self.shown(ImportOut, lookups.plan_import_for(self.by, row.uuid), status=201)


class OnePlanImport(Operations):
    permissions = {"GET": Permission.START_PLANS}

    @operation("plan_imports_retrieve", returns=ImportOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One file with the answer to each of its lines."""
        return self.shown(ImportOut, lookups.plan_import_for(self.by, uuid))


class ConfirmImport(Operations):
    permissions = {"POST": Permission.START_PLANS}

    @operation("plan_imports_confirm", returns=ImportOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Have it carried out, soon and as a whole, in your name."""
        plan_imports.confirm(by=self.by, plan_import=lookups.plan_import_for(self.by, uuid))
        return self.shown(ImportOut, lookups.plan_import_for(self.by, uuid))


class WithdrawImport(Operations):
    permissions = {"POST": Permission.START_PLANS}

    @operation("plan_imports_withdraw", returns=ImportOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take it back before it runs. The file and what was found in it are forgotten."""
        plan_imports.withdraw(by=self.by, plan_import=lookups.plan_import_for(self.by, uuid))
        return self.shown(ImportOut, lookups.plan_import_for(self.by, uuid))
