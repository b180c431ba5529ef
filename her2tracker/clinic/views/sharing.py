"""Sharing out a day: take several infusions, give them to a colleague, or give them back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.sharing import sharing_at
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions import nursing
from scheduling.lookups import cycle_days_for
from scheduling.models import CycleDay


@permitted(Permission.ASSIGN_NURSES)
@require_http_methods(["GET", "POST"])
def today_assign(request: HttpRequest) -> HttpResponse:
    """`?on=` any day. Each infusion is given by itself: what is refused is told, the rest is done."""
    by, refused = user_of(request), ""
    on = _day(request.POST.get("on") or request.GET.get("on", ""), by.site.today())
    if request.method == "POST":
        try:
            _act(request, by)
        except Refused as told:
            refused = str(told)
        else:
            return redirect(f"{reverse('today-assign')}?on={on.isoformat()}")
    context = {"sharing": sharing_at(by.site, on), "refused": refused, "is_today": on == by.site.today()}
    return render(request, "clinic/sharing.html", context, status=422 if refused else 200)


def _act(request: HttpRequest, by: User) -> None:
    rows = cycle_days_for(by, [uuid for text in request.POST.getlist("cycle_day") if (uuid := _uuid(text))])
    act = request.POST.get("act", "")
    if act == "give-back":
        _give_back(request, by, rows)
        return
    if act == "assign":
        done, to = nursing.assign(by=by, cycle_days=rows, to=_nurse(by, request.POST.get("to", ""))), "given"
    else:
        done, to = nursing.take(by=by, cycle_days=rows), "taken"
    if done.made:
        messages.success(request, f"{_counted(len(done.made))} {to}: {done.made[0].nurse} has them.")
    for row, refusal in done.refused:
        messages.warning(request, f"{row.plan.patient}, cycle {row.cycle}: {refusal.sentence}")


def _give_back(request: HttpRequest, by: User, rows: list[CycleDay]) -> None:
    if not rows:
        raise Refused(Refusal("none-named", "Choose at least one infusion."))
    for row in rows:
        try:
            nursing.give_back(by=by, cycle_day=row)
        except Refused as refused:
            messages.warning(request, f"{row.plan.patient}, cycle {row.cycle}: {refused}")
        else:
            messages.success(request, f"Given back: {row.plan.patient}, cycle {row.cycle}.")


def _nurse(by: User, text: str) -> User:
    uuid = _uuid(text)
    found = User.objects.filter(site=by.site_id, uuid=uuid, is_active=True).first() if uuid else None
    if found is None:
        raise Refused(Refusal("unknown-person", "Choose the nurse who shall have them."))
    return found


def _counted(number: int) -> str:
    return f"{number} infusion{'s' if number != 1 else ''}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today
