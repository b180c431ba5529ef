"""The rehearsal of a draft: the page that both approvers read and sign."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from her2tracker.accounts.access import permitted, require, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import catalog, lookups
from scheduling.actions import drafts
from scheduling.core import governance
from scheduling.core.governance import DraftState
from scheduling.forms.drafts import SignForm
from scheduling.models import RegimenDraft


@permitted(Permission.DRAFT_REGIMENS)
@require_http_methods(["GET", "POST"])
def draft_rehearsal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every dose of every dummy, on time and late. Posting signs it, and the second signature publishes."""
    user, row = user_of(request), lookups.draft_for(user_of(request), uuid)
    try:
        found = drafts.read(row)
    except Refused:
        return redirect("regimen-draft", uuid)
    form = SignForm(request.POST if request.method == "POST" else None, initial={"rehearsal": found.digest})
    if request.method == "POST":
        require(user, Permission.APPROVE_REGIMENS)
    if form.is_valid():
        try:
            signed = drafts.sign(by=user, draft=row, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
            form.data = {"statement": form.cleaned_data["statement"], "rehearsal": found.digest}
        else:
            messages.success(request, _done(signed))
            return redirect("regimen-draft", uuid)
    context = {
        "draft": row,
        "found": found,
        "rehearsal": found.rehearsal,
        "dummies": catalog.dummies(),
        "form": form,
        "refusal": _refusal(user, row, found),
    }
    return render(request, "scheduling/rehearsal.html", context, status=422 if form.errors else 200)


def _done(signed: RegimenDraft) -> str:
    if signed.state == DraftState.APPROVED:
        return f"Signed. {signed} is published: it can be ordered at {signed.site}."
    return f"Signed the rehearsal of {signed}. One more signature publishes it."


def _refusal(user: User, row: RegimenDraft, found: drafts.Read) -> Refusal | None:
    """Why this person cannot sign now, apart from what they still have to write."""
    return governance.refuse_sign(
        DraftState(row.state),
        is_author=row.recorded_by_id == user.pk,
        has_signed=any(one.recorded_by_id == user.pk for one in row.signed),
        statement="…",
        shown=found.digest,
        rehearsal=found.digest,
    )
