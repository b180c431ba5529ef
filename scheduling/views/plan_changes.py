"""What changes a running plan as a whole: looked at first, with every date and dose, then confirmed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import changes, oral_levels
from scheduling.core.projection import Projection
from scheduling.forms.cycles import Revised
from scheduling.forms.plan_changes import (
    ExtendForm,
    ExtendLook,
    PolicyForm,
    PolicyLook,
    UndoForm,
)
from scheduling.models import OralLevelChange, TreatmentPlan
from scheduling.views import shown
from scheduling.views.plan_acts import done


@permitted(Permission.ADJUST_PLANS)
@require_http_methods(["GET", "POST"])
def plan_extend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?cycles=` shows the plan with that many more; posting adds them."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = ExtendForm(shown.posted(request))
    if form.is_valid():
        said = form.cleaned_data
        try:
            found = changes.extend(by=by, plan=plan, **said)
        except Refused as refused:
            tell(form, refused)
        else:
            return done(request, plan, shown.undoable(plan, f"Added {_cycles(said['cycles'])}.{_ends(found)}"))
    plan = lookups.plan_for(by, uuid)
    look = ExtendLook(asked(request))
    context: dict[str, Any] = {}
    if look.is_valid():
        try:
            extending = changes.preview_extend(by=by, plan=plan, cycles=look.cleaned_data["cycles"])
        except Refused as refused:
            context = {"refusal": refused.refusal}
        else:
            context = {"past": extending.refusal} | shown.moves(plan, extending.change)
    return page(request, "scheduling/extend.html", "Extend plan", plan, form, look, context)


@permitted(Permission.ADJUST_PLANS)
@require_http_methods(["GET", "POST"])
def plan_policy(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?anchor=&cap=&reload_with_pertuzumab=` shows what other answers would move; posting goes by them."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = PolicyForm(shown.posted(request))
    if form.is_valid():
        said = dict(form.cleaned_data)
        reason, revision = said.pop("reason"), said.pop("revision")
        try:
            chosen = changes.as_values(said, plan)
            found = changes.choose_policy(by=by, plan=plan, chosen=chosen, reason=reason, revision=revision)
        except Refused as refused:
            tell(form, refused)
        else:
            return done(request, plan, f"Changed what the plan goes by.{_ends(found)}")
    plan = lookups.plan_for(by, uuid)
    look = PolicyLook(asked(request), initial=changes.Chosen.of(plan).values())
    context: dict[str, Any] = {}
    if look.is_valid():
        try:
            chosen = changes.as_values(look.cleaned_data, plan)
            context = shown.moves(plan, changes.preview_policy(by=by, plan=plan, chosen=chosen))
        except Refused as refused:
            context = {"refusal": refused.refusal}
    return page(request, "scheduling/policy.html", "Change policies", plan, form, look, context)


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def plan_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the last change did, taken back."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = UndoForm(shown.posted(request))
    if form.is_valid():
        try:
            found = changes.undo(by=by, plan=plan, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            return done(request, plan, f"Took the last change back.{_ends(found)}")
    plan = lookups.plan_for(by, uuid)
    context: dict[str, Any]
    try:
        last, change = changes.preview_undo(by=by, plan=plan)
        context = {"what": changes.told(last)}
        if isinstance(last, OralLevelChange):
            context |= {"lowering": oral_levels.without(plan, last)}
        else:
            context |= shown.moves(plan, change)
    except Refused as refused:
        context = {"refusal": refused.refusal}
    return page(request, "scheduling/undo.html", "Undo", plan, form, None, context)


def page(
    request: HttpRequest,
    template: str,
    title: str,
    plan: TreatmentPlan,
    form: Revised,
    look: forms.Form | None,
    context: dict[str, Any],
) -> HttpResponse:
    """The answers that decide what changes, what changes, and the form that confirms it."""
    if not form.is_bound:
        form.initial = (look.cleaned_data if look and look.is_valid() else {}) | {"revision": plan.revision}
    if "overridden" in form.fields and not context.get("past"):
        del form.fields["overridden"]
    common = shown.inside_plan(plan, title) | shown.refused_again(plan, form) | {"look": look}
    common["back"] = next_url(request, reverse("plan", args=[plan.uuid]))
    return render(request, template, common | context, status=422 if form.errors else 200)


def asked(request: HttpRequest) -> Any:
    """What the look is bound to; nothing asked yet is no error."""
    asked = request.POST if request.method == "POST" else request.GET
    return asked if set(asked) - {"next"} else None


def _ends(found: Projection) -> str:
    return f" The last dose is now {in_words(found.last_on)}." if found.last_on else ""


def _cycles(count: int) -> str:
    return f"{count} cycle" + ("s" if count > 1 else "")
