"""Calendars of infusions: a person's own and the clinic's, made, ended and fetched."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.paper.infusions import infusions_ics
from her2tracker.clinic.views.calendar import ICS, as_file
from her2tracker.lib.refusals import Refused
from scheduling.actions import infusion_feeds

CLINIC = "clinic"


@permitted(Permission.SHARE_CALENDAR)
@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """Which calendars of infusions are open, and the ways to open and end them."""
    return _page(request)


@permitted(Permission.SHARE_CALENDAR)
@require_POST
def infusions_open(request: HttpRequest) -> HttpResponse:
    """A new address, shown this once. It is in the page and nowhere else: not in the session, not in the log."""
    secret = infusion_feeds.open_feed(by=user_of(request), of_clinic=_of_clinic(request))
    address = request.build_absolute_uri(reverse("infusions-feed", query={"key": secret}))
    return _page(request, address=address, opened=request.POST.get("of"))


@permitted(Permission.SHARE_CALENDAR)
@require_POST
def infusions_end(request: HttpRequest) -> HttpResponse:
    try:
        infusion_feeds.revoke(by=user_of(request), of_clinic=_of_clinic(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Ended the calendar. Its address answers nothing from now on.")
    return redirect("feeds")


@require_safe
def infusions(request: HttpRequest) -> HttpResponse:
    """What a calendar program fetches; an ended or unknown address does not exist."""
    site = infusion_feeds.site_of(request.GET.get("key", ""))
    if site is None:
        raise Http404
    response = as_file(infusions_ics(site, now=timezone.now()), ICS, "infusions.ics")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _of_clinic(request: HttpRequest) -> bool:
    return request.POST.get("of") == CLINIC


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    by = user_of(request)
    return render(request, "clinic/feeds.html", {"feeds": infusion_feeds.feeds_at(by), "site": by.site} | more)
