"""Later, or not at all: looked at first, then decided. Nothing is saved by looking."""

from __future__ import annotations

from datetime import date
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
from scheduling import lookups
from scheduling.actions import cycles
from scheduling.core.comparison import compare
from scheduling.forms.cycles import DelayForm, OmitForm, ToDateForm
from scheduling.models import CycleDay
from scheduling.views import shown
from scheduling.words import DelayReason, DelayScope, OmissionReason


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_delay(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?to_on=` shows what a date would move; posting delays to the date that was shown."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    form = DelayForm(shown.posted(request))
    if form.is_valid() and (saved := _delay(request, row, form)):
        return saved
    row = lookups.cycle_day_for(by, uuid)
    date_form = ToDateForm(request.POST if form.is_bound else request.GET if "to_on" in request.GET else None)
    context = _delay_context(by, row, date_form)
    if form.is_bound:
        context |= shown.refused_again(row.plan, form)
    context["back"] = next_url(request, reverse("plan", args=[row.plan.uuid]))
    template = "scheduling/delay.html" + ("#moves" if shown.wants_part(request) else "")
    return render(request, template, context, status=422 if form.errors else 200)


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_omit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?made_up=on` shows the plan with the dose made up at the end; posting omits as shown."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    form = OmitForm(shown.posted(request))
    if form.is_valid() and (saved := _omit(request, row, form)):
        return saved
    row = lookups.cycle_day_for(by, uuid)
    asked = request.POST if form.is_bound else request.GET
    context = _omit_context(by, row, made_up=asked.get("made_up") in ("on", "True", "true", "1"))
    if form.is_bound:
        context |= shown.refused_again(row.plan, form)
    context["back"] = next_url(request, reverse("plan", args=[row.plan.uuid]))
    return render(request, "scheduling/omit.html", context, status=422 if form.errors else 200)


def _delay(request: HttpRequest, row: CycleDay, form: DelayForm) -> HttpResponse | None:
    said = form.cleaned_data
    try:
        projection = cycles.delay(
            by=user_of(request),
            cycle_day=row,
            to_on=said["to_on"],
            scope=said["scope"],
            reason=DelayReason(said["reason"]),
            note=said["note"],
            revision=said["revision"],
        )
    except Refused as refused:
        tell(form, refused)
        return None
    last = f" The last dose is now {in_words(projection.last_on)}." if projection.last_on else ""
    alone = "only " if said["scope"] is DelayScope.ONLY else ""
    sentence = f"Delayed {alone}{shown.day_name(row)} to {in_words(said['to_on'])}.{last}"
    messages.success(request, shown.undoable(row.plan, sentence))
    return redirect(next_url(request, reverse("plan", args=[row.plan.uuid])))


def _omit(request: HttpRequest, row: CycleDay, form: OmitForm) -> HttpResponse | None:
    said = form.cleaned_data
    try:
        projection = cycles.omit(
            by=user_of(request),
            cycle_day=row,
            reason=OmissionReason(said["reason"]),
            made_up=said["made_up"],
            note=said["note"],
            revision=said["revision"],
        )
    except Refused as refused:
        tell(form, refused)
        return None
    then = f" Next: {in_words(projection.next_on)}." if projection.next_on else " Nothing is left to give."
    messages.success(request, shown.undoable(row.plan, f"Omitted {shown.day_name(row)}.{then}"))
    return redirect(next_url(request, reverse("plan", args=[row.plan.uuid])))


def _delay_context(by: User, row: CycleDay, date_form: ToDateForm) -> dict[str, Any]:
    today = by.site.today()
    standing = cycles.standing(row, today)
    looks = shown.outlooks(row.plan, row, standing)
    context = shown.inside_plan(row.plan, f"Delay {shown.day_name(row)}", row=row, name=shown.day_name(row))
    context |= {"looks": looks, "quick": shown.quick_dates(row, looks, today), "standing": standing}
    to_on = date_form.cleaned_data["to_on"] if date_form.is_valid() else None
    if to_on:
        try:
            scope = date_form.cleaned_data["scope"]
            context |= _moves(row, cycles.preview_delay(by=by, cycle_day=row, to_on=to_on, scope=scope), to_on, scope)
            context |= {"alone": scope is DelayScope.ONLY, "refused_alone": _refused_alone(by, row, to_on)}
        except Refused as refused:
            date_form.add_error("to_on", str(refused))
    return context | {"date_form": date_form, "to_on": to_on}


def _refused_alone(by: User, row: CycleDay, to_on: date) -> str:
    """Why this day cannot move alone; nothing when it can."""
    try:
        cycles.preview_delay(by=by, cycle_day=row, to_on=to_on, scope=DelayScope.ONLY)
    except Refused as refused:
        return str(refused)
    return ""


def _moves(row: CycleDay, change: cycles.Change, to_on: date, scope: DelayScope) -> dict[str, Any]:
    form = DelayForm(initial={"to_on": to_on, "scope": scope, "revision": row.plan.revision})
    return shown.moves(row.plan, change) | {"form": form}


def _omit_context(by: User, row: CycleDay, *, made_up: bool) -> dict[str, Any]:
    context = shown.inside_plan(row.plan, f"Omit {shown.day_name(row)}", row=row, name=shown.day_name(row))
    try:
        left_out = cycles.preview_omit(by=by, cycle_day=row, made_up=False)
        at_end = cycles.preview_omit(by=by, cycle_day=row, made_up=True)
    except Refused as refused:
        return context | {"refusal": refused.refusal}
    both = compare(left_out.before, left_out.after), compare(at_end.before, at_end.after)
    can_make_up = both[0].doses_after != both[1].doses_after
    chosen = at_end if made_up and can_make_up else left_out
    return (
        context
        | shown.moves(row.plan, chosen)
        | {
            "left_out": both[0],
            "at_end": both[1] if can_make_up else None,
            "made_up": made_up and can_make_up,
            "form": OmitForm(initial={"made_up": made_up and can_make_up, "revision": row.plan.revision}),
        }
    )
