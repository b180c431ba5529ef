"""Keeping a laboratory's report beside its result, and handing it out."""

from __future__ import annotations

import hashlib
from pathlib import PurePath

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act, record
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.core import report_file
from monitoring.models import LvefAssessment, ReportFile


def attach(*, by: User, assessment: LvefAssessment, name: str, content: bytes) -> ReportFile:
    """Keep the file as it came. Raises Refused for what is no report, and for one that is there already."""
    require(by, Permission.RECORD_ASSESSMENTS)
    with act("report.attached", by=by, patient=assessment.patient, subject=assessment) as entry:
        held = LvefAssessment.objects.select_for_update().get(pk=assessment.pk)
        digest = hashlib.sha256(content).hexdigest()
        kept = list(held.report_files.values_list("sha256", flat=True))
        refused = report_file.refuse(content, already=len(kept))
        if digest in kept:
            refused = Refusal("already-there", "This very file is kept with this result already.")
        if refused:
            raise Refused(refused, {"report": [refused.sentence]})
        made = ReportFile.objects.create(
            assessment=held, name=_name(name), format=report_file.format_of(content) or "", size=len(content),
            sha256=digest, content=content, recorded_by=by,
        )  # fmt: skip
        entry.details = {"lvef": str(held.lvef), "on": str(held.performed_on), "sha256": digest}
    return made


def opened(*, by: User, file: ReportFile) -> bytes:
    """Its bytes; that somebody opened it is on record."""
    require(by, Permission.VIEW_PATIENTS)
    record("report.opened", by=by, patient=file.assessment.patient, subject=file.assessment)
    return bytes(file.content)


def _name(text: str) -> str:
    """The last part of what a browser sent as its name, printable, never empty."""
    last = PurePath(text.replace("\\", "/")).name
    return "".join(one for one in last if one.isprintable())[:120].strip() or "report"
