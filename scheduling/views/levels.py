"""One dose level down, of what is infused from a cycle on, of what is taken at home from a day on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import changes, oral_levels
from scheduling.forms.plan_changes import LevelForm, LevelLook
from scheduling.models import TreatmentPlan
from scheduling.models.standing import regimen_of
from scheduling.views import shown
from scheduling.views.plan_acts import done
from scheduling.views.plan_changes import asked, page


@permitted(Permission.ADJUST_PLANS)
@require_http_methods(["GET", "POST"])
def plan_level(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?agent=` with `from_cycle=` or `from_on=` shows the doses one level lower; posting reduces them."""
    by = user_of(request)
    plan = lookups.plan_for(by, uuid)
    form = LevelForm(shown.posted(request))
    if form.is_valid():
        try:
            sentence = _reduce(by, plan, form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            return done(request, plan, shown.undoable(plan, sentence))
    plan = lookups.plan_for(by, uuid)
    look = LevelLook(asked(request), initial={"from_on": by.site.today()}, **_offered(plan))
    context: dict[str, Any] = {}
    if look.is_valid():
        try:
            context = _looked(by, plan, look.cleaned_data)
        except Refused as refused:
            context = {"refusal": refused.refusal}
    return page(request, "scheduling/level.html", "Reduce dose", plan, form, look, context)


def _reduce(by: User, plan: TreatmentPlan, said: dict[str, Any]) -> str:
    """What was done, in a sentence."""
    said = dict(said)
    from_cycle, from_on = said.pop("from_cycle"), said.pop("from_on")
    if from_on:
        course = oral_levels.reduce(by=by, plan=plan, from_on=from_on, **said)
        return f"Reduced {course.agent.title} to {plain(course.reached or 0)} mg from {in_words(from_on)} on."
    changes.reduce(by=by, plan=plan, from_cycle=from_cycle, **said)
    return f"Reduced {regimen_of(plan.regimen).agent(said['agent']).title} from cycle {from_cycle} on."


def _looked(by: User, plan: TreatmentPlan, said: dict[str, Any]) -> dict[str, Any]:
    if "from_on" in said:
        return {"lowering": oral_levels.preview_reduce(by=by, plan=plan, **said)}
    return shown.moves(plan, changes.preview_reduce(by=by, plan=plan, **said))


def _offered(plan: TreatmentPlan) -> dict[str, list[tuple[Any, str]]]:
    core = regimen_of(plan.regimen)
    planned = [row for row in plan.cycle_days.all() if row.state == "planned" and row.day == 1]
    titles = {oral.name: oral.title for oral in core.oral}
    return {
        "agents": [(name, core.agent(name).title) for name in changes.reducible(plan)],
        "planned": [(row.cycle, f"{row.cycle}, {in_words(row.planned_on)}") for row in planned],
        "at_home": [(name, f"{titles[name]}, taken at home") for name in oral_levels.reducible(plan)],
    }
