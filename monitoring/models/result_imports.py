"""A file of LVEF results: what was sent, what the check found in each line, and what became of it."""

from __future__ import annotations

from her2tracker.audit.history import tracked_but
from scheduling.models.imports import FileImport, FileImportQuerySet


@tracked_but("text", "lines", "done_rows")
class ResultImport(FileImport):
    """One line for each result. `counts` has how many are `new`, `there` already, `refused`, and typed `again`."""

    COUNTED = "new"

    objects = FileImportQuerySet.as_manager()
