"""Flags, worst and soonest first, and the decision that closes each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, require, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import decisions
from monitoring.core.protocol import Advice
from monitoring.forms.decisions import DecisionForm
from monitoring.models import CardiacFlag, FlagDecision
from monitoring.models.standing import CARDIAC_HOLDS
from monitoring.views.cards import cards_of
from monitoring.words import Decision, FlagKind, FlagState
from scheduling.closure_waits import closures_waiting
from scheduling.models import CycleDay, Hold
from scheduling.words import DayState

PAGE = 10  # a card is a decision, not a row; ten with their drawings and forms load well under a second
KINDS = {"finding": [FlagKind.FINDING], "overdue": [FlagKind.OVERDUE, FlagKind.BASELINE]}


@permitted(Permission.VIEW_FLAGS)
@require_safe
def flags(request: HttpRequest) -> HttpResponse:
    """The oncologist's home."""
    user = user_of(request)
    state = request.GET.get("state", FlagState.OPEN)
    state = state if state in list(FlagState) else FlagState.OPEN
    kind = request.GET.get("kind", "")
    rows = lookups.flags_at(user).filter(state=state)
    if kind in KINDS:
        rows = rows.filter(kind__in=KINDS[kind])
    page = Paginator(ordered(rows), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "cards": cards_of(list(page.object_list), by=user), "state": state, "kind": kind}
    context["closures"] = closures_waiting(user)
    return render(request, "monitoring/flags.html", context | _filters(user, state, kind))


@permitted(Permission.VIEW_FLAGS)
@require_http_methods(["GET", "POST"])
def flag(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One flag with its evidence and history; posting signs a decision."""
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
    context = {"card": cards_of([found], by=user, form=form)[0], "patient": found.patient, "form": form}
    return render(request, "monitoring/flag.html", context, status=422 if form is not None else 200)


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


def _filters(user: User, state: str, kind: str) -> dict[str, Any]:
    """Both rows of choices with their counts, from one query."""
    at_site = CardiacFlag.objects.at(user.site_id)
    counts = at_site.aggregate(
        **{one.value: Count("pk", filter=Q(state=one)) for one in FlagState},
        every=Count("pk", filter=Q(state=state)),
        **{name: Count("pk", filter=Q(state=state, kind__in=kinds)) for name, kinds in KINDS.items()},
    )
    states = [
        {
            "label": one.value.capitalize(),
            "url": f"?state={one.value}" + (f"&kind={kind}" if kind else ""),
            "current": one == state,
            "count": counts[one.value],
        }
        for one in FlagState
    ]
    names = {"": ("All", "every"), "finding": ("LVEF findings", "finding"), "overdue": ("LVEF overdue", "overdue")}
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
