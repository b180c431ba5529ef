"""The clinic is closed for some days: where infusions go, who agrees, and how far it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import catalog, lookups
from scheduling.actions import closures as actions
from scheduling.forms.closures import ChoicesForm, SpanForm
from scheduling.models import Closure
from scheduling.views import shown
from scheduling.views.closure_lines import groups_of, load_of, told_of
from scheduling.words import ClosureState

MOST_SHOWN = 50  # a clinic closes a few times a year


@permitted(Permission.PLAN_CLOSURES)
@require_http_methods(["GET", "POST"])
def closures(request: HttpRequest) -> HttpResponse:
    """The sets there are; posting prepares another one."""
    by = user_of(request)
    form = SpanForm(shown.posted(request))
    if form.is_valid():
        try:
            closure = actions.prepare(by=by, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            count = closure.moves.count()
            messages.success(request, f"{count} infusion{'' if count == 1 else 's'} found. Nothing has moved.")
            return redirect("closure", closure.uuid)
    rows = Closure.objects.filter(site=by.site).exclude(state=ClosureState.WITHDRAWN).select_related("recorded_by")
    shown_rows = list(rows[:MOST_SHOWN])
    told = told_of(shown_rows)
    context = {"form": form, "closures": [(one, told[one.pk]) for one in shown_rows], "crumbs": _crumbs(by)[:-1]}
    return render(request, "scheduling/closures.html", context, status=422 if form.errors else 200)


@permitted(Permission.CHANGE_SCHEDULE)
@require_safe
def closure(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One set: the coordinator chooses, each doctor confirms, everybody sees how far it is."""
    by = user_of(request)
    found = lookups.closure_for(by, uuid)
    template = "scheduling/closure.html" + ("#progress" if shown.wants_part(request) else "")
    return render(request, template, _context(by, found))


@permitted(Permission.PLAN_CLOSURES)
@require_POST
def closure_send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep the choices; with the act "send", ask the doctors."""
    by = user_of(request)
    found = lookups.closure_for(by, uuid)
    form = ChoicesForm(actions.lines_of(found, by.site.today()), request.POST)
    sends = request.POST.get("act") == "send"
    if form.is_valid():
        try:
            (actions.send if sends else actions.choose)(by=by, closure=found, days=form.days())
        except Refused as refused:
            tell(form, refused)
        else:
            said = "Sent. Each doctor sees it on the first page." if sends else "Choices kept. Nobody was asked yet."
            messages.success(request, said)
            return redirect("closure", found.uuid)
    found = lookups.closure_for(by, uuid)
    return render(request, "scheduling/closure.html", _context(by, found, form=form), status=422)


@permitted(Permission.PLAN_CLOSURES)
@require_POST
def closure_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Nobody is asked any more; what moved stays moved."""
    by = user_of(request)
    found = lookups.closure_for(by, uuid)
    try:
        actions.withdraw(by=by, closure=found)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("closure", found.uuid)
    messages.success(request, f"“{found.name}” is withdrawn. What had moved stays moved.")
    return redirect("closures")


@permitted(Permission.ADJUST_PLANS)
@require_POST
def closure_confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One signature for one's own moves; ticked ones are declined."""
    by = user_of(request)
    found = lookups.closure_for(by, uuid)
    seen, declined = _uuids(request, "seen"), _uuids(request, "declined")
    try:
        count = actions.confirm(by=by, closure=found, seen=seen, declined=declined)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Confirmed {count} of {len(seen)}. They move one by one; you can leave this page.")
    return redirect("closure", found.uuid)


def _uuids(request: HttpRequest, name: str) -> list[UUID]:
    """What is no identifier names no line."""
    found = []
    for text in request.POST.getlist(name):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _context(by: User, closure: Closure, form: ChoicesForm | None = None) -> dict[str, Any]:
    today = by.site.today()
    lines = actions.lines_of(closure, today)
    prepares = closure.state == ClosureState.PREPARED and by.may(Permission.PLAN_CLOSURES)
    form = form or (ChoicesForm(lines) if prepares else None)
    groups = groups_of(lines, by, form)
    return {
        "closure": closure,
        "groups": groups,
        "form": form if prepares else None,
        "told": told_of([closure])[closure.pk],
        "load": load_of(closure, lines, by.site),
        "confirms": by.may(Permission.ADJUST_PLANS) and any(group.waits for group in groups),
        "moving": any(line.move.state == "confirmed" for line in lines),
        "window": catalog.window(),
        "crumbs": _crumbs(by),
    }


def _crumbs(by: User) -> list[tuple[str, str]]:
    """The way back: to the list for whoever prepares, else to one's own first page."""
    home = ("Queue", reverse("queue")) if by.may(Permission.VIEW_QUEUE) else ("Start", reverse("home"))
    return [home, ("Closures", reverse("closures"))] if by.may(Permission.PLAN_CLOSURES) else [home]
