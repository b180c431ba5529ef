"""The administrator's place for the record itself: was it changed past the product, and a copy for an auditor."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.audit import history_checks
from her2tracker.audit.models import HistoryCheck
from her2tracker.clinic.forms.record import SpanForm
from her2tracker.clinic.record import Span, export
from her2tracker.lib.refusals import Refused

SHOWN = 14
MONTH = timedelta(days=30)


@permitted(Permission.CHECK_HISTORY)
@require_safe
def site_record(request: HttpRequest) -> HttpResponse:
    today = user_of(request).site.today()
    return _shown(request, SpanForm(initial={"first": today - MONTH, "last": today}))


@permitted(Permission.CHECK_HISTORY)
@require_POST
def site_record_check(request: HttpRequest) -> HttpResponse:
    try:
        history_checks.ask(by=user_of(request), now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Asked for a check. A worker begins within a minute; its result will stand here.")
    return redirect("site-record")


@permitted(Permission.CHECK_HISTORY)
@require_POST
def site_record_csv(request: HttpRequest) -> HttpResponse:
    by: User = user_of(request)
    form = SpanForm(request.POST)
    if form.is_valid():
        span = Span(form.cleaned_data["first"], form.cleaned_data["last"])
        try:
            text = export(by=by, span=span)
        except Refused as refused:
            tell(form, refused)
        else:
            response = HttpResponse(text, content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="record-{span.first}-{span.last}.csv"'
            return response
    return _shown(request, form)


def _shown(request: HttpRequest, form: SpanForm) -> HttpResponse:
    last = history_checks.last_check()
    context = {
        "form": form,
        "last": last,
        "fault_line": _fault_line(last) if last else "",
        "fine_line": f"{last.rows} rows under {last.seals} seals were compared." if last else "",
        "waiting": HistoryCheck.objects.filter(done_at=None).first(),
        "checks": HistoryCheck.objects.exclude(done_at=None).order_by("-done_at")[:SHOWN],
        "crumbs": [("Site settings", reverse("site-settings"))],
    }
    return render(request, "clinic/site_record.html", context, status=422 if form.is_bound else 200)


def _fault_line(check: HistoryCheck) -> str:
    what = "1 row or seal differs" if check.faults == 1 else f"{check.faults} rows or seals differ"
    return f"The record was changed past the product: {what}."
