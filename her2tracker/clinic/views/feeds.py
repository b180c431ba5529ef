"""Calendars of infusions: those a nurse has, a person's own address and the clinic's, made, ended and fetched."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.clinic.paper.infusions import infusions_ics
from her2tracker.clinic.views.calendar import ICS, as_file
from her2tracker.lib.refusals import Refused
from scheduling.actions import infusion_feeds
from scheduling.words import InfusionsOf


@permitted(Permission.SHARE_CALENDAR)
@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """Which calendars of infusions are open, and the ways to open and end them."""
    return _page(request)


@permitted(Permission.SHARE_CALENDAR)
@require_POST
def infusions_open(request: HttpRequest) -> HttpResponse:
    """A new address, shown this once. It is in the page and nowhere else: not in the session, not in the log."""
    secret = infusion_feeds.open_feed(by=user_of(request), of=_of(request))
    address = request.build_absolute_uri(reverse("infusions-feed", query={"key": secret}))
    return _page(request, address=address, opened=_titles(user_of(request))[_of(request)][0])


@permitted(Permission.SHARE_CALENDAR)
@require_POST
def infusions_end(request: HttpRequest) -> HttpResponse:
    try:
        infusion_feeds.revoke(by=user_of(request), of=_of(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Ended the calendar. Its address answers nothing from now on.")
    return redirect("feeds")


@require_safe
def infusions(request: HttpRequest) -> HttpResponse:
    """What a calendar program fetches; an ended or unknown address does not exist."""
    feed = infusion_feeds.feed_of(request.GET.get("key", ""))
    if feed is None:
        raise Http404
    nurse = feed.person if feed.assigned else None
    response = as_file(infusions_ics(feed.site, now=timezone.now(), nurse=nurse), ICS, "infusions.ics")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _of(request: HttpRequest) -> InfusionsOf:
    try:
        return InfusionsOf(request.POST.get("of", InfusionsOf.OWN))
    except ValueError as error:
        raise Http404 from error


def _titles(by: User) -> dict[InfusionsOf, tuple[str, str]]:
    """What each calendar holds, in a title and a sentence; the nearest to one's own work first."""
    ends = "It ends by itself with your role, your account, or your move to another site."
    assigned = "What you have taken or were given, on its day. What moves, or goes to a colleague, leaves it."
    found = {InfusionsOf.ASSIGNED: ("Assigned to you", f"{assigned} {ends}")} if _takes(by) else {}
    return found | {
        InfusionsOf.OWN: ("The whole site, for you", f"Every infusion of {by.site.name}. {ends}"),
        InfusionsOf.CLINIC: ("The whole site, for everybody", "One for the whole clinic, for a screen that all see."),
    }


def _takes(by: User) -> bool:
    return by.may(Permission.TAKE_INFUSIONS)


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    by = user_of(request)
    found = infusion_feeds.feeds_at(by)
    kinds = [
        {"of": of.value, "title": title, "sentence": sentence, "feed": found.get(of.value)}
        for of, (title, sentence) in _titles(by).items()
    ]
    return render(request, "clinic/feeds.html", {"kinds": kinds} | more)
