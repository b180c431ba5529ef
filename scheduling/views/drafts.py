"""A site's own regimens while they are written: who waits for whom, what changes, and the file itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.catalog import documents
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import drafts, regimens
from scheduling.core.governance import OWN, DraftState
from scheduling.forms.drafts import EditDraftForm, NewDraftForm, ReasonForm, SubmitForm
from scheduling.models import RegimenDraft, RegimenVersion
from scheduling.views.library import Fact, tabs

SHOWN_ENDED = 20


@permitted(Permission.DRAFT_REGIMENS)
@require_safe
def draft_list(request: HttpRequest) -> HttpResponse:
    """What is written or reviewed now, and what became of the last ones."""
    user = user_of(request)
    rows = RegimenDraft.objects.filter(site=user.site).select_related("recorded_by", "published", "based_on")
    rows = rows.defer("text").prefetch_related("signatures__recorded_by")
    waiting = [DraftState.DRAFT, DraftState.UNDER_REVIEW]
    context = {
        "tabs": tabs(user, "drafts"),
        "open": rows.filter(state__in=waiting),
        "ended": rows.exclude(state__in=waiting)[:SHOWN_ENDED],
    }
    return render(request, "scheduling/drafts.html", context)


@permitted(Permission.DRAFT_REGIMENS)
@require_http_methods(["GET", "POST"])
def draft_new(request: HttpRequest) -> HttpResponse:
    """From a file, from nothing, or from a published version: `?of=<id>/<version>`."""
    user = user_of(request)
    base = _base(user, request.POST.get("of") or request.GET.get("of", ""))
    initial = {"of": f"{base.key}/{base.version}", "text": next_text(user, base)} if base else {}
    form = NewDraftForm(*_sent(request), initial=initial)
    if form.is_valid():
        try:
            draft = drafts.create(by=user, text=form.cleaned_data["text"], based_on=base)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Saved the draft of {draft}. Read its rehearsal, then submit it for review.")
            return redirect("regimen-draft", draft.uuid)
    context = {"form": form, "base": base, "here": f"New version of {base.name}" if base else "New regimen"}
    return render(request, "scheduling/draft_edit.html", context, status=422 if form.errors else 200)


@permitted(Permission.DRAFT_REGIMENS)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One draft: its state, what it changes, who signed. Posting submits it for review."""
    user = user_of(request)
    row = lookups.draft_for(user, uuid)
    form = SubmitForm(
        request.POST if request.method == "POST" else None,
        initial={"revision": row.revision, "change_note": row.change_note},
    )
    if form.is_valid():
        try:
            drafts.submit(by=user, draft=row, **form.cleaned_data)
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"Submitted {row}. Two others must sign its rehearsal.")
            return redirect("regimen-draft", uuid)
    context = {"draft": row, "form": form, "is_author": row.recorded_by_id == user.pk, **_said(row)}
    context["may_sign"] = user.pk not in {row.recorded_by_id, *(one.recorded_by_id for one in row.signed)}
    return render(request, "scheduling/draft.html", context, status=422 if form.errors else 200)


@permitted(Permission.DRAFT_REGIMENS)
@require_http_methods(["GET", "POST"])
def draft_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The file in a field. When it was changed meanwhile, the difference is shown, and saving again is a choice."""
    user, row = user_of(request), lookups.draft_for(user_of(request), uuid)
    initial = {"text": row.text, "revision": row.revision}
    form = EditDraftForm(*_sent(request), initial=initial)
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            drafts.edit(by=user, draft=row, text=text, revision=form.cleaned_data["revision"])
        except Refused as refused:
            tell(form, refused)
            form.data = {**form.data, "text": text, "revision": str(lookups.draft_for(user, uuid).revision)}
        else:
            messages.success(request, f"Saved the draft of {row}.")
            return redirect("regimen-draft", uuid)
    context = {"form": form, "draft": row, "here": f"Edit {row}"}
    return render(request, "scheduling/draft_edit.html", context, status=422 if form.errors else 200)


@permitted(Permission.DRAFT_REGIMENS)
@require_http_methods(["GET", "POST"])
def draft_send_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _act(
        request, uuid, drafts.send_back, title="Send back to the author", done="Sent {} back to its author.",
        text="It becomes a draft again. Signatures given in this review fall away.",
    )  # fmt: skip


@permitted(Permission.DRAFT_REGIMENS)
@require_http_methods(["GET", "POST"])
def draft_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _act(
        request, uuid, drafts.withdraw, title="Give up this draft", done="Gave up the draft of {}.",
        text="It stays on record and can be read, and never be published.", stops=True,
    )  # fmt: skip


@permitted(Permission.DRAFT_REGIMENS)
@require_safe
def draft_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = lookups.draft_for(user_of(request), uuid)
    return as_file(row.text, f"{row.key}-v{row.version}.toml")


def as_file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def next_text(user: User, base: RegimenVersion) -> str:
    """The version's file under the id and version that the site's next one has."""
    key = base.key if base.key.startswith(OWN) else f"{OWN}{base.key}"
    newest = RegimenVersion.objects.filter(site=user.site, key=key).order_by("-version").first()
    text = re.sub(r"(?m)^id\s*=.*$", f'id = "{key}"', regimens.text_of(base), count=1)
    return re.sub(r"(?m)^version\s*=.*$", f"version = {newest.version + 1 if newest else 1}", text, count=1)


def _act(
    request: HttpRequest,
    uuid: UUID,
    action: Callable[..., RegimenDraft],
    *,
    title: str,
    done: str,
    text: str,
    stops: bool = False,
) -> HttpResponse:
    """An act on a draft that asks for nothing but its reason."""
    user, row = user_of(request), lookups.draft_for(user_of(request), uuid)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            action(by=user, draft=row, reason=form.cleaned_data["reason"])
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, done.format(row))
            return redirect("regimen-draft", uuid)
    context = {
        "form": form, "subject": row, "title": title, "text": text, "stops": stops,
        "back": reverse("regimen-draft", args=[uuid]), "back_label": str(row),
    }  # fmt: skip
    return render(request, "scheduling/regimen_act.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _base(user: User, of: str) -> RegimenVersion | None:
    key, _, version = of.partition("/")
    if not of:
        return None
    if not version.isdecimal() or len(version) > 4:
        raise Http404
    return lookups.regimen_for(user.site_id, key, int(version))


def _said(row: RegimenDraft) -> dict[str, Any]:
    """What the draft's file says; `unread` when the product no longer takes it."""
    told = [(act, sentence(act)) for act in Act.objects.filter(subject_uuid=row.uuid).order_by("-at", "-id")]
    try:
        found = drafts.read(row)
    except Refused as refused:
        return {"unread": refused, "acts": told}
    core = found.upload.regimen
    return {
        "core": core,
        "changes": drafts.changes(row, found.upload),
        "facts": [Fact(f.words, f.citation, documents().get(f.citation.document)) for f in core.cited_facts],
        "acts": told,
        "rehearsal": found.rehearsal,
    }
