"""The doctor's release run: one by one, or all green ones with one press."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.releases import run_at
from her2tracker.lib.refusals import Refused
from scheduling.actions import releases
from scheduling.actions.releases import Released
from scheduling.lookups import cycle_days_for


@permitted(Permission.RELEASE_CYCLES)
@require_http_methods(["GET", "POST"])
def release_run(request: HttpRequest) -> HttpResponse:
    """Today and the next three days; posting releases the cycle days it names."""
    by, refused = user_of(request), ""
    if request.method == "POST":
        try:
            done = _release(by, request.POST.getlist("cycle_day"))
        except Refused as told:
            refused = str(told)
        else:
            messages.success(request, f"Released {len(done.made)} cycle{'s' if len(done.made) != 1 else ''}.")
            for day, refusal in done.refused:
                messages.warning(request, f"Not released: {day.plan.patient}, cycle {day.cycle}. {refusal.sentence}")
            return redirect("releases")
    context = {"run": run_at(by.site), "refused": refused}
    return render(request, "clinic/releases.html", context, status=422 if refused else 200)


def _release(by: User, named: list[str]) -> Released:
    """One named cycle day may have open points that do not stop it; many are released only where nothing is open."""
    rows = cycle_days_for(by, [uuid for text in named if (uuid := _uuid(text))])
    if len(rows) == 1:
        return Released((releases.release(by=by, cycle_day=rows[0]),), ())
    return releases.release_all(by=by, cycle_days=rows)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
