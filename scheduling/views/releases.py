"""One cycle's release by a doctor, and the blood tests that stand before it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import catalog, clearance, lookups
from scheduling.actions import administrations, releases
from scheduling.core import laboratory
from scheduling.forms.releases import LaboratoryForm, ReleaseForm
from scheduling.models import CycleDay
from scheduling.models.about import about
from scheduling.models.gates import laboratory_of
from scheduling.views import shown
from scheduling.views.gates import go_no_go
from scheduling.words import DayState


@permitted(Permission.RELEASE_CYCLES)
@require_http_methods(["GET", "POST"])
def cycle_release(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let this cycle be given, or take the release back."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    form = ReleaseForm(shown.posted(request), initial={"revision": row.plan.revision})
    if form.is_valid():
        try:
            messages.success(request, _done(by, row, form))
        except Refused as refused:
            tell(form, refused)
        else:
            return redirect(back)
    on = max(row.planned_on, by.site.today())
    context = shown.inside_plan(row.plan, f"Release {shown.day_name(row)}", row=row, on=on, back=back)
    context |= shown.refused_again(row.plan, form)
    if row.state == DayState.PLANNED:
        objections = clearance.objections([row], on=on)[row.pk]
        due = administrations.due_on(row, on, today=by.site.today())
        gates = go_no_go(row, objections, about([row.plan])[row.plan_id], due, on)
        doses = [shown.due_shown(row.plan, one) for one in due]
        context |= {"objections": objections, "gates": gates, "doses": doses}
    return render(request, "scheduling/release.html", context, status=422 if form.errors else 200)


@permitted(Permission.RECORD_MEASUREMENTS)
@require_http_methods(["GET", "POST"])
def cycle_laboratory(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The blood tests that are asked for before this infusion."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    tests = laboratory.asked(catalog.lab_tests(), [dose.agent for dose in row.administrations.all()])
    form = LaboratoryForm(tests, shown.posted(request), initial={"taken_on": by.site.today()})
    if form.is_valid():
        try:
            entered = releases.record_labs(
                by=by, cycle_day=row, values=form.entered(), taken_on=form.cleaned_data["taken_on"]
            )
        except Refused as refused:
            tell(form, refused)
        else:
            count = f"{len(entered)} value{'s' if len(entered) > 1 else ''}"
            messages.success(request, f"Entered {count} for {shown.day_name(row)}.")
            return redirect(back)
    context = shown.inside_plan(row.plan, f"Laboratory, {shown.day_name(row)}", row=row, form=form, back=back)
    context["verdicts"] = laboratory_of(row, about([row.plan])[row.plan_id])
    return render(request, "scheduling/laboratory.html", context, status=422 if form.errors else 200)


def _done(by: User, row: CycleDay, form: ReleaseForm) -> str:
    name = shown.day_name(row).capitalize()
    if form.cleaned_data["take_back"]:
        releases.withdraw(by=by, cycle_day=row)
        return f"{name} is no longer released."
    made = releases.release(by=by, cycle_day=row, revision=form.seen())
    return f"{name} is released for {in_words(made.for_on)}."
