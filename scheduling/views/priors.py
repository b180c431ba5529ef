"""Doses given before a plan, added or corrected after its start: looked at first, then confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import catalog, lookups
from scheduling.actions import priors
from scheduling.actions.priors import Correction
from scheduling.core.closure import OnClosedDay, on_closed
from scheduling.core.expansion import agent_of
from scheduling.core.facts import CycleDayKey
from scheduling.core.gaps import AskClinician
from scheduling.core.recount import Renumbered
from scheduling.forms.new_plan import PriorForm
from scheduling.forms.switches import CorrectPriorForm, PriorForms
from scheduling.models import TreatmentPlan
from scheduling.models.closed_days import closed_days_of
from scheduling.models.standing import policy_of, regimen_of
from scheduling.views import shown
from scheduling.views.new_plan import agent_titles, newest_versions


@dataclass(frozen=True, slots=True)
class Pane:
    """What the doses would mean, the question only a clinician answers, or why they cannot be."""

    correction: Correction | None = None
    refusal: Refusal | None = None
    asked: tuple[PriorForm, ...] = ()
    shut: Mapping[CycleDayKey, OnClosedDay] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[Renumbered, OnClosedDay | None]]:
        """Each cycle day before and after, with what is said of one that would fall on a closed day."""
        lines = self.correction.lines if self.correction else ()
        return [(line, self.shut.get((line.new.cycle, line.new.day)) if line.new else None) for line in lines]


@permitted(Permission.START_PLANS)
@require_http_methods(["GET", "POST"])
def plan_prior(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each change draws the preview again; only the act "correct" writes."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    correcting = request.POST.get("act") == "correct"
    agents, recorded = agent_titles(newest_versions(plan.patient.site)), plan.prior_treatments.all()
    typed = PriorForms(shown.posted(request), agents=agents, recorded=recorded)
    form = CorrectPriorForm(request.POST if correcting else None, initial={"revision": plan.revision})
    if correcting and form.is_valid() and typed.is_valid() and (done := _correct(request, plan, typed, form)):
        return done
    plan = lookups.plan_for(by, uuid)
    context = shown.inside_plan(plan, "Earlier doses") | shown.refused_again(plan, form)
    context |= {"typed": typed, "pane": _pane(by, plan, typed) if request.method == "POST" else Pane()}
    template = "scheduling/prior.html" + ("#preview" if shown.wants_part(request) else "")
    return render(request, template, context, status=422 if correcting else 200)


def _correct(
    request: HttpRequest, plan: TreatmentPlan, typed: PriorForms, form: CorrectPriorForm
) -> HttpResponse | None:
    said = form.cleaned_data
    try:
        after = priors.correct(
            by=user_of(request), plan=plan, prior=typed.priors(), reason=said["reason"], revision=said["revision"]
        )
    except Refused as refused:
        tell(form, refused)
        return None
    last = f" The last dose is now {in_words(after.last_on)}." if after.last_on else ""
    messages.success(request, f"Corrected earlier doses: {after.credited} count.{last}")
    return redirect("plan", plan.uuid)


def _pane(by: User, plan: TreatmentPlan, typed: PriorForms) -> Pane:
    if not typed.is_valid():
        return Pane()
    answered = tuple(form for form in typed.forms if form.is_said and form.cleaned_data["decided_kind"])
    try:
        found = priors.preview_correct(by=by, plan=plan, prior=typed.priors())
    except Refused as refused:
        question = refused.__cause__
        if isinstance(question, AskClinician):
            return Pane(asked=(*answered, *(form for form in typed.forms if form.agent == question.after)))
        return Pane(refusal=refused.refusal, asked=answered)
    return Pane(found, asked=answered, shut=_on_closed(plan, found))


def _on_closed(plan: TreatmentPlan, found: Correction) -> Mapping[CycleDayKey, OnClosedDay]:
    """What would stand on days when the site is closed, judged with the facts as they would be numbered."""
    site, regimen, policy = plan.patient.site, regimen_of(plan.regimen), policy_of(plan)
    return on_closed(
        found.after.entries,
        closed_days_of(site),
        catalog.window(),
        lambda entry: agent_of(regimen, entry, found.recount.facts, policy),
        today=site.today(),
    )
