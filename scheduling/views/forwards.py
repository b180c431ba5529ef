"""Earlier by a few days: looked at first, then decided. Nothing is saved by looking."""

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
from scheduling import catalog, lookups
from scheduling.actions import forwards
from scheduling.forms.cycles import ForwardForm, ForwardLook
from scheduling.models import CycleDay
from scheduling.views import shown
from scheduling.words import ForwardReason


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_forward(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?to_on=` shows what an earlier date would move; posting brings forward to the date that was shown."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    form = ForwardForm(shown.posted(request))
    if form.is_valid() and (saved := _bring(request, row, form)):
        return saved
    row = lookups.cycle_day_for(by, uuid)
    look = ForwardLook(request.POST if form.is_bound else request.GET if "to_on" in request.GET else None)
    context = _context(by, row, look)
    if form.is_bound:
        context |= shown.refused_again(row.plan, form)
    context["back"] = next_url(request, reverse("plan", args=[row.plan.uuid]))
    template = "scheduling/forward.html" + ("#moves" if shown.wants_part(request) else "")
    return render(request, template, context, status=422 if form.errors else 200)


def _bring(request: HttpRequest, row: CycleDay, form: ForwardForm) -> HttpResponse | None:
    said = form.cleaned_data
    try:
        projection = forwards.bring_forward(
            by=user_of(request),
            cycle_day=row,
            to_on=said["to_on"],
            reason=ForwardReason(said["reason"]),
            note=said["note"],
            revision=said["revision"],
        )
    except Refused as refused:
        tell(form, refused)
        return None
    last = f" The last dose is now {in_words(projection.last_on)}." if projection.last_on else ""
    sentence = f"Brought {shown.day_name(row)} forward to {in_words(said['to_on'])}.{last}"
    messages.success(request, shown.undoable(row.plan, sentence))
    return redirect(next_url(request, reverse("plan", args=[row.plan.uuid])))


def _context(by: User, row: CycleDay, look: ForwardLook) -> dict[str, Any]:
    name = shown.day_name(row)
    context = shown.inside_plan(row.plan, f"Bring {name} forward", row=row, name=name)
    to_on = look.cleaned_data["to_on"] if look.is_valid() else None
    if to_on:
        try:
            change = forwards.preview_bring_forward(by=by, cycle_day=row, to_on=to_on)
        except Refused as refused:
            look.add_error("to_on", str(refused))
        else:
            context |= shown.moves(row.plan, change)
            context["form"] = ForwardForm(initial={"to_on": to_on, "revision": row.plan.revision})
    return context | {"look": look, "to_on": to_on, "window": catalog.window()}
