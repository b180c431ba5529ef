"""The ledger of messages: what was owed, sent, refused, and what a person must do about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, require, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from monitoring import lookups
from monitoring.actions import failed_messages, saved_lists, urgent
from monitoring.actions import reminders as actions
from monitoring.forms.desk import AddressForm, CameBackForm, ToldForm
from monitoring.models import Reminder
from monitoring.words import ReminderState

PAGE = 50


@permitted(Permission.VIEW_REMINDERS)
@require_safe
def reminders(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    wanted = request.GET.get("state", "")
    at_site = Reminder.objects.filter(site=user.site_id)
    counts = dict(at_site.order_by().values_list("state").annotate(Count("pk")))
    rows = at_site.select_related("recipient", "patient").defer("text", "html")
    if wanted in list(ReminderState):
        rows = rows.filter(state=wanted)
    filters = [{"label": "All", "url": "?", "current": not wanted, "count": sum(counts.values())}] + [
        {"label": s.label, "url": f"?state={s.value}", "current": s == wanted, "count": counts.get(s.value, 0)}
        for s in ReminderState
        if counts.get(s.value) or s == wanted
    ]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "filters": filters,
        "query": f"state={wanted}" if wanted in list(ReminderState) else "",
    }
    context["saved"] = saved_lists.lists_of(user, "reminders") if user.may(Permission.VIEW_PATIENTS) else ()
    return render(request, "monitoring/reminders.html", context)


@permitted(Permission.VIEW_REMINDERS)
@require_http_methods(["GET", "POST"])
def reminder(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One message; posting sends a failed one again. Its body is for those who may see patients."""
    user = user_of(request)
    row = lookups.reminder_for(user, uuid)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    address = AddressForm(request.POST if act == "correct" else None, initial={"address": row.present_address})
    told = ToldForm(request.POST if act == "settle" else None)
    back = CameBackForm(request.POST if act == "came-back" else None)
    forms: dict[str, AddressForm | ToldForm | CameBackForm] = {"correct": address, "settle": told, "came-back": back}
    if request.method == "POST" and _acted(request, user, row, act, forms.get(act)):
        return redirect("reminder", row.uuid)
    may_read = user.may(Permission.VIEW_PATIENTS)
    text, html = urgent.written(row) if may_read else ("", "")
    context = {
        "row": row, "may_read": may_read, "text": text, "html": html, "is_written": bool(row.text),
        "address_form": address, "told_form": told, "back_form": back,
    }  # fmt: skip
    bad = any(form.errors for form in forms.values())
    return render(request, "monitoring/reminder.html", context, status=422 if bad else 200)


_SAID = {"settle": "Settled: it is not sent again.", "came-back": "It came back, and is a task of the queue now."}


def _acted(
    request: HttpRequest, user: User, row: Reminder, act: str, form: AddressForm | ToldForm | CameBackForm | None
) -> bool:
    """Whether the page may be shown anew; a refusal stands beside its field."""
    if form is not None and not form.is_valid():
        return False
    try:
        if form is None:
            actions.retry(by=user, reminder=row, now=timezone.now())
        elif act == "correct":
            failed_messages.correct(by=user, reminder=row, **form.cleaned_data)
        elif act == "settle":
            require(user, Permission.VIEW_PATIENTS)
            failed_messages.settle(by=user, reminder=row, **form.cleaned_data)
        else:
            failed_messages.came_back(by=user, reminder=row, **form.cleaned_data)
    except Refused as refused:
        if form is None:
            messages.error(request, str(refused))
            return True
        tell(form, refused)
        return False
    said = f"Queued again for {row.present_address}. It is sent within a minute."
    messages.success(request, _SAID.get(act, said))
    return True


@permitted(Permission.VIEW_PATIENTS)
@require_safe
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]
    {
        "default-src": ["'none'"],
        "script-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "frame-ancestors": ["'self'"],
    }
)
def reminder_html(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The HTML body alone, for a frame without scripts: its styles are inline, as mail needs them."""
    user = user_of(request)
    require(user, Permission.VIEW_PATIENTS)
    row = lookups.reminder_for(user, uuid)
    _, html = urgent.written(row)
    if not html:
        raise Http404
    return HttpResponse(html)
