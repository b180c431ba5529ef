"""Checks that were wrong: what stands on every page, and an administrator's word that ends it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import check_faults as actions
from monitoring.forms.check_faults import SeenForm


@permitted(Permission.MANAGE_SITE)
@require_safe
def check_faults(request: HttpRequest) -> HttpResponse:
    return _page(request, user_of(request))


@permitted(Permission.MANAGE_SITE)
@require_POST
def check_fault_seen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    fault = lookups.check_fault_for(by, uuid)
    form = SeenForm(fault.uuid, request.POST)
    if form.is_valid():
        try:
            actions.see(by=by, fault=fault, because=form.cleaned_data["because"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, "Marked as seen. It no longer stands on every page.")
            return redirect("check-faults")
    return _page(request, by, form_of=fault.uuid, form=form, status=422)


def _page(
    request: HttpRequest, by: User, *, form_of: UUID | None = None, form: SeenForm | None = None, status: int = 200
) -> HttpResponse:
    rows = lookups.check_faults_at(by.site)
    unseen = [
        {"row": row, "form": form if row.uuid == form_of else SeenForm(row.uuid)} for row in rows if row.seen_at is None
    ]
    context = {"unseen": unseen, "seen": [row for row in rows if row.seen_at is not None], "form": form}
    return render(request, "monitoring/check_faults.html", context, status=status)
