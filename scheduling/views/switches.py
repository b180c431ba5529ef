"""Another regimen: the dates that go beside those that come, the questions nobody wrote a rule for, then the act."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
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
from scheduling import lookups
from scheduling.actions import plans, switches
from scheduling.actions.switches import Switch
from scheduling.forms.switches import SwitchForm, SwitchToForm
from scheduling.models import CycleDay, TreatmentPlan
from scheduling.models.library import orderable_at
from scheduling.objection import Objection
from scheduling.views import shown
from scheduling.views.plan_preview import DayLine, Shown, show
from scheduling.words import SwitchReason


@dataclass(frozen=True, slots=True)
class Pane:
    """What the switch would do, what is still asked, or why it may not be."""

    switch: Switch | None = None
    new: Shown | None = None
    refusals: tuple[Refusal, ...] = ()
    objections: tuple[Objection, ...] = ()

    @property
    def can_switch(self) -> bool:
        return self.new is not None and not self.refusals

    @property
    def pairs(self) -> list[tuple[CycleDay | None, DayLine | None]]:
        """The old plan's remaining dates beside the new plan's."""
        dropped = self.switch.dropped if self.switch else ()
        return list(zip_longest(dropped, self.new.days if self.new else ()))


@permitted(Permission.START_PLANS)
@require_http_methods(["GET", "POST"])
def plan_switch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each change draws the preview again; only the act "switch" writes. `?regimen=` names one to begin with."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    switching = request.POST.get("act") == "switch"
    to = _to_form(request, plan)
    why = SwitchForm(request.POST if switching else None, initial={"revision": plan.revision})
    if switching and why.is_valid() and to.is_valid() and (done := _switch(request, plan, to, why)):
        return done
    plan = lookups.plan_for(by, uuid)
    context = shown.inside_plan(plan, "Switch plan") | shown.refused_again(plan, why)
    context |= {"to": to, "pane": _pane(by, plan, to)}
    template = "scheduling/switch.html" + ("#preview" if shown.wants_part(request) else "")
    return render(request, template, context, status=422 if switching else 200)


def _to_form(request: HttpRequest, plan: TreatmentPlan) -> SwitchToForm:
    versions = switches.alternatives(plan, list(orderable_at(plan.patient.site).values()))
    following, today = plan.cycle_days.planned().first(), plan.patient.site.today()
    first = {
        "regimen": request.GET.get("regimen", ""),
        "start_on": str(max(following.planned_on, today) if following else today),
    }
    if request.method == "POST":
        return SwitchToForm(request.POST, initial=None, versions=versions)
    return SwitchToForm(first if first["regimen"] else None, initial=first, versions=versions)


def _switch(request: HttpRequest, plan: TreatmentPlan, to: SwitchToForm, why: SwitchForm) -> HttpResponse | None:
    said = why.cleaned_data
    try:
        started = switches.make(
            by=user_of(request),
            plan=plan,
            to=to.to(),
            reason=SwitchReason(said["reason"]),
            note=said["note"],
            revision=said["revision"],
        )
    except Refused as refused:
        tell(why, refused)
        return None
    messages.success(request, f"Switched to {started.regimen}: first dose {in_words(started.start_on)}.")
    return redirect("plan", started.uuid)


def _pane(by: User, plan: TreatmentPlan, to: SwitchToForm) -> Pane:
    if not to.is_bound or not to.is_valid():
        return Pane()
    try:
        found = switches.preview(by=by, plan=plan, to=to.to())
    except Refused as refused:
        return Pane(refusals=(refused.refusal,))
    if found.new is None:
        return Pane(found)
    objections = () if found.new.refusals else plans.objections_to(found.new, by=by, prior=found.prior)
    return Pane(found, show(found.new), found.new.refusals, tuple(objections))
