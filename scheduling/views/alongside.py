"""What runs alongside a plan, with its dates: recorded, corrected, or taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import alongside
from scheduling.forms.alongside import AlongsideForm, seen_of
from scheduling.models import TreatmentPlan
from scheduling.views import shown


@permitted(Permission.EDIT_PATIENTS)
@require_http_methods(["GET", "POST"])
def plan_alongside(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One form for each kind; choosing a kind that is on record corrects it."""
    plan = lookups.plan_for(user_of(request), uuid)
    rows = list(plan.alongside.select_related("recorded_by"))
    first = next((row for row in rows if row.kind == request.GET.get("kind")), None)
    initial: dict[str, Any] = {"seen": seen_of(rows), "kind": request.GET.get("kind", "")}
    if first:
        initial |= {"from_on": first.from_on, "until_on": first.until_on, "note": first.note}
    form = AlongsideForm(shown.posted(request), initial=initial)
    if form.is_valid():
        try:
            done = _act(request, plan, form)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"{done} No infusion moved.")
            return redirect("plan", plan.uuid)
    chosen = form["kind"].value()
    corrects = next((row.get_kind_display() for row in rows if row.kind == chosen), "")
    context = shown.inside_plan(plan, "What runs alongside") | {"form": form, "rows": rows, "corrects": corrects}
    return render(request, "scheduling/alongside.html", context, status=422 if form.is_bound else 200)


def _act(request: HttpRequest, plan: TreatmentPlan, form: AlongsideForm) -> str:
    by, said = user_of(request), form.cleaned_data
    if request.POST.get("act") == "remove":
        alongside.remove(by=by, plan=plan, kind=form.chosen, reason=said["note"], seen=form.revision)
        return f"Took back {form.chosen.label.lower()}."
    alongside.record(
        by=by, plan=plan, kind=form.chosen, from_on=said["from_on"], until_on=said["until_on"], note=said["note"],
        seen=form.revision,
    )  # fmt: skip
    return f"Recorded {form.chosen.label.lower()}."
