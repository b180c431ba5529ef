"""Patients and plans from a file: sent, answered line by line, confirmed, and seen through."""

from __future__ import annotations

from collections.abc import Callable
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
from her2tracker.accounts.models import Site
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from her2tracker.lib.tables import to_csv
from scheduling import lookups
from scheduling.actions import import_lines, plan_imports
from scheduling.core import intake
from scheduling.forms.imports import PlanFileForm
from scheduling.models import PlanImport
from scheduling.models.library import orderable_at
from scheduling.models.standing import regimen_of
from scheduling.views.shown import wants_part

LINES_PER_PAGE = 100
MOST_SHOWN = 50
EXAMPLE = (
    {
        "mrn": "EXAMPLE-1", "family_name": "Example", "given_name": "Anna", "born_on": "1970-05-17", "sex": "female",
        "language": "en", "phone": "+34 600 000 000", "email": "anna@example.org", "regimen": "trastuzumab-q3w-17",
        "setting": "adjuvant", "start_on": "2026-01-12", "weight_kg": "68.4", "weighed_on": "2026-01-05",
    },
    {
        "mrn": "EXAMPLE-2", "family_name": "Example", "given_name": "Berta", "born_on": "1964-11-02",
        "regimen": "trastuzumab-q3w-17", "setting": "adjuvant", "start_on": "2026-01-12", "weight_kg": "71",
        "weighed_on": "2026-01-05", "prior_agent": "trastuzumab", "prior_doses": "6", "prior_first_on": "2025-08-25",
        "prior_last_on": "2025-12-22", "prior_place": "Another clinic", "prior_kind": "maintenance",
    },
)  # fmt: skip
REPORT = (
    "line", "mrn", "name", "outcome", "patient", "regimen", "version", "start_on", "last_on", "cycle_days", "refusals",
    "warnings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportTab:
    """A part of the report."""

    label: str
    url: str
    current: bool
    count: int | None = None


@permitted(Permission.START_PLANS)
@require_http_methods(["GET", "POST"])
def plans_import(request: HttpRequest) -> HttpResponse:
    """What may stand in a file, and the files that came; posting checks another one."""
    by = user_of(request)
    form = PlanFileForm(request.POST, request.FILES) if request.method == "POST" else PlanFileForm()
    if form.is_valid():
        try:
            row = plan_imports.receive(by=by, **form.arguments())
        except Refused as refused:
            tell(form, refused)
        else:
            return redirect("plan-import", row.uuid)
    rows = PlanImport.objects.filter(site=by.site).without_texts().select_related("recorded_by")
    words = import_lines.words()
    context = {
        "form": form, "imports": rows[:MOST_SHOWN], "words": words, "agents": sorted(words.agents),
        "crumbs": _crumbs()[:1], "regimens": _orderable(by.site), "language": import_lines.usual_language(),
    }  # fmt: skip
    return render(request, "scheduling/plans_import.html", context, status=422 if form.errors else 200)


@permitted(Permission.START_PLANS)
@require_safe
def plans_import_example(_: HttpRequest) -> HttpResponse:
    """A file with two made-up patients and every column of one earlier agent."""
    columns = [*intake.REQUIRED, *(name for name in intake.OPTIONAL if not name.endswith("_2"))]
    return _csv("plans-example.csv", to_csv(columns, [[row.get(name, "") for name in columns] for row in EXAMPLE]))


@permitted(Permission.START_PLANS)
@require_safe
def plan_import(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One file: what each line would do, or did. The page looks again while the program works on it."""
    row = lookups.plan_import_for(user_of(request), uuid)
    template = "scheduling/plan_import.html" + ("#stands" if wants_part(request) else "")
    return render(request, template, _context(request, row))


@permitted(Permission.START_PLANS)
@require_POST
def plan_import_confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _act(request, uuid, plan_imports.confirm, "Confirmed. You can leave this page and come back.")


@permitted(Permission.START_PLANS)
@require_POST
def plan_import_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _act(request, uuid, plan_imports.withdraw, "Withdrawn. Nothing was imported, and the file is forgotten.")


@permitted(Permission.START_PLANS)
@require_safe
def plan_import_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The answer to each line as a sheet, to correct the file by."""
    row = lookups.plan_import_for(user_of(request), uuid)
    told = ({**line, "patient": "new" if line["is_new"] else "on record"} for line in row.lines)
    joined = ({**line, **{name: " ".join(line[name]) for name in ("refusals", "warnings")}} for line in told)
    return _csv("import-report.csv", to_csv(REPORT, [[line[name] for name in REPORT] for line in joined]))


def _act(request: HttpRequest, uuid: UUID, action: Callable[..., PlanImport], done: str) -> HttpResponse:
    by = user_of(request)
    try:
        action(by=by, plan_import=lookups.plan_import_for(by, uuid))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("plan-import", uuid)


def _orderable(site: Site) -> list[tuple[str, str]]:
    """Ids and names of what an import can start; a regimen taken at home is started by itself."""
    return [(key, one.name) for key, one in orderable_at(site).items() if not regimen_of(one).is_by_mouth_only]


def _context(request: HttpRequest, row: PlanImport) -> dict[str, Any]:
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
    return {
        "row": row, "page": page, "lines": [_shown(line) for line in page], "part": part, "crumbs": _crumbs(),
        "tabs": _tabs(parts, part),
    }  # fmt: skip


def _tabs(parts: dict[str, list[Any]], part: str) -> list[ImportTab]:
    labels = {"all": "All lines", "refused": "Refused", "warned": "With warnings", "there": "There already"}
    return [
        ImportTab(labels[name], f"?show={name}", name == part, len(lines))
        for name, lines in parts.items()
        if lines or name == part
    ]


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    """The line with its days as days."""
    return line | {name: _day(line[name]) for name in ("born_on", "start_on", "last_on")}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _csv(name: str, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _crumbs() -> list[tuple[str, str]]:
    return [("Patients", reverse("patients")), ("Import plans", reverse("plans-import"))]
