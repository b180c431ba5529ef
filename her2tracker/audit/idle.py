"""Leaving by itself: a session ends after some minutes without a sign of life, or after a working day.

Wards share computers. What somebody sent just then is kept for them, unrecorded, until they have signed in again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import SuspiciousOperation
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError

from her2tracker.accounts.access import user_of
from her2tracker.accounts.models import User
from her2tracker.audit.acts import record

BEGAN, SEEN, DRAFT, WHY = "began_at", "seen_at", "draft", "signed_out_because"
SESSION_HOURS = 10  # the cookie lives a little longer, so that the end of a day finds whose it was
NOTED_EVERY_SECONDS = 60  # one write a minute, not one for each page
LARGEST_DRAFT = 50_000  # characters
POLL = "X-Poll"  # a page that only looks whether something changed: no sign of life
UNSEEN = ("revision", "next", "key")  # a form's own, which nobody typed
NEVER_KEPT = ("/account/", "/local/")


@receiver(user_logged_in)
def begin(request: HttpRequest, **_: Any) -> None:
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    request.session.pop(WHY, None)


class SignedOutWhenIdle:
    """Needs the session and its user; comes before whatever sends strangers to the sign-in page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        person, now = user_of(request), int(time.time())
        why = _over(request, person, now)
        if why:
            return _signed_out(request, person, why)
        is_poll = POLL in request.headers
        if not is_poll and now - int(request.session.get(SEEN, now)) >= NOTED_EVERY_SECONDS:
            request.session[SEEN] = now
        if request.method == "GET" and not is_poll and not request.headers.get("HX-Request"):
            _hand_back(request, person)
        return self.get_response(request)


def _over(request: HttpRequest, person: User, now: int) -> str:
    began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, now)
    minutes = person.site.idle_minutes
    if minutes is not None and now - seen >= minutes * 60:
        return f"You were signed out after {minutes} minutes without a sign of life."
    if now - began >= SESSION_HOURS * 3600:
        return f"You were signed out: a sign-in lasts {SESSION_HOURS} hours."
    return ""


def _signed_out(request: HttpRequest, person: User, why: str) -> HttpResponse:
    draft = _draft(request, person)
    record("person.timed-out", by=person, subject=person, kept=draft is not None)
    logout(request)
    request.session[WHY] = why
    if draft is not None:
        request.session[DRAFT] = draft
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"code": "signed-out", "message": why}}, status=401)
    if POLL in request.headers:
        return HttpResponse(status=401)
    back = redirect_to_login(_page(request) or request.get_full_path())
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": back["Location"]})
    return back


def _page(request: HttpRequest) -> str:
    """The page on which something was typed or pressed; empty when the browser does not say, or names another's."""
    source = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    parts = urlsplit(source)
    if parts.netloc != request.get_host() or (request.method == "GET" and not request.headers.get("HX-Request")):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _draft(request: HttpRequest, person: User) -> dict[str, Any] | None:
    """What was sent from a page of ours. Nobody else's page may put words into somebody's form."""
    page = _page(request)
    if request.method != "POST" or not page or request.path.startswith(NEVER_KEPT):
        return None
    try:
        fields = [[name, value] for name, values in request.POST.lists() for value in values]
        files = sorted(request.FILES)
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return None
    fields = [pair for pair in fields if pair[0] != "csrfmiddlewaretoken"]
    if not fields or len(json.dumps(fields)) > LARGEST_DRAFT:
        return None
    return {"person": person.pk, "page": page, "action": request.path, "fields": fields, "files": files}


def _hand_back(request: HttpRequest, person: User) -> None:
    """To the page it was typed on, once, and to nobody but whoever typed it."""
    draft = request.session.get(DRAFT)
    if draft is None:
        return
    if draft["person"] != person.pk:
        del request.session[DRAFT]
    elif draft["page"] == request.get_full_path():
        del request.session[DRAFT]
        typed = [(name.replace("_", " "), value) for name, value in draft["fields"] if value and name not in UNSEEN]
        request.draft = draft | {"json": json.dumps(draft), "typed": typed}  # type: ignore[attr-defined]
