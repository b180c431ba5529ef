"""Which trade number is on which product: what the scanner knows at this site."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.pages import tell
from her2tracker.accounts.roles import Permission
from her2tracker.lib.refusals import Refused
from scheduling import lookups
from scheduling.actions import trade_numbers as actions
from scheduling.forms.products import TradeNumberForm
from scheduling.models import TradeNumber


@permitted(Permission.MANAGE_SITE)
@require_http_methods(["GET", "POST"])
def trade_numbers(request: HttpRequest) -> HttpResponse:
    """What is known, what was scanned and is not, and the form to say it; `?number=` fills it."""
    by = user_of(request)
    form = TradeNumberForm(
        request.POST if request.method == "POST" else None, initial={"number": request.GET.get("number", "")[:400]}
    )
    if form.is_valid():
        try:
            made = actions.add(by=by, **form.said())
        except Refused as refused:
            tell(form, refused)
        else:
            messages.success(request, f"{made.gtin} is {made.product}. Scanned bags say so from now on.")
            return redirect("trade-numbers")
    context = {
        "form": form,
        "known": TradeNumber.objects.standing().filter(site=by.site_id).select_related("recorded_by"),
        "unknown": actions.unknown_at(by.site),
        "crumbs": [("Site settings", reverse("site-settings"))],
    }
    return render(request, "scheduling/trade_numbers.html", context, status=422 if form.errors else 200)


@permitted(Permission.MANAGE_SITE)
@require_POST
def trade_number_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    by = user_of(request)
    number = lookups.trade_number_for(by, uuid)
    try:
        actions.end(by=by, number=number)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{number.gtin} says nothing from now on. What was recorded with it stays.")
    return redirect("trade-numbers")
