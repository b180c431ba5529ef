"""LVEF results from a file: checked line by line, confirmed by a person, recorded as a whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.actions import result_lines
from monitoring.actions.result_lines import Line
from monitoring.core import result_lines as core
from monitoring.models import ResultImport
from scheduling.actions.file_imports import Files, Tell

MOST_AGAIN = 200
"""Figures that one person can be asked to type again for one file."""


class ResultFiles(Files[ResultImport]):
    """One line for each result. Figures where a slip would cost most are typed again as the file is confirmed."""

    model, permission, verb, lock = ResultImport, Permission.RECORD_ASSESSMENTS, "result-import", 0x1AA
    usual_name = "results.csv"
    nothing_to_do = Refusal("nothing-to-record", "Every result of this file is on record already.")

    def count(self, text: str) -> int:
        return result_lines.refuse_unreadable(text)

    def check(self, row: ResultImport) -> None:
        lines = result_lines.read(row.recorded_by, row.text)
        row.lines, row.counts = [_said(line) for line in lines], _counted(lines)

    def carry_out(self, row: ResultImport, by: User, tell: Tell) -> None:
        lines = result_lines.read(by, row.text)
        result_lines.carry_out(by, lines, {one["line"]: one.get("typed", "") for one in row.lines}, tell)
        kept = {one["line"]: one for one in row.lines}
        row.lines = [kept.get(line.said.line, {}) | {"outcome": _outcome(line)} for line in lines]
        row.counts = _counted(lines)


_FILES = ResultFiles()
receive, work = _FILES.receive, _FILES.work


def confirm(*, by: User, result_import: ResultImport, again: Mapping[int, str] | None = None) -> ResultImport:
    """Have it recorded, soon and as a whole. `again` holds, by line, the figures typed a second time.

    Raises Refused while a line is refused, and for a figure that was not typed again as it stands in the file; the
    refusal's fields are then named `line-N`.
    """
    require(by, Permission.RECORD_ASSESSMENTS)
    return _FILES.confirm(by=by, row=result_import, change=lambda row: _take_over(row, again or {}))


def withdraw(*, by: User, result_import: ResultImport) -> ResultImport:
    """Take it back before it runs. The file and what was found in it are forgotten."""
    return _FILES.withdraw(by=by, row=result_import)


def _take_over(row: ResultImport, again: Mapping[int, str]) -> None:
    """Keep what was typed beside its line, or refuse all of it."""
    if row.counts.get("again", 0) > MOST_AGAIN:
        raise Refused(
            Refusal("too-many-again", f"More than {MOST_AGAIN} figures are to be typed again. Divide the file.")
        )
    by_line = {line.said.line: line for line in result_lines.read(row.recorded_by, row.text) if line.is_new}
    refused: dict[str, list[str]] = {}
    for one in row.lines:
        if one["outcome"] != "new" or not one["asks"]:
            continue
        one["typed"] = again.get(one["line"], "")[:40]
        line = by_line.get(one["line"])  # gone when somebody recorded it meanwhile: nothing is to be confirmed then
        if line and (why := core.refuse_again(line.measured, one["typed"])):
            refused[f"line-{one['line']}"] = [why]
    if refused:
        said = "One figure is" if len(refused) == 1 else f"{len(refused)} figures are"
        raise Refused(Refusal("type-again", f"{said} not confirmed yet. Nothing was recorded."), refused)


def _said(line: Line) -> dict[str, Any]:
    """One line of the report, as JSON."""
    one = line.said.measured
    return {
        "line": line.said.line, "mrn": line.said.mrn, "name": line.patient.name if line.patient else "",
        "born_on": str(line.said.born_on or ""), "patient": str(line.patient.uuid) if line.patient else "",
        "performed_on": str(one.performed_on) if one else "", "lvef": str(one.lvef) if one else "",
        "modality": one.modality.value if one else "", "lab": one.lab if one else "",
        "asks": line.asks if line.is_new else "", "refusals": line.refusals, "warnings": line.warnings,
        "outcome": _outcome(line),
    }  # fmt: skip


def _outcome(line: Line) -> str:
    """`new`, `there` already, or `refused`."""
    return "refused" if line.refusals else "there" if line.is_there else "new"


def _counted(lines: Sequence[Line]) -> dict[str, int]:
    outcomes = Counter(map(_outcome, lines))
    return {
        "rows": len(lines), "new": outcomes["new"], "there": outcomes["there"], "refused": outcomes["refused"],
        "again": sum(bool(line.asks) for line in lines if line.is_new),
        "warned": sum(bool(line.warnings) for line in lines if line.is_new),
    }  # fmt: skip
