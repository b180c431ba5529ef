"""Patients and plans from a file: checked line by line, confirmed by a person, carried out as a whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refusal
from scheduling.actions import import_lines
from scheduling.actions.file_imports import MOST_TRIES as MOST_TRIES
from scheduling.actions.file_imports import Files, Tell
from scheduling.actions.import_lines import Line
from scheduling.models import PlanImport


class PlanFiles(Files[PlanImport]):
    """One line for each patient and the plan to start for her."""

    model, permission, verb, lock, usual_name = PlanImport, Permission.START_PLANS, "import", 0x1A9, "plans.csv"
    nothing_to_do = Refusal("nothing-to-start", "Every plan of this file is there already.")

    def count(self, text: str) -> int:
        return import_lines.refuse_unreadable(text)

    def check(self, row: PlanImport) -> None:
        lines = import_lines.read(row.recorded_by, row.text)
        import_lines.rehearse(row.recorded_by, lines)
        row.lines, row.counts = [_said(line) for line in lines], _counted(lines)

    def carry_out(self, row: PlanImport, by: User, tell: Tell) -> None:
        lines = import_lines.read(by, row.text)
        import_lines.carry_out(by, lines, tell)
        kept = {one["line"]: one for one in row.lines}
        row.lines = [kept.get(line.asked.line, {}) | _became(line) for line in lines]
        row.counts = _counted(lines) | {"warned": row.counts["warned"]}  # only the check looks for warnings


_FILES = PlanFiles()
receive, work = _FILES.receive, _FILES.work


def confirm(*, by: User, plan_import: PlanImport) -> PlanImport:
    """Have it carried out, soon and as a whole. Raises Refused while a line is refused."""
    return _FILES.confirm(by=by, row=plan_import)


def withdraw(*, by: User, plan_import: PlanImport) -> PlanImport:
    """Take it back before it runs. The file and what was found in it are forgotten."""
    return _FILES.withdraw(by=by, row=plan_import)


def _said(line: Line) -> dict[str, Any]:
    """One line of the report, as JSON."""
    wanted, preview = line.asked.wanted, line.preview
    said: dict[str, Any] = {
        "line": line.asked.line, "mrn": line.asked.mrn, "name": line.asked.name,
        "born_on": str(wanted.person.born_on) if wanted else "", "is_new": line.is_new,
        "refusals": line.refusals, "warnings": [] if line.refusals else list(dict.fromkeys(line.warnings)),
        "regimen": line.version.name if line.version else "", "version": line.version.version if line.version else 0,
        "start_on": str(wanted.start_on) if wanted else "", "last_on": "", "cycle_days": 0,
    }  # fmt: skip
    if preview and preview.projection.entries:
        days = {(entry.cycle, entry.day) for entry in preview.projection.entries}
        said["last_on"], said["cycle_days"] = str(preview.projection.last_on or ""), len(days)
    return said | _became(line)


def _became(line: Line) -> dict[str, Any]:
    """What the line does or did: `start`, `there` already, or `refused`."""
    outcome = "refused" if line.refusals else "there" if line.is_there else "start"
    return {"outcome": outcome, "plan": str(line.plan or "")}


def _counted(lines: Sequence[Line]) -> dict[str, int]:
    outcomes = Counter(_became(line)["outcome"] for line in lines)
    ready = [line for line in lines if line.is_ready]
    return {
        "rows": len(lines), "start": outcomes["start"], "there": outcomes["there"], "refused": outcomes["refused"],
        "new": sum(line.is_new for line in ready), "warned": sum(bool(line.warnings) for line in ready),
    }  # fmt: skip
