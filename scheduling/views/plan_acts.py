"""What is decided about a running plan. Each page says what follows before its one button."""

from __future__ import annotations

from typing import Any
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
from her2tracker.lib.rounding import signed_percent
from scheduling import clearance, lookups
from scheduling.actions import administrations, holds, plans
from scheduling.forms.cycles import Revised
from scheduling.forms.plan_acts import AssignForm, CeaseForm, HoldForm, RecalculateForm, ResumeForm, WeightChoiceForm
from scheduling.models import BodyMeasurement, CycleDay, TreatmentPlan
from scheduling.models.standing import projection_of, regimen_of
from scheduling.views import shown
from scheduling.words import CeaseReason, HoldReason, PlanState


@permitted(Permission.HOLD_PLANS)
@require_http_methods(["GET", "POST"])
def plan_hold(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?repeat_by=` fills in the repeat date a flag asks for."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    initial = {"revision": plan.revision, "repeat_assessment_by": request.GET.get("repeat_by", "")}
    form = HoldForm(shown.posted(request), initial=initial)
    if form.is_valid():
        said = form.cleaned_data
        reason, repeat_by = HoldReason(said["reason"]), said["repeat_assessment_by"]
        try:
            holds.begin(
                by=by, plan=plan, reason=reason, note=said["note"], repeat_assessment_by=repeat_by,
                revision=said["revision"],
            )  # fmt: skip
        except Refused as refused:
            tell(form, refused)
        else:
            repeat = f" LVEF is repeated by {in_words(repeat_by)}." if repeat_by else ""
            return done(request, plan, f"Held the plan: nothing is given until it is resumed.{repeat}")
    return _page(request, "scheduling/hold.html", by, uuid, form, "Hold plan")


@permitted(Permission.HOLD_PLANS)
@require_http_methods(["GET", "POST"])
def plan_resume(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = ResumeForm(shown.posted(request), initial={"revision": plan.revision})
    if form.is_valid():
        said = form.cleaned_data
        try:
            hold = holds.resume(by=by, plan=plan, note=said["note"], revision=said["revision"])
        except Refused as refused:
            tell(form, refused)
        else:
            held = f"Resumed the plan after {hold.days(by.site.today())} days on hold."
            return done(request, plan, f"{held}{_next_words(plan)}")
    return _page(request, "scheduling/resume.html", by, uuid, form, "Resume plan")


@permitted(Permission.HOLD_PLANS)
@require_http_methods(["GET", "POST"])
def plan_cease(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = CeaseForm(shown.posted(request), initial={"revision": plan.revision})
    if form.is_valid():
        said = form.cleaned_data
        reason = CeaseReason(said["reason"])
        try:
            plans.cease(by=by, plan=plan, reason=reason, note=said["note"], revision=said["revision"])
        except Refused as refused:
            tell(form, refused)
        else:
            return done(request, plan, f"Ceased the plan: {reason.in_sentence}. What was given stays on record.")
    ending = shown.moves(plan, plans.preview_cease(by=by, plan=plan)) if plan.state == PlanState.ACTIVE else {}
    return _page(request, "scheduling/cease.html", by, uuid, form, "Cease plan", **ending)


@permitted(Permission.ADJUST_PLANS)
@require_http_methods(["GET", "POST"])
def plan_assign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    initial = {"revision": plan.revision, "to": plan.responsible_oncologist.uuid}
    form = AssignForm(plans.oncologists_at(by.site), shown.posted(request), initial=initial)
    if form.is_valid():
        said = form.cleaned_data
        try:
            plans.assign(by=by, plan=plan, to=said["to"], reason=said["note"], revision=said["revision"])
        except Refused as refused:
            tell(form, refused)
        else:
            return done(request, plan, f"{said['to']} is the responsible oncologist now.")
    return _page(request, "scheduling/assign.html", by, uuid, form, "Responsible oncologist")


@permitted(Permission.RECORD_MEASUREMENTS)
@require_http_methods(["GET", "POST"])
def plan_recalculate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?weight=` names the weight to look at; posting calculates with the one that was shown."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = RecalculateForm(shown.posted(request))
    if form.is_valid():
        said = form.cleaned_data
        weight = BodyMeasurement.objects.filter(patient=plan.patient, uuid=said["weight"]).first() or BodyMeasurement()
        try:
            plans.recalculate(by=by, plan=plan, weight=weight, revision=said["revision"])
        except Refused as refused:
            tell(form, refused)
        else:
            return done(request, plan, f"Doses still to give are calculated with {weight.weight_kg} kg.")
    plan = lookups.plan_for(by, uuid)
    context = _common(plan, "Recalculate doses", form) | _recalculation(by, plan, request)
    context["back"] = next_url(request, reverse("plan", args=[plan.uuid]))
    return render(request, "scheduling/recalculate.html", context, status=422 if form.errors else 200)


def done(request: HttpRequest, plan: TreatmentPlan, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(next_url(request, reverse("plan", args=[plan.uuid])))


def _page(
    request: HttpRequest, template: str, by: User, uuid: UUID, form: Revised, title: str, **more: Any
) -> HttpResponse:
    plan = lookups.plan_for(by, uuid)
    context = _common(plan, title, form) | _standing(by, plan) | more
    context["back"] = next_url(request, reverse("plan", args=[plan.uuid]))
    return render(request, template, context, status=422 if form.errors else 200)


def _common(plan: TreatmentPlan, title: str, form: Revised) -> dict[str, Any]:
    return shown.inside_plan(plan, title) | shown.refused_again(plan, form)


def _standing(by: User, plan: TreatmentPlan) -> dict[str, Any]:
    """Where the plan stands, and what the gap to its next infusion would mean."""
    today = by.site.today()
    standing = projection_of(plan, today=today)
    planned = list(plan.cycle_days.planned().select_related("plan__patient__site", "plan__regimen"))
    following = planned[0] if planned else None
    hold = next((hold for hold in plan.holds.all() if hold.ended_on is None), None)
    context: dict[str, Any] = {"standing": standing, "planned": planned, "following": following, "hold": hold}
    context["chairs_freed"] = shown.chairs_freed(plan)
    context |= {"today": today, "days_held": hold.days(today) if hold else 0}
    if following:
        context |= {"looks": shown.outlooks(plan, following, standing), "resuming": _resuming(by, following)}
    return context


def _resuming(by: User, row: CycleDay) -> list[tuple[str, Any, list[shown.DoseShown]]]:
    """What is due if treatment goes on today, and if it goes on when it is planned."""
    today = by.site.today()
    days = {"If treated today": today}
    if row.planned_on > today:
        days["If treated as planned"] = row.planned_on
    return [
        (label, on, [shown.due_shown(row.plan, due) for due in administrations.due_on(row, on, today=today)])
        for label, on in days.items()
    ]


def _next_words(plan: TreatmentPlan) -> str:
    row = plan.cycle_days.planned().first()
    if row is None:
        return ""
    if row.planned_on < plan.patient.site.today():
        return f" {shown.day_name(row).capitalize()} of {in_words(row.planned_on)} is undecided: record or delay it."
    return f" Next: {shown.day_name(row)} on {in_words(row.planned_on)}."


def _recalculation(by: User, plan: TreatmentPlan, request: HttpRequest) -> dict[str, Any]:
    asked = request.POST if request.method == "POST" else request.GET
    choice = WeightChoiceForm(plan.patient, asked if "weight" in asked else None)
    weight = choice.chosen
    context: dict[str, Any] = {"choice": choice, "weight": weight}
    if weight is None or weight.weight_kg is None:
        return context
    try:
        doses = plans.preview_recalculate(by=by, plan=plan, weight=weight)
    except Refused as refused:
        return context | {"refusal": refused.refusal}
    agent = regimen_of(plan.regimen).agent
    change = clearance.change_since_calculated(plan, weight.weight_kg)
    return context | {
        "doses": [(agent(dose.entry.agent, dose.entry.phase).title, dose) for dose in doses],
        "any_change": any(dose.changes for dose in doses),
        "change": change,
        "change_words": signed_percent(change.percent) if change else "",
        "confirm": RecalculateForm(initial={"weight": weight.uuid, "revision": plan.revision}),
    }
