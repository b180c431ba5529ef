"""A running infusion on the page: start, stop, and taking a start back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
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
from her2tracker.lib.refusals import Refused
from scheduling import catalog, clearance, lookups
from scheduling.actions import administrations, running
from scheduling.core import running as core
from scheduling.forms.doses import Hung
from scheduling.forms.running import StartForm, StopForm, WithdrawForm
from scheduling.models import CycleDay, InfusionRun
from scheduling.models.about import about
from scheduling.models.checks import codes_of
from scheduling.models.running import dose_of, runs_of
from scheduling.models.standing import regimen_of
from scheduling.views import shown
from scheduling.views.amendments import hung_of
from scheduling.views.gates import go_no_go
from scheduling.words import DayState


@dataclass(frozen=True, slots=True)
class RunShown:
    """One agent that runs or has run, with how far past its planned end it is."""

    row: InfusionRun
    run: core.Run
    minutes_over: int


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def cycle_start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Start one agent of today's infusion, the next of the regimen unless `?agent=` names another."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    agent, begun = _agent(request, row), [one.of(row) for one in runs_of(row)]
    hung = hung_of(row).get(agent, Hung())
    initial = {"started_at": _minute(running.now_at(by))} | _bag(by, row, agent)
    form = StartForm(agent, row.plan.revision, shown.posted(request), hung=hung, initial=initial)
    if form.is_valid():
        try:
            made = running.start(by=by, cycle_day=row, agent=agent, **form.said())
        except Refused as refused:
            tell(form, refused)
        else:
            end = made.of(row).planned_end
            title = made.of(row).title
            messages.success(request, f"{title} runs since {made.started_at:%H:%M}, planned until {end:%H:%M}.")
            return redirect(back)
        row = lookups.cycle_day_for(by, uuid)
    context = shown.inside_plan(row.plan, f"Start {shown.day_name(row)}", row=row, back=back, agent=agent)
    context |= shown.refused_again(row.plan, form) | _before_the_start(by, row, agent, begun, form)
    return render(request, "scheduling/start.html", context, status=422 if form.errors else 200)


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def run_stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Stop what runs and say what went in; the last agent of the day records the infusion."""
    by = user_of(request)
    run = lookups.run_for(by, uuid)
    row = running.day_of(run)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    now = running.now_at(by)
    initial = {"stopped_at": _minute(now)} if now.date() == run.started_on else {}
    form = StopForm(run, shown.posted(request), initial=initial)
    if form.is_valid():
        try:
            stopped = running.stop(by=by, run=run, **form.said())
        except Refused as refused:
            beside = "amount" if run.agent in refused.fields else None
            form.add_error(beside, str(refused)) if beside else tell(form, refused)
        else:
            messages.success(request, _stopped(stopped))
            return redirect(back)
    title = run.of(row).title
    context = shown.inside_plan(row.plan, f"Stop {title}", row=row, run=run, title=title, form=form, back=back)
    context |= {"planned_end": run.of(row).planned_end}
    return render(request, "scheduling/stop.html", context, status=422 if form.errors else 200)


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def run_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back a start that was a mistake."""
    by = user_of(request)
    run = lookups.run_for(by, uuid)
    row = running.day_of(run)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    form = WithdrawForm(shown.posted(request))
    if form.is_valid():
        try:
            running.withdraw(by=by, run=run, reason=form.cleaned_data["reason"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"The start of {run.of(row).title} at {run.started_at:%H:%M} is withdrawn.")
            return redirect(back)
    title = run.of(row).title
    context = shown.inside_plan(row.plan, f"Withdraw the start of {title}", row=row, run=run, form=form, back=back)
    return render(request, "scheduling/withdraw_start.html", context, status=422 if form.errors else 200)


def running_of(by: User, row: CycleDay) -> dict[str, Any]:
    """What runs or has run of this cycle day, and which agent is the next to start today."""
    now, begun = running.now_at(by), runs_of(row)
    found = [RunShown(one, one.of(row), one.of(row).minutes_over(now)) for one in begun]
    going = any(one.run.is_running for one in found)
    is_open = row.state == DayState.PLANNED and row.planned_on <= now.date()
    waiting = core.next_agent([dose.agent for dose in row.administrations.all()], [one.run for one in found])
    vitals = row.plan.vital_signs.filter(cycle=row.cycle, day=row.day, in_error=False) if found else ()
    taken = [datetime.combine(one.seen_on, one.seen_at) for one in vitals]
    return {
        "runs": found,
        "prompts": core.asked(catalog.vital_signs(), [one.run for one in found], taken, now),
        "is_running": going,
        "next_agent": waiting if is_open and not going else None,
        "has_begun": bool(found) and row.state == DayState.PLANNED,
    }


def _bag(by: User, row: CycleDay, agent: str) -> dict[str, Any]:
    """As the bag's code said today; the nurse may write something else."""
    bag = codes_of(about([row.plan])[row.plan_id].codes_read, row.cycle, row.day, by.site.today()).bags.get(agent)
    return {"lot": bag.lot, "expires_on": bag.expires_on, "product": bag.product} if bag else {}


def _agent(request: HttpRequest, row: CycleDay) -> str:
    """The one that is asked for, else the next to start, else the last there is: the action says why not."""
    names = [dose.agent for dose in row.administrations.all()]
    asked = request.POST.get("agent") or request.GET.get("agent", "")
    if asked in names:
        return asked
    return core.next_agent(names, [one.of(row) for one in runs_of(row)]) or names[-1]


def _before_the_start(by: User, row: CycleDay, agent: str, begun: list[core.Run], form: StartForm) -> dict[str, Any]:
    """What stands against it, what is due, and whether the start departs from the regimen's order."""
    today = by.site.today()
    refusal = administrations.refusal(by=by, cycle_day=row, given_on=today)
    if refusal:
        return {"refusal": refusal}
    objections = clearance.objections([row], on=today)[row.pk]
    due = administrations.due_on(row, today, today=today)
    order = [dose.agent for dose in row.administrations.all()]
    at = (
        datetime.combine(today, form.cleaned_data.get("started_at") or _minute(running.now_at(by)))
        if form.is_bound
        else running.now_at(by)
    )
    others = [name for name in order if name != agent and name not in {one.agent for one in begun}]
    regimen = regimen_of(row.plan.regimen)
    return {
        "title": regimen.agent(agent, row.phase).title,
        "objections": objections,
        "gates": go_no_go(row, objections, about([row.plan])[row.plan_id], due, today),
        "stopping": [one for one in objections if one.stops_treatment],
        "due": next((shown.due_shown(row.plan, one) for one in due if one.agent == agent), None),
        "hanging": dose_of(row, agent) if row.begun_at else None,
        "departure": core.departure(agent, order, begun, at),
        "others": [(name, regimen.agent(name, row.phase).title) for name in others],
    }


def _stopped(run: InfusionRun) -> str:
    row = running.day_of(run)
    said = f"{run.of(row).title} stopped at {run.stopped_at:%H:%M}."
    if row.state == DayState.GIVEN:
        return f"{said} Recorded {shown.day_name(row)} as given."
    return f"{said} Not everything of this infusion has run yet."


def _minute(moment: datetime) -> time:
    return moment.time().replace(second=0, microsecond=0)
