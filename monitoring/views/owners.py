"""Whose each task is, and the end of the day: nothing is left without an owner and a next date."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import next_url, tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring.actions import owners as actions
from monitoring.actions.queue_items import Item, items_at
from monitoring.forms.desk import OwnerForm
from monitoring.views.queue import Line


@permitted(Permission.VIEW_QUEUE)
@require_http_methods(["GET", "POST"])
def queue_owner(request: HttpRequest) -> HttpResponse:
    """`?key=` one task: whose it is, when the next step is taken."""
    by = user_of(request)
    item = _item(by, request.POST.get("key") or request.GET.get("key", ""))
    back = next_url(request, reverse("queue"))
    form = OwnerForm(by.site, request.POST if request.method == "POST" else None, initial=_initial(item))
    if form.is_valid():
        try:
            made = actions.assign(by=by, key=item.key, patient=item.patient, **form.values())
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"{item.task.title}: {made.name or 'nobody yet'}.")
            return redirect(back)
    context = {"form": form, "line": Line(item), "back": back, "crumbs": [("Queue", reverse("queue"))]}
    return render(request, "monitoring/queue_owner.html", context, status=422 if form.errors else 200)


@permitted(Permission.VIEW_QUEUE)
@require_POST
def queue_take(request: HttpRequest) -> HttpResponse:
    """One press: it is mine. The day of the next step stays as it was said."""
    by = user_of(request)
    item = _item(by, request.POST.get("key", ""))
    kept = item.owner.next_on if item.owner and item.owner.next_on and item.owner.next_on >= item.today else None
    actions.assign(by=by, key=item.key, owner=by, next_on=kept, patient=item.patient)
    messages.success(request, f"Yours: {item.task.title}{f', {item.patient}' if item.patient else ''}.")
    return redirect(next_url(request, reverse("queue")))


@permitted(Permission.VIEW_QUEUE)
@require_http_methods(["GET", "POST"])
def queue_close(request: HttpRequest) -> HttpResponse:
    """The end of the day: what has no owner or no next date, each with the two fields that give it one."""
    by = user_of(request)
    lacking = [item for item in items_at(by.site, by.site.today()) if item.lacks]
    rows = [(item, _row_form(by, request, item, number)) for number, item in enumerate(lacking)]
    saved, wrong = 0, False
    if request.method == "POST":
        saved, wrong = _save(by, rows, _day(request.POST.get("all_next_on", "")))
        if saved:
            messages.success(request, f"{saved} {'task has' if saved == 1 else 'tasks have'} what was missing.")
        if not wrong:
            return redirect("queue-close")
    context = {
        "rows": [(Line(item), form) for item, form in rows],
        "unowned": sum(item.is_unowned for item in lacking),
        "today": by.site.today(),
        "wrong": wrong,
        "crumbs": [("Queue", reverse("queue"))],
    }
    return render(request, "monitoring/queue_close.html", context, status=422 if wrong else 200)


def _row_form(by: User, request: HttpRequest, item: Item, number: int) -> OwnerForm:
    """A row that was posted under the same key is read; a task that came meanwhile starts with what is known."""
    prefix = f"row{number}"
    posted = request.method == "POST"
    if posted:
        keys = {name: value for name, value in request.POST.items() if name.endswith("-key")}
        prefix = next((name.removesuffix("-key") for name, value in keys.items() if value == item.key), "")
        posted = bool(prefix)
    initial = _initial(item) | ({} if item.owner else {"owner": f"person:{by.uuid}"})
    form = OwnerForm(by.site, request.POST if posted else None, prefix=prefix or f"row{number}", initial=initial)
    del form.fields["note"]
    return form


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _save(by: User, rows: list[tuple[Item, OwnerForm]], otherwise: date | None) -> tuple[int, bool]:
    """Each row for itself: what one lacks keeps no other back. `otherwise` is the day for rows that name none."""
    saved, wrong = 0, False
    for item, form in rows:
        if not form.is_bound:
            continue
        if not form.is_valid():
            wrong = True
            continue
        form.cleaned_data["note"] = item.owner.note if item.owner else ""
        values = form.values()
        values["next_on"] = values["next_on"] or otherwise
        if values["owner"] is None and values["role"] is None and values["next_on"] is None:
            continue
        try:
            actions.assign(by=by, key=item.key, patient=item.patient, **values)
        except Refused as refused:
            tell(form, refused)
            wrong = True
        else:
            saved += 1
    return saved, wrong


def _item(by: User, key: str) -> Item:
    """One of the tasks that stand now; a key of anything else is unknown."""
    found = next((item for item in items_at(by.site, by.site.today()) if item.key == key), None)
    if found is None:
        raise Http404
    return found


def _initial(item: Item) -> dict[str, Any]:
    one = item.owner
    person = f"person:{one.owner.uuid}" if one and one.owner else ""
    role = f"role:{one.role}" if one and one.role else ""
    return {"owner": person or role, "next_on": _ahead(item.next_on, item.today), "note": one.note if one else ""}


def _ahead(on: date | None, today: date) -> date | None:
    return on if on and on >= today else None
