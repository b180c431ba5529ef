"""Handing what is sent to oneself to a colleague, and taking it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import delegations
from monitoring.forms.decisions import DelegationForm


@permitted(Permission.DECIDE_FLAGS)
@require_http_methods(["GET", "POST"])
def stand_in(request: HttpRequest) -> HttpResponse:
    """Who stands in for me, for whom I stand in, and the form that changes the first."""
    by = user_of(request)
    colleagues = delegations.candidates(by)
    form = DelegationForm(colleagues, request.POST or None)
    if form.is_valid():
        try:
            made = delegations.begin(by=by, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"{made.to} stands in for you: mails, digests and escalations go there.")
            return redirect("flags")
    now = timezone.now()
    context = {"form": form, "colleagues": colleagues, "now": now, "rows": lookups.delegations_for(by, now)}
    return render(request, "monitoring/stand_in.html", context, status=422 if form.errors else 200)


@permitted(Permission.DECIDE_FLAGS)
@require_POST
def stand_in_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Off."""
    by = user_of(request)
    found = lookups.delegation_for(by, uuid)
    try:
        delegations.end(by=by, delegation=found)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{found.to} no longer stands in for {found.person}.")
    return redirect("stand-in")
