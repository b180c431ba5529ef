"""The laboratory's own report beside a result. In the database, so that a backup holds it."""

from __future__ import annotations

from django.db import models

from her2tracker.audit.history import tracked_but
from monitoring.core.report_file import ReportFormat
from monitoring.models.assessments import LvefAssessment
from scheduling.models.base import Recorded, choices, one_of


@tracked_but("content")
class ReportFile(Recorded):
    """One file as it came. Added, never changed; `sha256` is in the history, the bytes are here alone."""

    assessment = models.ForeignKey(LvefAssessment, on_delete=models.PROTECT, related_name="report_files")
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=8, choices=choices(ReportFormat))
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            one_of("format", ReportFormat, "monitoring_report_format_known"),
            models.UniqueConstraint(fields=["assessment", "sha256"], name="monitoring_report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.size // 1024 + 1} kB)"
