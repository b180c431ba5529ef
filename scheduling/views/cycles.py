"""One infusion: what is due, what stands against it, and what went in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, require, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import clearance, lookups
from scheduling.actions import administrations, cycles
from scheduling.actions.administrations import Due
from scheduling.forms.cycles import GivenForm, OnForm, OverrideForm, TimeForm
from scheduling.forms.doses import DoseForm, Hung
from scheduling.models import CycleDay, Override
from scheduling.models.about import about
from scheduling.models.checks import codes_of
from scheduling.models.running import runs_of
from scheduling.views import shown
from scheduling.views.amendments import amendments_of, hung_of
from scheduling.views.chairside import chairside_of
from scheduling.views.codes import beside_the_chair
from scheduling.views.gates import go_no_go
from scheduling.words import DayState, OverrideReason, PlanState

# Refusals that concern the recording only: what would be due is shown all the same.
STILL_SHOWN = ("in-the-future", "earlier-undecided")


@permitted(Permission.VIEW_PATIENTS)
@require_http_methods(["GET", "POST"])
def cycle_day(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The infusion for the day in `?on=`; posting records it as given."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    if request.method == "POST":
        require(by, Permission.RECORD_ADMINISTRATIONS)
        return _record(request, row)
    on_form = OnForm(row.planned_on, request.GET)
    on = on_form.cleaned_data["on"] if on_form.is_valid() else _default_day(row, by)
    more = {"on_form": on_form} if "on" in request.GET else {}
    context = _context(by, row, on, **more)
    template = "scheduling/cycle_day.html" + ("#due" if shown.wants_part(request) else "")
    return render(request, template, context)


@permitted(Permission.OVERRIDE_OBJECTIONS)
@require_http_methods(["GET", "POST"])
def cycle_override(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Treat in spite of what stands against this infusion, by name and with a reason."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    form = OverrideForm(shown.posted(request))
    if form.is_valid():
        reason, note = OverrideReason(form.cleaned_data["reason"]), form.cleaned_data["note"]
        try:
            cycles.override(by=by, cycle_day=row, reason=reason, note=note)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Objections to {shown.day_name(row)} overridden. It may now be given.")
            return redirect(next_url(request, reverse("cycle-day", args=[row.uuid])))
    objections = clearance.objections([row], on=by.site.today())[row.pk]
    context = shown.inside_plan(row.plan, f"Override for {shown.day_name(row)}", row=row, form=form)
    context |= {"objections": objections, "next": request.POST.get("next", "")}
    return render(request, "scheduling/override.html", context, status=422 if form.errors else 200)


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_time(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The hour the patient is asked to come."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    form = TimeForm(shown.posted(request), initial={"starts_at": row.starts_at})
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    if form.is_valid():
        starts_at = form.cleaned_data["starts_at"]
        try:
            cycles.set_time(by=by, cycle_day=row, starts_at=starts_at)
        except Refused as refused:
            tell(form, refused)
        else:
            said = f"starts at {starts_at:%H:%M}" if starts_at else "has no time"
            messages.success(request, f"{shown.day_name(row).capitalize()} on {in_words(row.planned_on)} {said}.")
            return redirect(back)
    context = shown.inside_plan(row.plan, f"Hour of {shown.day_name(row)}", row=row, form=form, back=back)
    return render(request, "scheduling/time.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, row: CycleDay) -> HttpResponse:
    by = user_of(request)
    form = GivenForm(row.planned_on, request.POST)
    valid = form.is_valid()
    on = form.cleaned_data.get("given_on") or _default_day(row, by)
    doses = _dose_forms(by, row, on, request.POST)
    if all([*(dose.is_valid() for dose in doses), valid]):
        said = form.cleaned_data
        try:
            saved = administrations.record(
                by=by,
                cycle_day=row,
                given_on=on,
                doses=[dose.dose() for dose in doses],
                note=said["note"],
                revision=said["revision"],
            )
        except Refused as refused:
            _tell_doses(form, doses, refused)
        else:
            messages.success(request, _recorded(saved, on))
            return redirect(next_url(request, reverse("cycle-day", args=[row.uuid])))
    row = lookups.cycle_day_for(by, row.uuid)
    context = _context(by, row, on, doses=doses, **shown.refused_again(row.plan, form))
    return render(request, "scheduling/cycle_day.html", context, status=422)


def _tell_doses(form: GivenForm, doses: list[DoseForm], refused: Refused) -> None:
    """Beside the agent it is about, else on top."""
    about = [dose for dose in doses if dose.due.agent in refused.fields]
    for dose in about:
        dose.add_error(None, " ".join(refused.fields[dose.due.agent]))
    if not about:
        tell(form, refused)


def _recorded(row: CycleDay, on: date) -> str:
    """What was recorded, and what follows."""
    following = row.plan.cycle_days.planned().filter(planned_on__gt=on).first()
    then = f" Cycle {following.cycle} follows on {in_words(following.planned_on)}." if following else ""
    if not following and row.plan.cycle_days.planned().count() == 0:
        then = " This was the last one: the plan is complete."
    return f"Recorded {shown.day_name(row)} as given on {in_words(on)}.{then}"


def _default_day(row: CycleDay, by: User) -> date:
    """Today, unless the infusion is still to come or has begun: then the day it is planned for, or was started."""
    if row.begun_at:
        return timezone.localtime(row.begun_at, by.site.zone).date()
    return max(row.planned_on, by.site.today())


def _context(by: User, row: CycleDay, on: date, **more: Any) -> dict[str, Any]:
    """Everything `scheduling/cycle_day.html` shows for `on`."""
    today, name = by.site.today(), shown.day_name(row).capitalize()
    doses = more.pop("doses", None)
    context = shown.inside_plan(row.plan, name, row=row, on=on, today=today, name=name)
    context |= chairside_of(by, row)
    if row.state == DayState.PLANNED and row.plan.state == PlanState.ACTIVE:
        context |= _undecided(by, row, on, doses)
        context["missed"] = row.planned_on < today
    else:
        context |= {"recorded": amendments_of(row), "overrides": _overrides(row)}
    return context | more


def _undecided(by: User, row: CycleDay, on: date, doses: list[DoseForm] | None) -> dict[str, Any]:
    """What is due on `on`, what stands against it, and the form that records it."""
    refusal = administrations.refusal(by=by, cycle_day=row, given_on=on)
    context = {"on_form": OnForm(row.planned_on, initial={"on": on}), "refusal": refusal, "undecided": True}
    if refusal and refusal.code not in STILL_SHOWN:
        return context
    objections = clearance.objections([row], on=on)[row.pk]
    due = administrations.due_on(row, on, today=by.site.today())
    stopping = [objection for objection in objections if objection.stops_treatment]
    standing = {objection.key for objection in objections}
    return context | {
        "objections": objections,
        "gates": go_no_go(row, objections, about([row.plan])[row.plan_id], due, on),
        "stopping": stopping,
        # what has begun to go in is recorded whatever was decided since; the action lets nothing more be given
        "record_open": not stopping or bool(row.begun_at),
        "only_open_points": bool(stopping) and all(one.is_to_do for one in stopping),
        "overridable": bool(stopping) and all(objection.overridable for objection in stopping),
        "override_form": OverrideForm(),
        **beside_the_chair(by, row, on, stopping),
        # an override whose objection still stands is told beside it
        "overrides": [made for made in _overrides(row) if not standing & made.objections.keys()],
        "form": GivenForm(row.planned_on, initial={"given_on": on, "revision": row.plan.revision}),
        "doses": [(dose, shown.due_shown(row.plan, dose.due)) for dose in doses or _dose_forms(by, row, on, due=due)],
    }


def _overrides(row: CycleDay) -> list[Override]:
    return list(row.plan.overrides.filter(cycle=row.cycle, day=row.day).select_related("recorded_by"))


def _dose_forms(
    by: User, row: CycleDay, on: date, data: Any = None, *, due: Iterable[Due] | None = None
) -> list[DoseForm]:
    hung = hung_of(row)
    due = due if due is not None else administrations.due_on(row, on, today=by.site.today())
    bags = codes_of(about([row.plan])[row.plan_id].codes_read, row.cycle, row.day, by.site.today()).bags
    begun = {run.agent for run in runs_of(row)}
    left = [one for one in due if one.agent not in begun]
    return [DoseForm(one, data, hung=hung.get(one.agent, Hung()), bag=bags.get(one.agent)) for one in left]
