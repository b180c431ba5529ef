"""At the chair: vital signs and reactions of one infusion, and how long the patient stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import chairside
from scheduling.forms.chairside import ReactionForm, VitalsForm
from scheduling.models import CycleDay
from scheduling.models.standing import regimen_of
from scheduling.models.watching import watch_of
from scheduling.views import shown
from scheduling.views.corrections import seen_of
from scheduling.views.running import running_of
from scheduling.words import DayState, ReactionAction, ReactionSign


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def cycle_vitals(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One more set of vital signs, beside those taken before it."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    form = VitalsForm(shown.posted(request), initial=_now(by, row))
    if form.is_valid():
        try:
            made = chairside.record_vitals(by=by, cycle_day=row, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Recorded the vital signs of {made.seen_at:%H:%M}.")
            return redirect(back)
    context = shown.inside_plan(row.plan, f"Vital signs, {shown.day_name(row)}", row=row, form=form, back=back)
    return render(
        request, "scheduling/vitals.html", context | chairside_of(by, row), status=422 if form.errors else 200
    )


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def cycle_reaction(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """An infusion reaction: grade, signs, what was done."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    form = ReactionForm(_agents(row), shown.posted(request), initial=_now(by, row))
    if form.is_valid():
        said = form.cleaned_data
        said |= {"signs": [ReactionSign(one) for one in said["signs"]], "action": ReactionAction(said["action"])}
        try:
            made = chairside.record_reaction(by=by, cycle_day=row, **said)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Recorded a reaction of {made.in_words}.")
            return redirect(back)
    context = shown.inside_plan(row.plan, f"Reaction, {shown.day_name(row)}", row=row, form=form, back=back)
    return render(request, "scheduling/reaction.html", context, status=422 if form.errors else 200)


def chairside_of(by: User, row: CycleDay) -> dict[str, Any]:
    """What runs, what was seen at the chair, and whether more of it may be written down here."""
    watch, now = watch_of(row), timezone.localtime(timezone.now(), by.site.zone).replace(tzinfo=None)
    vitals, reactions = seen_of(row)
    return running_of(by, row) | {
        "vitals": vitals,
        "reactions": reactions,
        "watch": watch,
        "watch_is_over": bool(watch and watch.is_over(now)),
        "at_the_chair": row.state == DayState.GIVEN or (row.state == DayState.PLANNED and row.planned_on <= now.date()),
    }


def _now(by: User, row: CycleDay) -> dict[str, Any]:
    """The clock as it stands; for an infusion of an earlier day that day, and the nurse says when."""
    now = timezone.localtime(timezone.now(), by.site.zone)
    if row.done_on and row.done_on < now.date():
        return {"seen_on": row.done_on}
    return {"seen_on": now.date(), "seen_at": now.time().replace(second=0, microsecond=0)}


def _agents(row: CycleDay) -> list[tuple[str, str]]:
    regimen = regimen_of(row.plan.regimen)
    return [(dose.agent, regimen.agent(dose.agent, row.phase).title) for dose in row.administrations.all()]
