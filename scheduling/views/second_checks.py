"""The second check: asked for, waiting, done blind, and shown to both."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import catalog, lookups, waiting
from scheduling.actions import second_checks as actions
from scheduling.core.second_check import CheckState
from scheduling.forms.checks import CheckForm, CheckRequestForm, WithdrawForm
from scheduling.models import SecondCheck
from scheduling.views import shown


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_safe
def second_checks(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, longest first."""
    lines = waiting.checks_at(user_of(request).site, timezone.now())
    template = "scheduling/second_checks.html" + ("#list" if shown.wants_part(request) else "")
    return render(request, template, {"checks_waiting": lines})


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_POST
def cycle_second_check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask whoever is free for a check of this infusion."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    form = CheckRequestForm(request.POST)
    try:
        actions.request(by=by, cycle_day=row, revision=form.seen() if form.is_valid() else None)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Asked for. The request stands on everybody’s Today until somebody does the check.")
    return redirect("cycle-day", uuid=row.uuid)


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def second_check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The checker's page: raw inputs, empty fields. What the first person prepared is nowhere in it."""
    by = user_of(request)
    check = lookups.second_check_for(by, uuid)
    if check.kind is not CheckState.ASKED:
        return _over(request, check)
    try:
        blind = actions.blind_of(check)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_infusion(check))
    items = catalog.chairside_items()
    doses = [(one.agent, one.title, one.unit) for one in blind.doses]
    form = CheckForm(doses, items, shown.posted(request))
    if form.is_valid():
        try:
            done = actions.submit(
                by=by, check=check, entered=form.entered(), confirmed=form.confirmed(),
                not_right=form.cleaned_data["not_right"],
            )  # fmt: skip
        except Refused as refused:
            tell(form, refused)
        else:
            _say(request, done)
            return redirect("cycle-day", uuid=blind.row.uuid)
    context = shown.inside_plan(
        check.plan, f"Second check, {shown.day_name(blind.row)}", row=blind.row, check=check, blind=blind, form=form,
        inputs=list(zip(blind.doses, form.figure_fields, strict=True)), is_asker=check.recorded_by_id == by.pk,
        source=items[0].citation, withdraw_form=WithdrawForm(),
    )  # fmt: skip
    return render(request, "scheduling/second_check.html", context, status=422 if form.errors else 200)


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_safe
def second_check_state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asked by the infusion's page while it waits: nothing to say, or read the page again."""
    check = lookups.second_check_for(user_of(request), uuid)
    answer = HttpResponse(status=204)
    if check.kind is not CheckState.ASKED:
        answer["HX-Refresh"] = "true"
    return answer


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_POST
def second_check_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the request back."""
    by = user_of(request)
    check = lookups.second_check_for(by, uuid)
    form = WithdrawForm(request.POST)
    try:
        actions.withdraw(by=by, check=check, reason=form.cleaned_data["reason"] if form.is_valid() else "")
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The request for a second check is withdrawn.")
    return redirect(_infusion(check))


def _infusion(check: SecondCheck) -> str:
    row = check.plan.cycle_days.filter(cycle=check.cycle, day=check.day).first()
    return reverse("cycle-day", args=[row.uuid]) if row else reverse("plan", args=[check.plan.uuid])


def _over(request: HttpRequest, check: SecondCheck) -> HttpResponse:
    """Somebody was faster, or it was withdrawn: the infusion's page says what came of it."""
    if request.method == "POST":
        by = f", by {check.ended_by}" if check.ended_by else ""
        messages.error(request, f"This check no longer waits{by}. Nothing of yours was saved.")
    return redirect(_infusion(check))


def _say(request: HttpRequest, done: SecondCheck) -> None:
    if done.kind is CheckState.AGREED:
        messages.success(request, "The second check agrees: the infusion may be recorded.")
    else:
        messages.error(request, "The two checks differ. Both see both figures; nothing is given until it is resolved.")
