"""Choosing the assessment that a plan's falls are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring.actions import assessments
from monitoring.catalog.policies import baseline_policy
from monitoring.core.baselines import TooOld, too_old
from monitoring.core.evaluation import NoBaseline, StartObjection, judge_start
from monitoring.forms.assessments import BaselineForm
from monitoring.models import BaselineChoice, LvefAssessment
from monitoring.models.baselines import candidates_of, first_own_dose
from monitoring.models.standing import Standing, standing_of
from scheduling.lookups import plan_for
from scheduling.views.inside import inside
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result that may serve, with what the start rules say of it."""

    row: LvefAssessment
    objections: tuple[StartObjection, ...]
    is_default: bool
    is_chosen: bool
    too_old: TooOld | None


@permitted(Permission.CHOOSE_BASELINE)
@require_http_methods(["GET", "POST"])
def baseline(request: HttpRequest, uuid: UUID) -> HttpResponse:
    user = user_of(request)
    plan = plan_for(user, uuid)
    standing = standing_of(plan)
    found = _candidates(standing)
    chosen = str(standing.baseline.uuid) if standing.baseline else ""
    form = BaselineForm(
        request.POST if request.method == "POST" else None, uuids=[str(c.row.uuid) for c in found], chosen=chosen
    )
    if form.is_valid():
        row = next(c.row for c in found if str(c.row.uuid) == form.cleaned_data["assessment"])
        try:
            assessments.choose_baseline(by=user, plan=plan, assessment=row, reason=form.cleaned_data["reason"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Baseline is now LVEF {row.lvef}. Every later result was judged again.")
            return redirect(next_url(request, reverse("lvef-trend", args=[plan.patient.uuid])))
    history = BaselineChoice.objects.filter(plan=plan).select_related("assessment", "recorded_by")
    context = inside(plan.patient, "Baseline", form=form, plan=plan, candidates=found, history=history)
    context["later"] = len(standing.assessments) - len(found)
    binding = {one.id for one in standing.protocols}
    context["notes"] = [note for note in baseline_policy().notes if note.protocol_id in binding]
    context["policy"] = baseline_policy()
    return render(request, "monitoring/baseline.html", context, status=422 if form.errors else 200)


def _candidates(standing: Standing) -> list[Candidate]:
    first, fitting = first_own_dose(standing.plan), candidates_of(standing.plan)
    default = fitting[0].pk if fitting else None
    chosen = standing.baseline.pk if standing.baseline else None
    first_on = first or _first_planned(standing)
    return [
        Candidate(
            row,
            _objections(standing, row),
            row.pk == default,
            row.pk == chosen,
            too_old(baseline_policy(), row.performed_on, first_on) if first_on else None,
        )
        for row in fitting
    ]


def _first_planned(standing: Standing) -> date | None:
    """The day the first dose is to be given; what is late is given today at the soonest."""
    planned = standing.plan.cycle_days.filter(state=DayState.PLANNED).aggregate(day=Min("planned_on"))["day"]
    return max(planned, standing.plan.patient.site.today()) if planned else None


def _objections(standing: Standing, row: LvefAssessment) -> tuple[StartObjection, ...]:
    found = judge_start(standing.protocols, row.to_core())
    return () if isinstance(found, NoBaseline) else found
