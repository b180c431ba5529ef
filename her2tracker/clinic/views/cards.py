"""Handover cards: made of a plan here, and taken over from elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.audit import acts
from her2tracker.clinic.forms.cards import CardChoiceForm, CardFileForm
from her2tracker.clinic.handover import taking
from her2tracker.clinic.handover.card import Card, write
from her2tracker.clinic.handover.making import card_of
from her2tracker.clinic.handover.pdf import pdf, told
from her2tracker.clinic.summary import summary_of
from her2tracker.clinic.views.calendar import as_file
from her2tracker.lib.refusals import Refused
from scheduling.lookups import card_for, plan_for
from scheduling.models import Patient, ReceivedCard
from scheduling.words import CardState

MOST_SHOWN = 50


@permitted(Permission.HAND_OVER_PLANS)
@require_safe
def plan_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the card says, with the two ways to give it away."""
    plan = plan_for(user_of(request), uuid)
    made = card_of(plan, by=user_of(request), now=timezone.now())
    context = {
        "patient": plan.patient, "summary": summary_of(plan.patient), "plan": plan, "card": made, "said": told(made),
        "crumbs": [*_crumbs_of(plan.patient), ("Plan", reverse("plan", args=[plan.uuid]))],
    }  # fmt: skip
    return render(request, "clinic/plan_card.html", context)


@permitted(Permission.HAND_OVER_PLANS)
@require_safe
def plan_card_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    made = _exported(user_of(request), uuid, "pdf")
    return as_file(pdf(made), "application/pdf", "handover-card.pdf", inline=True)


@permitted(Permission.HAND_OVER_PLANS)
@require_safe
def plan_card_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    made = _exported(user_of(request), uuid, "json")
    return as_file(write(made).encode(), "application/json", "handover-card.json")


def _exported(by: User, uuid: UUID, kind: str) -> Card:
    """A card leaves the house: that is on record before it does."""
    plan = plan_for(by, uuid)
    made = card_of(plan, by=by, now=timezone.now())
    acts.record(
        "card.exported", by=by, patient=plan.patient, subject=plan, card=str(made.id), checksum=made.checksum,
        **{"as": kind},
    )  # fmt: skip
    return made


@permitted(Permission.START_PLANS)
@require_http_methods(["GET", "POST"])
def cards(request: HttpRequest) -> HttpResponse:
    """The cards that came; posting reads another one."""
    by = user_of(request)
    form = CardFileForm(request.POST, request.FILES) if request.method == "POST" else CardFileForm()
    if form.is_valid():
        try:
            row = taking.receive(by=by, text=form.cleaned_data["file"])
        except Refused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("card", row.uuid)
    rows = ReceivedCard.objects.filter(site=by.site).defer("text")
    context = {
        "form": form, "cards": rows.select_related("recorded_by", "decided_by", "patient", "plan")[:MOST_SHOWN],
        "crumbs": [("Patients", reverse("patients"))],
    }  # fmt: skip
    return render(request, "clinic/cards.html", context, status=422 if form.errors else 200)


@permitted(Permission.START_PLANS)
@require_http_methods(["GET", "POST"])
def card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One card beside what is on record here. Answers in the address show what it would do; posting does it."""
    by = user_of(request)
    row = card_for(by, uuid)
    if row.state != CardState.RECEIVED:
        return render(request, "clinic/card.html", {"row": row, "crumbs": _crumbs()})
    found = taking.found(by=by, row=row)
    sent = request.POST if request.method == "POST" else request.GET if "mrn" in request.GET else None
    form, outcome = CardChoiceForm(sent, found=found), None
    if form.is_valid():
        try:
            if request.method == "POST":
                done = taking.take_over(by=by, row=row, choice=form.choice())
                messages.success(request, f"Took over the card of {row.hospital}.")
                return redirect("plan", done.plan.uuid) if done.plan else redirect("patient", done.patient.uuid)
            outcome = taking.preview(by=by, row=row, choice=form.choice())
        except Refused as refused:
            tell(form, refused)
    context: dict[str, Any] = {
        "row": row, "found": found, "card": found.card, "said": told(found.card), "form": form, "outcome": outcome,
        "crumbs": _crumbs(),
    }  # fmt: skip
    return render(request, "clinic/card.html", context, status=422 if form.errors else 200)


@permitted(Permission.START_PLANS)
@require_POST
def card_put_aside(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    try:
        taking.withdraw(by=by, row=card_for(by, uuid))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Put aside. Nothing was taken over, and what the card says is forgotten.")
    return redirect("cards")


def _crumbs() -> list[tuple[str, str]]:
    return [("Patients", reverse("patients")), ("Handover cards", reverse("cards"))]


def _crumbs_of(patient: Patient) -> list[tuple[str, str]]:
    return [("Patients", reverse("patients")), (str(patient), reverse("patient", args=[patient.uuid]))]
