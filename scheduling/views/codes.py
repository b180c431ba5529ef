"""Scanning beside an infusion: the wristband, and the bag."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
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
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import codes
from scheduling.core.scanning import CodeKind
from scheduling.forms.checks import CheckRequestForm, CodeForm
from scheduling.models import CodeRead, CycleDay
from scheduling.models.standing import regimen_of
from scheduling.objection import Objection
from scheduling.views import shown
from scheduling.words import Gate


@permitted(Permission.RECORD_ADMINISTRATIONS)
@require_http_methods(["GET", "POST"])
def cycle_scan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One scanned code. htmx gets the answer alone, so that what was typed into the record form stays."""
    by = user_of(request)
    row = lookups.cycle_day_for(by, uuid)
    back = next_url(request, reverse("cycle-day", args=[row.uuid]))
    form = CodeForm(_agents(row), shown.posted(request))
    read, refused = _read(by, row, form) if form.is_valid() else (None, None)
    if shown.wants_part(request):
        return _answer(request, form, read, refused, back)
    if read:
        messages.success(request, _told(read, row))
        return redirect(back)
    context = shown.inside_plan(row.plan, f"Scan, {shown.day_name(row)}", row=row, scan_form=form, back=back)
    return render(request, "scheduling/scan.html", context, status=422 if form.errors else 200)


def beside_the_chair(by: User, row: CycleDay, on: date, stopping: Iterable[Objection]) -> dict[str, Any]:
    """What the infusion's page needs for scanning and for asking for a check: on the day itself.

    No check is offered while something else stops the infusion: there is no bag to look at.
    """
    if on != by.site.today() or not by.may(Permission.RECORD_ADMINISTRATIONS):
        return {}
    is_free = all(one.gate is Gate.SECOND_CHECK for one in stopping)
    asked = CheckRequestForm(initial={"revision": row.plan.revision}) if is_free else None
    return {"scan_form": CodeForm(_agents(row)), "check_form": asked}


def _read(by: User, row: CycleDay, form: CodeForm) -> tuple[CodeRead | None, Refused | None]:
    said = form.cleaned_data
    try:
        return codes.read(by=by, cycle_day=row, text=said["code"], agent=said.get("agent", "")), None
    except Refused as refused:
        tell(form, refused)
        return None, refused


def _answer(
    request: HttpRequest, form: CodeForm, read: CodeRead | None, refused: Refused | None, back: str
) -> HttpResponse:
    """A wristband changes what the page offers, so the page is read again; a bag fills its fields."""
    is_wrong = refused is not None and refused.code == "wrong-patient"
    if is_wrong or (read and read.kind == CodeKind.WRISTBAND):
        if refused:
            messages.error(request, str(refused))
        elif read:
            messages.success(request, _told(read, None))
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = back  # from its top, where the sentence stands
        return answer
    sentences = [sentence for errors in form.errors.values() for sentence in errors]
    context = {"read": read, "told": _told(read, None) if read else "", "sentences": sentences}
    return render(request, "scheduling/scan_answer.html", context)


def _told(read: CodeRead, row: CycleDay | None) -> str:
    if read.kind == CodeKind.WRISTBAND:
        return "Identity: the wristband is the right one."
    title = regimen_of(row.plan.regimen).agent(read.agent, row.phase).title if row else read.agent
    known = [read.product, f"lot {read.lot}" if read.lot else "no lot in its code: enter it"]
    known.append(f"expires {in_words(read.expires_on)}" if read.expires_on else "no expiry in its code: enter it")
    if not read.product:
        known.append("choose the product")
    unknown = f" Trade number {read.gtin} is not known here: an administrator can say which product it is."
    more = unknown if read.gtin and not read.product else ""
    return f"Bag of {title}: {', '.join(filter(None, known))}.{more}"


def _agents(row: CycleDay) -> list[tuple[str, str]]:
    regimen = regimen_of(row.plan.regimen)
    return [(dose.agent, regimen.agent(dose.agent, row.phase).title) for dose in row.administrations.all()]
