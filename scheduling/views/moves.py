"""Later, earlier, or not at all: looked at first, then decided. Nothing is saved by looking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
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
from scheduling.actions import cycles, forwards
from scheduling.core.comparison import compare
from scheduling.core.projection import Projection
from scheduling.forms.cycles import DelayForm, ForwardForm, ForwardLook, OmitForm, Revised, ToDateForm
from scheduling.models import CycleDay
from scheduling.views import shown
from scheduling.words import DelayReason, DelayScope, ForwardReason, OmissionReason


@dataclass(frozen=True, slots=True)
class Decision:
    """What differs between the three pages. `decide` returns the sentence that says what was done."""

    template: str
    form: type[Revised]
    decide: Callable[[User, CycleDay, dict[str, Any]], str]
    show: Callable[[User, CycleDay, QueryDict], dict[str, Any]]


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_delay(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?to_on=` shows what a date would move; posting delays to the date that was shown."""
    return _page(request, uuid, Decision("scheduling/move.html", DelayForm, _delay, _show_delay))


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_forward(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?to_on=` shows what an earlier date would move; posting brings forward to the date that was shown."""
    return _page(request, uuid, Decision("scheduling/move.html", ForwardForm, _bring_forward, _show_forward))


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def cycle_omit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?made_up=on` shows the plan with the dose made up at the end; posting omits as shown."""
    return _page(request, uuid, Decision("scheduling/omit.html", OmitForm, _omit, _show_omit))


def _page(request: HttpRequest, uuid: UUID, page: Decision) -> HttpResponse:
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    back = next_url(request, reverse("plan", args=[row.plan.uuid]))
    form = page.form(shown.posted(request))
    if form.is_valid():
        try:
            sentence = page.decide(by, row, dict(form.cleaned_data))
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, shown.undoable(row.plan, sentence))
            return redirect(back)
    row = lookups.cycle_day_for(by, uuid)
    context = page.show(by, row, request.POST if form.is_bound else request.GET)
    if form.is_bound:
        context |= shown.refused_again(row.plan, form)
    template = page.template + ("#moves" if shown.wants_part(request) else "")
    return render(request, template, context | {"back": back}, status=422 if form.errors else 200)


def _delay(by: User, row: CycleDay, said: dict[str, Any]) -> str:
    reason, alone = DelayReason(said.pop("reason")), said["scope"] is DelayScope.ONLY
    projection = cycles.delay(by=by, cycle_day=row, reason=reason, **said)
    moved = f"Delayed {'only ' if alone else ''}{shown.day_name(row)} to {in_words(said['to_on'])}."
    return moved + _ends(projection)


def _bring_forward(by: User, row: CycleDay, said: dict[str, Any]) -> str:
    reason = ForwardReason(said.pop("reason"))
    projection = forwards.bring_forward(by=by, cycle_day=row, reason=reason, **said)
    return f"Brought {shown.day_name(row)} forward to {in_words(said['to_on'])}.{_ends(projection)}"


def _omit(by: User, row: CycleDay, said: dict[str, Any]) -> str:
    projection = cycles.omit(by=by, cycle_day=row, reason=OmissionReason(said.pop("reason")), **said)
    then = f" Next: {in_words(projection.next_on)}." if projection.next_on else " Nothing is left to give."
    return f"Omitted {shown.day_name(row)}.{then}"


def _ends(projection: Projection) -> str:
    return f" The last dose is now {in_words(projection.last_on)}." if projection.last_on else ""


def _show_delay(by: User, row: CycleDay, asked: QueryDict) -> dict[str, Any]:
    today = by.site.today()
    standing = cycles.standing(row, today)
    looks = shown.outlooks(row.plan, row, standing)
    look = ToDateForm(asked if "to_on" in asked else None)
    context = _about(row, f"Delay {shown.day_name(row)}", look)
    context |= {
        "offers": "scheduling/move_later.html",
        "looks": looks,
        "quick": shown.quick_dates(row, looks, today),
        "standing": standing,
    }
    if to_on := _asked_day(look):
        scope = look.cleaned_data["scope"]
        try:
            change = cycles.preview_delay(by=by, cycle_day=row, to_on=to_on, scope=scope)
        except Refused as refused:
            look.add_error("to_on", str(refused))
        else:
            context |= _moves(row, change, DelayForm, {"to_on": to_on, "scope": scope})
            alone = scope is DelayScope.ONLY
            context |= {"alone": alone, "refused_alone": _refused_alone(by, row, to_on)}
            context["doing"] = f"Delay {'only ' if alone else ''}{shown.day_name(row)} to {in_words(to_on)}"
    return context | {"to_on": to_on}


def _show_forward(by: User, row: CycleDay, asked: QueryDict) -> dict[str, Any]:
    look = ForwardLook(asked if "to_on" in asked else None)
    context = _about(row, f"Bring {shown.day_name(row)} forward", look)
    earlier = forwards.days_earlier(by=by, cycle_day=row)
    context |= {"offers": "scheduling/move_earlier.html", "window": catalog.window(), "earlier": earlier}
    if to_on := _asked_day(look):
        try:
            change = forwards.preview_bring_forward(by=by, cycle_day=row, to_on=to_on)
        except Refused as refused:
            look.add_error("to_on", str(refused))
        else:
            context |= _moves(row, change, ForwardForm, {"to_on": to_on})
            context["doing"] = f"Bring {shown.day_name(row)} forward to {in_words(to_on)}"
    return context | {"to_on": to_on}


def _show_omit(by: User, row: CycleDay, asked: QueryDict) -> dict[str, Any]:
    context = _about(row, f"Omit {shown.day_name(row)}", None)
    try:
        left_out = cycles.preview_omit(by=by, cycle_day=row, made_up=False)
        at_end = cycles.preview_omit(by=by, cycle_day=row, made_up=True)
    except Refused as refused:
        return context | {"refusal": refused.refusal}
    both = compare(left_out.before, left_out.after), compare(at_end.before, at_end.after)
    can_make_up = both[0].doses_after != both[1].doses_after
    made_up = can_make_up and asked.get("made_up") in ("on", "True", "true", "1")
    context |= {"left_out": both[0], "at_end": both[1] if can_make_up else None, "made_up": made_up}
    return context | _moves(row, at_end if made_up else left_out, OmitForm, {"made_up": made_up})


def _about(row: CycleDay, title: str, look: ToDateForm | ForwardLook | None) -> dict[str, Any]:
    return shown.inside_plan(row.plan, title, row=row, name=shown.day_name(row), look=look)


def _asked_day(look: ToDateForm | ForwardLook) -> date | None:
    return look.cleaned_data["to_on"] if look.is_valid() else None


def _moves(row: CycleDay, change: cycles.Change, form: type[Revised], initial: dict[str, Any]) -> dict[str, Any]:
    """Old and new side by side, and the form that decides just that."""
    return shown.moves(row.plan, change) | {"form": form(initial=initial | {"revision": row.plan.revision})}


def _refused_alone(by: User, row: CycleDay, to_on: date) -> str:
    """Why this day cannot move alone; nothing when it can."""
    try:
        cycles.preview_delay(by=by, cycle_day=row, to_on=to_on, scope=DelayScope.ONLY)
    except Refused as refused:
        return str(refused)
    return ""
