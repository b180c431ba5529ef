"""Nothing but sign-in, health and a patient's own calendar address is open to strangers."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from her2tracker.accounts import second_factor
from her2tracker.accounts.access import user_of

OPEN_PREFIXES = (
    "/account/",
    "/static/",
    "/health/",
    "/local/",
    "/calendar/",
    "/answer/",
)  # the last two: a signed key is the way in
API_PREFIX = "/api/"  # the API answers 401 by itself, without a redirect


# What somebody who must set up a second factor can reach before: setting it up, and leaving.
SET_UP = ("/account/2fa/", "/account/reauthenticate/", "/account/logout/", "/account/login/", "/static/", "/health/")


class SecondFactorRequired:
    """A role that must show a second factor reaches nothing without one, the making of an API token included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path.startswith(SET_UP):
            return self.get_response(request)
        person = user_of(request)
        if not second_factor.is_required_of(person) or second_factor.was_shown(request):
            return self.get_response(request)
        if second_factor.has_one(person):  # set up in this session
            return self.get_response(request)
        if request.path.startswith(API_PREFIX):
            error = {"code": "second-factor-required", "message": "Set up a second factor on your account page first."}
            return JsonResponse({"error": error}, status=403)
        messages.error(request, "Your site asks your role for a second factor. Set one up here, then go on.")
        return redirect("mfa_index")


class SignInRequired:
    """Strangers are sent to sign in; everybody else sees times as their site's clocks show them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with timezone.override(user_of(request).site.zone):
                response = self.get_response(request)
            if not response.has_header("Cache-Control"):
                # Wards share computers: no patient stays in a browser's cache after sign-out.
                add_never_cache_headers(response)
            return response
        if request.path.startswith((*OPEN_PREFIXES, API_PREFIX)):
            return self.get_response(request)
        return redirect_to_login(request.get_full_path())
