"""A laboratory's report beside its result."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, operation
from monitoring import lookups
from monitoring.actions import report_files
from monitoring.core.report_file import LARGEST_BYTES, ReportFormat


class ReportFileOut(serializers.Serializer[Any]):
    """One file as it came; its bytes are asked for apart."""

    uuid = serializers.UUIDField()
    name = serializers.CharField()
    format = Coded(ReportFormat)
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class ReportFileContent(ReportFileOut):
    content = serializers.SerializerMethodField(help_text="Base64.")

    def get_content(self, _: Any) -> str:
        return base64.b64encode(self.context["content"]).decode()


class ReportFileIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    content = serializers.CharField(
        max_length=LARGEST_BYTES * 4 // 3 + 8, help_text="Base64 of a PDF, PNG or JPEG of at most 5 MB."
    )

    def validate_content(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("Not base64.") from error


class Reports(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ASSESSMENTS}

    @operation("lvef_reports_list", returns=ReportFileOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """The files kept with a result, without their bytes."""
        rows = lookups.assessment_for(self.by, uuid).report_files
        return self.listed(ReportFileOut, rows.defer("content").select_related("recorded_by"))

    @operation("lvef_reports_create", takes=ReportFileIn, returns=ReportFileOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Keep a laboratory's report with its result."""
        row = lookups.assessment_for(self.by, uuid)
        made = report_files.attach(by=self.by, assessment=row, **self.body(ReportFileIn))
        return self.shown(ReportFileOut, made, status=201)


class OneReport(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("lvef_reports_retrieve", returns=ReportFileContent)
    def get(self, _: Any, uuid: UUID) -> Response:
        """One file with its bytes. Opening it is on record."""
        file = lookups.report_file_for(self.by, uuid)
        content = report_files.opened(by=self.by, file=file)
        return Response(ReportFileContent(file, context={"view": self, "content": content}).data)
