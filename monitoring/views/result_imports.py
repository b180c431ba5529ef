"""LVEF results from a file: sent, answered line by line, confirmed, and seen through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from her2tracker.lib.tables import to_csv
from monitoring import lookups
from monitoring.actions import result_imports, result_lines
from monitoring.core import result_lines as core
from monitoring.core.result import Modality, Symptoms
from monitoring.forms.result_imports import ResultFileForm, typed_again
from monitoring.models import ResultImport
from scheduling.views.shown import wants_part

LINES_PER_PAGE = 100
MOST_SHOWN = 50
EXAMPLE = (
    {
        "mrn": "EXAMPLE-1", "born_on": "1970-05-17", "performed_on": "2026-01-12", "lvef": "62", "modality": "echo-2d",
        "name": "Example, Anna", "lab": "Echo lab", "symptoms": "none", "gls_percent": "-20.5",
    },
    {
        "mrn": "EXAMPLE-2", "born_on": "1964-11-02", "performed_on": "2026-01-13", "lvef": "50-55", "modality": "muga",
        "note": "Poor window",
    },
)  # fmt: skip
REPORT = (
    "line", "mrn", "name", "born_on", "performed_on", "lvef", "modality", "outcome", "refusals", "warnings", "asks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResultTab:
    """A part of the report."""

    label: str
    url: str
    current: bool
    count: int | None = None


@permitted(Permission.RECORD_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def results_import(request: HttpRequest) -> HttpResponse:
    """What may stand in a file, and the files that came; posting checks another one."""
    by = user_of(request)
    form = ResultFileForm(request.POST, request.FILES) if request.method == "POST" else ResultFileForm()
    if form.is_valid():
        try:
            row = result_imports.receive(by=by, **form.arguments())
        except Refused as refused:
            tell(form, refused)
        else:
            return redirect("result-import", row.uuid)
    rows = ResultImport.objects.filter(site=by.site).without_texts().select_related("recorded_by")
    context = {
        "form": form, "imports": rows[:MOST_SHOWN], "modalities": list(Modality), "symptoms": list(Symptoms),
        "limits": result_lines.limits_of(by.site), "crumbs": _crumbs()[:1],
    }  # fmt: skip
    return render(request, "monitoring/results_import.html", context, status=422 if form.errors else 200)


@permitted(Permission.RECORD_ASSESSMENTS)
@require_safe
def results_import_example(_: HttpRequest) -> HttpResponse:
    """A file with two made-up results and every column."""
    columns = [*core.REQUIRED, *core.OPTIONAL]
    return _csv("results-example.csv", to_csv(columns, [[row.get(name, "") for name in columns] for row in EXAMPLE]))


@permitted(Permission.RECORD_ASSESSMENTS)
@require_safe
def result_import(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One file: what each line would add, or added. The page looks again while the program works on it."""
    row = lookups.result_import_for(user_of(request), uuid)
    template = "monitoring/result_import.html" + ("#stands" if wants_part(request) else "")
    return render(request, template, _context(request, row, {}, {}))


@permitted(Permission.RECORD_ASSESSMENTS)
@require_POST
def result_import_confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record it, once every figure that was asked for again is typed as the file has it."""
    by = user_of(request)
    row, again = lookups.result_import_for(by, uuid), typed_again(request.POST)
    try:
        result_imports.confirm(by=by, result_import=row, again=again)
    except Refused as refused:
        if not refused.fields:
            messages.error(request, str(refused))
            return redirect("result-import", uuid)
        context = _context(request, row, again, refused.fields) | {"refused": str(refused)}
        return render(request, "monitoring/result_import.html", context, status=422)
    messages.success(request, "Confirmed. You can leave this page and come back.")
    return redirect("result-import", uuid)


@permitted(Permission.RECORD_ASSESSMENTS)
@require_POST
def result_import_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    try:
        result_imports.withdraw(by=by, result_import=lookups.result_import_for(by, uuid))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Withdrawn. Nothing was recorded, and the file is forgotten.")
    return redirect("result-import", uuid)


@permitted(Permission.RECORD_ASSESSMENTS)
@require_safe
def result_import_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The answer to each line as a sheet, to correct the file by."""
    row = lookups.result_import_for(user_of(request), uuid)
    joined = ({**line, **{name: " ".join(line[name]) for name in ("refusals", "warnings")}} for line in row.lines)
    return _csv("results-report.csv", to_csv(REPORT, [[line[name] for name in REPORT] for line in joined]))


def _context(
    request: HttpRequest, row: ResultImport, again: Mapping[int, str], wrong: Mapping[str, list[str]]
) -> dict[str, Any]:
    parts = {
        "all": row.lines,
        "refused": [line for line in row.lines if line["refusals"]],
        "warned": [line for line in row.lines if line["warnings"]],
        "there": [line for line in row.lines if line["outcome"] == "there"],
    }
    part = request.GET.get("show", "")
    if part not in parts:
        part = "refused" if parts["refused"] else "all"
    page = Paginator(parts[part], LINES_PER_PAGE).get_page(request.GET.get("page"))
    asked = [line for line in row.lines if line["asks"]] if row.may_be_confirmed else []
    return {
        "row": row, "page": page, "lines": [_shown(line) for line in page], "part": part, "crumbs": _crumbs(),
        "asked": [_shown(line) | _entered(line, again, wrong) for line in asked[: result_imports.MOST_AGAIN]],
        "too_many": len(asked) > result_imports.MOST_AGAIN, "most": result_imports.MOST_AGAIN,
        "tabs": _tabs(parts, part),
    }  # fmt: skip


def _entered(line: dict[str, Any], again: Mapping[int, str], wrong: Mapping[str, list[str]]) -> dict[str, Any]:
    """What was typed for this line, and what is wrong with it."""
    return {"typed": again.get(line["line"], ""), "wrong": " ".join(wrong.get(f"line-{line['line']}", ()))}


def _tabs(parts: dict[str, list[Any]], part: str) -> list[ResultTab]:
    labels = {"all": "All lines", "refused": "Refused", "warned": "With warnings", "there": "On record already"}
    return [
        ResultTab(labels[name], f"?show={name}", name == part, len(lines))
        for name, lines in parts.items()
        if lines or name == part
    ]


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    """The line with its days as days and its modality in words."""
    days = {name: date.fromisoformat(line[name]) if line[name] else None for name in ("born_on", "performed_on")}
    return line | days | {"modality": Modality(line["modality"]).label if line["modality"] else ""}


def _csv(name: str, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _crumbs() -> list[tuple[str, str]]:
    return [("Patients", reverse("patients")), ("Import LVEF results", reverse("results-import"))]
