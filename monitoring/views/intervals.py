"""A shorter surveillance interval for one plan: set with a reason, shown beside what it changes, ended by an act."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from monitoring.actions import intervals
from monitoring.core.intervals import strictest
from monitoring.forms.risk import EndIntervalForm, IntervalForm
from monitoring.models import SurveillanceInterval
from monitoring.models.standing import standing_of
from scheduling.lookups import plan_for
from scheduling.views.inside import inside


@permitted(Permission.ADJUST_PLANS)
@require_http_methods(["GET", "POST"])
def interval(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the sources ask, what the risk level proposes, what is in force; `end` in the post ends it."""
    user = user_of(request)
    plan = plan_for(user, uuid)
    standing, today = standing_of(plan), user.site.today()
    posted = request.POST if request.method == "POST" else None
    is_end, current, offered = bool(posted and "end" in posted), standing.interval, intervals.offers(standing)
    seen = current.uuid if current else None
    form = IntervalForm(None if is_end else posted, offers=offered, seen=seen)
    ending = EndIntervalForm(posted if is_end else None, prefix="end")
    try:
        if is_end and ending.is_valid() and current:
            intervals.end(by=user, interval=current, reason=ending.cleaned_data["reason"])
            messages.success(request, f"{current.name.capitalize()} ended. {_due_words(request, uuid)}")
            return redirect("plan", plan.uuid)
        if not is_end and form.is_valid():
            row = intervals.choose(by=user, plan=plan, **form.chosen())
            messages.success(request, f"{row.name.capitalize()} set. {_due_words(request, uuid)}")
            return redirect("plan", plan.uuid)
    except Refused as refused:
        tell(ending if is_end else form, refused)
    context = inside(plan.patient, "Surveillance interval", form=form, ending=ending, plan=plan, standing=standing)
    context |= {"offers": offered, "current": current, "strictest": strictest(standing.protocols)}
    context |= {"window": standing.window(today), "without": replace(standing, interval=None).window(today)}
    context["history"] = SurveillanceInterval.objects.filter(plan=plan).select_related("recorded_by", "ended_by")
    return render(request, "monitoring/interval.html", context, status=422 if form.errors or ending.errors else 200)


def _due_words(request: HttpRequest, uuid: UUID) -> str:
    user = user_of(request)
    due_on = standing_of(plan_for(user, uuid)).window(user.site.today()).due_on
    return f"The next LVEF is due {in_words(due_on)}." if due_on else "No LVEF is due yet."
