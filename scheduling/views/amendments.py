"""What was recorded about an infusion, with every correction of it; and the form that corrects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import amendments
from scheduling.actions.trade_numbers import numbers_at
from scheduling.forms.doses import AmendForm, Hung
from scheduling.models import Administration, Amendment, CycleDay
from scheduling.models.standing import regimen_of
from scheduling.views import shown
from scheduling.words import DifferenceReason

LABELS = {
    "given_mg": "Given", "given_ml": "Given", "product": "Product", "lot": "Lot", "expires_on": "Expires on",
    "started_at": "Started", "stopped_at": "Stopped", "difference_reason": "Why it differs", "note": "Note",
}  # fmt: skip
UNITS = {"given_mg": " mg", "given_ml": " mL"}


@dataclass(frozen=True, slots=True)
class AmendmentShown:
    """One correction: who, when, why, and each field's old value beside the new."""

    amendment: Amendment
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordShown:
    """What went in of one agent, as it stands, and how it came to stand so."""

    title: str
    dose: Administration
    amendments: tuple[AmendmentShown, ...]


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def administration_amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct what was recorded about one agent; the old value stays in sight."""
    by = user_of(request)
    recorded = lookups.administration_for(by, uuid)
    row = recorded.cycle_day
    back = reverse("cycle-day", args=[row.uuid])
    hung = hung_of(row).get(recorded.agent, Hung())
    form = AmendForm(recorded, row.plan.revision, shown.posted(request), hung=Hung(hung.before))
    if form.is_valid():
        reason, seen = form.cleaned_data["reason"], form.seen()
        try:
            amendments.amend(by=by, administration=recorded, dose=form.dose(), reason=reason, revision=seen)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Amended the record of {recorded.agent} in {shown.day_name(row)}.")
            return redirect(back)
    title = regimen_of(row.plan.regimen).agent(recorded.agent, row.phase).title
    context = shown.inside_plan(row.plan, f"Amend {shown.day_name(row)}", row=row, recorded=recorded, title=title)
    context |= {"back": back, **shown.refused_again(row.plan, form)}
    return render(request, "scheduling/amend.html", context, status=422 if form.errors else 200)


def amendments_of(row: CycleDay) -> list[RecordShown]:
    """What was recorded on a decided day, agent by agent, with its corrections, oldest first."""
    regimen, made = regimen_of(row.plan.regimen), list(_amendments(row))
    return [
        RecordShown(
            regimen.agent(dose.agent, row.phase).title,
            dose,
            tuple(_shown(one) for one in made if one.agent == dose.agent),
        )
        for dose in row.administrations.all()
    ]


def _amendments(row: CycleDay) -> Iterable[Amendment]:
    return row.plan.amendments.filter(cycle=row.cycle, day=row.day).select_related("recorded_by")


def _shown(made: Amendment) -> AmendmentShown:
    changes = ((name, made.before.get(name, ""), made.after[name]) for name in LABELS if name in made.after)
    return AmendmentShown(made, tuple((LABELS[name], _said(name, was), _said(name, now)) for name, was, now in changes))


def _said(name: str, value: str) -> str:
    if not value:
        return "nothing"
    if name == "difference_reason":
        return DifferenceReason(value).label
    return f"{value}{UNITS.get(name, '')}"


def hung_of(row: CycleDay) -> dict[str, Hung]:
    """By agent: what this site buys or hung of it before, and what this patient had last."""
    patient = row.plan.patient
    agents = [dose.agent for dose in row.administrations.all()]
    known = Administration.objects.filter(cycle_day__plan__patient__site=patient.site_id, agent__in=agents)
    before: dict[str, list[str]] = {}
    for own in numbers_at(patient.site):
        if own.agent in agents and own.name not in before.setdefault(own.agent, []):
            before[own.agent].append(own.name)
    for agent, product in known.exclude(product="").values_list("agent", "product").distinct().order_by("product"):
        before.setdefault(agent, []).append(product)
    hers = known.filter(cycle_day__plan__patient=patient, given_on__isnull=False).exclude(product="")
    last = dict(hers.order_by("given_on").values_list("agent", "product"))  # the latest of each stays
    return {agent: Hung(tuple(products), last.get(agent, "")) for agent, products in before.items()}
