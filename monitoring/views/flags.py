"""Flags, worst and soonest first, and the decision that closes each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from her2tracker.accounts.access import permitted, require, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import calls, decision_links, decisions, snoozes
from monitoring.core.protocol import Advice
from monitoring.forms.decisions import DecisionForm, SnoozeForm
from monitoring.models import CardiacFlag, FlagDecision
from monitoring.models.flags import FlagQuerySet
from monitoring.models.standing import CARDIAC_HOLDS
from monitoring.views.cards import cards_of
from monitoring.words import Decision, FlagKind, FlagState
from scheduling.closure_waits import closures_waiting
from scheduling.models import CycleDay, Hold
from scheduling.words import DayState

PUT_OFF = "put-off"
STATES = (FlagState.OPEN.value, PUT_OFF, FlagState.DECIDED.value, FlagState.RESOLVED.value)
PAGE = 10  # a card is a decision, not a row; ten with their drawings and forms load well under a second
KINDS = {"finding": [FlagKind.FINDING], "overdue": [FlagKind.OVERDUE, FlagKind.BASELINE]}


@permitted(Permission.VIEW_FLAGS)
@require_safe
def flags(request: HttpRequest) -> HttpResponse:
    """The oncologist's home."""
    user = user_of(request)
    state, kind, now = request.GET.get("state", ""), request.GET.get("kind", ""), timezone.now()
    state = state if state in STATES else FlagState.OPEN.value
    rows = _in_state(lookups.flags_at(user), state, now)
    if kind in KINDS:
        rows = rows.filter(kind__in=KINDS[kind])
    page = Paginator(ordered(rows), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "cards": cards_of(list(page.object_list), by=user),
        "state": state,
        "kind": kind,
    }
    context |= {"delegations": lookups.delegations_for(user, now), "now": now, "closures": closures_waiting(user)}
    context["unreached"] = calls.waiting_for(user).count() if user.may(Permission.DECIDE_FLAGS) else 0
    return render(request, "monitoring/flags.html", context | _filters(user, state, kind, now))


