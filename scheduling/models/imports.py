"""A file that is imported: what was sent, what the check found in each line, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked_but
from scheduling.models.base import Recorded, choices, one_of, together
from scheduling.words import ImportState

OPEN_STATES = (ImportState.RECEIVED, ImportState.CHECKED, ImportState.WAITING)
"""Nothing was written for it yet, so it can be withdrawn."""


class FileImportQuerySet(models.QuerySet[Any]):
    def without_texts(self) -> FileImportQuerySet:
        """For lists: neither the file nor the report of its lines."""
        return self.defer("text", "lines")


class FileImport(Recorded):
    """One file. `lines` holds the check's answer for each line, later what became of it; `counts` adds them up.

    `text` is emptied when the import is withdrawn: people it named may be no patients here. Subclasses are tracked
    without `text`, `lines` and `done_rows`.
    """

    COUNTED = "start"  # under which `counts` has how many lines there are something to do for

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=choices(ImportState), default=ImportState.RECEIVED)
    counts = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["-recorded_at", "-id"]
        constraints = [
            one_of("state", ImportState, "%(app_label)s_import_state_known"),
            together("%(app_label)s_import_decided", "decided_by", "decided_at"),
            models.CheckConstraint(
                condition=~Q(state__in=[ImportState.WAITING, ImportState.RUNNING, ImportState.DONE])
                | Q(decided_by__isnull=False),
                name="%(app_label)s_import_confirmed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "-recorded_at"], name="%(app_label)s_import_of_site"),
            models.Index(
                fields=["recorded_at"],
                condition=Q(state__in=[ImportState.RECEIVED, ImportState.WAITING, ImportState.RUNNING]),
                name="%(app_label)s_import_to_do",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_busy(self) -> bool:
        """Whether the program has something to do with it, so that a page looks again."""
        return self.state in (ImportState.RECEIVED, ImportState.WAITING, ImportState.RUNNING)

    @property
    def may_be_withdrawn(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def may_be_confirmed(self) -> bool:
        """Checked, no line refused, and something left to do."""
        return self.state == ImportState.CHECKED and not self.counts.get("refused") and bool(self.to_do)

    @property
    def to_do(self) -> int:
        """For how many lines there is something to do, or was."""
        return int(self.counts.get(self.COUNTED, 0))


@tracked_but("text", "lines", "done_rows")
class PlanImport(FileImport):
    """Patients and the plans to start for them."""

    objects = FileImportQuerySet.as_manager()
