"""The laboratory's report beside a result: kept, and opened."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import report_files
from monitoring.core.report_file import ReportFormat
from monitoring.forms.assessments import ReportForm


@permitted(Permission.RECORD_ASSESSMENTS)
@require_POST
def report_attach(request: HttpRequest, uuid: UUID) -> HttpResponse:
    user = user_of(request)
    row = lookups.assessment_for(user, uuid)
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for one in form.errors["report"]))
        return redirect("assessment", row.uuid)
    name, content = form.cleaned_data["report"]
    try:
        made = report_files.attach(by=user, assessment=row, name=name, content=content)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Kept {made.name} with this result.")
    return redirect("assessment", row.uuid)


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def report_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """As a download: nothing of it runs in this site's name."""
    user = user_of(request)
    file = lookups.report_file_for(user, uuid)
    response = HttpResponse(
        report_files.opened(by=user, file=file), content_type=ReportFormat(file.format).content_type
    )
    response.headers["Content-Disposition"] = (
        f'attachment; filename="lvef-{file.assessment.performed_on}.{file.format}"'
    )
    return response
