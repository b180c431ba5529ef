"""Correcting what was seen at the chair, and every correction beside what it corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import corrections
from scheduling.forms.chairside import AmendReactionForm, AmendVitalsForm
from scheduling.models import ChairsideAmendment, CycleDay, Reaction, VitalSigns
from scheduling.models.chairside import RANGES
from scheduling.models.standing import regimen_of
from scheduling.views import shown
from scheduling.words import ReactionAction, ReactionSign

LABELS = {
    "agent": "During or after", "seen_on": "On", "seen_at": "At", "grade": "Grade", "signs": "Signs",
    "action": "What became of the infusion", "note": "Note", "temperature_c": "Temperature", "pulse_bpm": "Pulse",
    "systolic_mmhg": "Upper pressure", "diastolic_mmhg": "Lower pressure", "saturation_percent": "Saturation",
}  # fmt: skip
UNITS = {
    "temperature_c": " °C", "pulse_bpm": "/min", "systolic_mmhg": " mmHg", "diastolic_mmhg": " mmHg",
    "saturation_percent": " %",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeenShown:
    """One entry of the chairside with its corrections, oldest first: each field's old value beside the new."""

    seen: Any
    amendments: tuple[CorrectionShown, ...]


@dataclass(frozen=True, slots=True)
class CorrectionShown:
    """In the shape of `scheduling/amendment.html`."""

    amendment: ChairsideAmendment
    changes: tuple[tuple[str, str, str], ...]


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def vitals_amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct one set of vital signs; the old value stays in sight."""
    by = user_of(request)
    found = lookups.vitals_for(by, uuid)
    initial = {name: getattr(found, name) for name in ("seen_on", "seen_at", *RANGES)}
    form = AmendVitalsForm(shown.posted(request), initial=initial)

    def save(**said: Any) -> None:
        corrections.amend_vitals(by=by, vitals=found, **said)

    return _amend(request, corrections.day_of(found), found, form, save, "vital signs")


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def reaction_amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct one reaction; the old value stays in sight."""
    by = user_of(request)
    found = lookups.reaction_for(by, uuid)
    row = corrections.day_of(found)
    regimen = regimen_of(row.plan.regimen)
    agents = [(dose.agent, regimen.agent(dose.agent, row.phase).title) for dose in row.administrations.all()]
    initial = {name: getattr(found, name) for name in corrections.OF_REACTION}
    form = AmendReactionForm(agents, shown.posted(request), initial=initial)

    def save(**said: Any) -> None:
        said |= {"signs": [ReactionSign(one) for one in said["signs"]], "action": ReactionAction(said["action"])}
        corrections.amend_reaction(by=by, reaction=found, **said)

    return _amend(request, row, found, form, save, "reaction")


def _amend(
    request: HttpRequest, row: CycleDay, found: Reaction | VitalSigns, form: Any, save: Callable[..., None], what: str
) -> HttpResponse:
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    if form.is_valid():
        try:
            save(**form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Amended the {what} of {found.seen_at:%H:%M}. What stood there stays in sight.")
            return redirect(back)
    context = shown.inside_plan(row.plan, f"Amend {what}, {shown.day_name(row)}", row=row, form=form, back=back)
    context |= {"found": found, "what": what, "is_reaction": isinstance(found, Reaction)}
    return render(request, "scheduling/seen_amend.html", context, status=422 if form.errors else 200)


def seen_of(row: CycleDay) -> tuple[list[SeenShown], list[SeenShown]]:
    """The sets of vital signs and the reactions of one infusion, by time, with their corrections. Three queries."""
    of_day = {"cycle": row.cycle, "day": row.day}
    vitals = list(row.plan.vital_signs.filter(**of_day).select_related("recorded_by"))
    reactions = list(row.plan.reactions.filter(**of_day).select_related("recorded_by"))
    made = list(row.plan.chairside_amendments.select_related("recorded_by")) if vitals or reactions else []
    return (
        [SeenShown(one, _corrections(made, vitals_id=one.pk)) for one in vitals],
        [SeenShown(one, _corrections(made, reaction_id=one.pk)) for one in reactions],
    )


def _corrections(made: Iterable[ChairsideAmendment], **of: int) -> tuple[CorrectionShown, ...]:
    [(name, pk)] = of.items()
    return tuple(CorrectionShown(one, tuple(_changes(one))) for one in made if getattr(one, name) == pk)


def _changes(made: ChairsideAmendment) -> Iterable[tuple[str, str, str]]:
    if made.after.get("in_error"):
        yield "Entered in error", "", "counts no more"
    for name, label in LABELS.items():
        if name in made.after:
            yield label, _said(name, made.before.get(name, "")), _said(name, made.after[name])


def _said(name: str, value: str) -> str:
    if not value:
        return "nothing"
    if name == "action":
        return ReactionAction(value).label
    if name == "signs":
        return ", ".join(ReactionSign(one).in_sentence for one in value.split(", "))
    return f"{value}{UNITS.get(name, '')}"