@permitted(Permission.VIEW_FLAGS)
@require_http_methods(["GET", "POST"])
def flag(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One flag with its evidence and history; posting signs a decision. `?decision=` opens one, ready to sign."""
    user = user_of(request)
    found = lookups.flag_for(user, uuid)
    form = None
    if request.method == "POST":
        require(user, Permission.DECIDE_FLAGS)
        wanted = request.POST.get("decision", "")
        decision = Decision(wanted) if wanted in list(Decision) else Decision.CONTINUE
        form = DecisionForm(found, decision, request.POST)
        if form.is_valid():
            try:
                made = decisions.decide(by=user, flag=found, **form.signed())
            except Refused as refused:
                tell(form, refused)
            else:
                messages.success(request, _signed(made, found))
                return redirect(next_url(request, "/flags/"))
    return _one(request, found, form)


@permitted(Permission.DECIDE_FLAGS)
@require_POST
def flag_put_off(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put an open flag off until a morning."""
    user = user_of(request)
    found = lookups.flag_for(user, uuid)
    form = SnoozeForm(found, request.POST)
    if form.is_valid():
        try:
            made = snoozes.begin(by=user, flag=found, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            day = in_words(user.site.today(made.until))
            messages.success(request, f"Put off the flag of {found.patient}. It comes back on {day}.")
            return redirect(next_url(request, "/flags/"))
    return _one(request, found, form)


@permitted(Permission.DECIDE_FLAGS)
@require_POST
def flag_bring_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End what put the flag off."""
    user = user_of(request)
    found = lookups.flag_for(user, uuid)
    try:
        snoozes.end(by=user, flag=found)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"The flag of {found.patient} is back on the open list.")
    return redirect("flag", uuid=found.uuid)


@permitted(Permission.DECIDE_FLAGS)
@require_safe
def flag_link(request: HttpRequest, token: str) -> HttpResponse:
    """A mail's link: on to the flag, with one decision ready to sign. It writes nothing."""
    try:
        uuid, decision = decision_links.read(token)
    except decision_links.BadLink as bad:
        messages.warning(request, str(bad))
        return redirect("flags")
    found = lookups.flag_for(user_of(request), uuid)
    return redirect(f"{reverse('flag', args=[found.uuid])}?decision={decision.value}#decide")


def _one(request: HttpRequest, found: CardiacFlag, form: DecisionForm | SnoozeForm | None) -> HttpResponse:
    wanted = request.GET.get("decision", "")
    opened = Decision(wanted) if wanted in list(Decision) else None
    card = cards_of([found], by=user_of(request), form=form, opened=opened)[0]
    context = {"card": card, "patient": found.patient, "form": form}
    return render(request, "monitoring/flag.html", context, status=422 if form is not None else 200)


def _in_state(rows: FlagQuerySet, state: str, now: datetime) -> FlagQuerySet:
    if state == PUT_OFF:
        return rows.put_off(now)
    return rows.awake(now) if state == FlagState.OPEN else rows.filter(state=state)


def ordered(rows: QuerySet[CardiacFlag]) -> QuerySet[CardiacFlag]:
    """Worst and soonest first: what stops treatment, then the next infusion, then severity, then age."""
    days = CycleDay.objects.filter(plan=OuterRef("plan"), state=DayState.PLANNED).order_by("planned_on")
    severity = Case(
        *(When(advice=advice.value, then=Value(advice.severity)) for advice in Advice), output_field=IntegerField()
    )
    held = Hold.objects.open().filter(plan=OuterRef("plan"), reason__in=CARDIAC_HOLDS)
    is_critical = Q(kind=FlagKind.OVERDUE, is_held=True)  # the repeat that a hold waits for has not come
    found = rows.annotate(next_on=Subquery(days.values("planned_on")[:1]), severity=severity, is_held=Exists(held))
    return found.order_by(
        Case(When(Q(severity__gte=Advice.WITHHOLD.severity) | is_critical, then=0), default=1),
        F("next_on").asc(nulls_last=True),
        "-severity",
        "raised_at",
        "pk",
    )


def _filters(user: User, state: str, kind: str, now: datetime) -> dict[str, Any]:
    """Both rows of choices with their counts, from one query."""
    at_site = CardiacFlag.objects.at(user.site_id)
    off = Q(pk__in=at_site.put_off(now).values("pk"))
    within = {one.value: Q(state=one) for one in FlagState} | {PUT_OFF: off}
    within[FlagState.OPEN.value] &= ~off
    counts = at_site.aggregate(
        **{one.replace("-", "_"): Count("pk", filter=within[one]) for one in STATES},
        every=Count("pk", filter=within[state]),
        **{name: Count("pk", filter=within[state] & Q(kind__in=kinds)) for name, kinds in KINDS.items()},
    )
    states = [
        {
            "label": one.capitalize().replace("-", " "),
            "url": f"?state={one}" + (f"&kind={kind}" if kind else ""),
            "current": one == state,
            "count": counts[one.replace("-", "_")],
        }
        for one in STATES
    ]
    names = {
        "": ("All", "every"),
        "finding": ("LVEF findings", "finding"),
        "overdue": ("Overdue or no baseline", "overdue"),
    }
    kinds = [
        {
            "label": label,
            "url": f"?state={state}" + (f"&kind={name}" if name else ""),
            "current": name == kind,
            "count": counts[counted],
        }
        for name, (label, counted) in names.items()
    ]
    return {"states": states, "kinds": kinds}


def _signed(made: FlagDecision, found: CardiacFlag) -> str:
    who = str(found.patient)
    until = f" Repeat LVEF by {in_words(made.repeat_by)}." if made.repeat_by else ""
    said = {
        Decision.HOLD: f"Plan of {who} is on hold.",
        Decision.CONTINUE: f"Decided for {who}: continue with cardiology.",
        Decision.REPEAT: f"Decided for {who}: repeat the echo.",
        Decision.NOT_VALID: f"The result of {who} no longer counts; flags were computed again.",
    }[Decision(made.decision)]
    return said + until
