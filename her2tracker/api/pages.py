"""The two pages about the API: a person's token, and the document to browse."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from drf_spectacular.views import SpectacularSwaggerSplitView

from her2tracker.accounts.access import open_to_signed_in, user_of
from her2tracker.api import tokens


@login_required
@open_to_signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def api_token(request: HttpRequest) -> HttpResponse:
    """Make, replace or revoke your own token. A new one is shown on this answer, and never again."""
    user, shown = user_of(request), ""
    if request.POST.get("act") == "revoke":
        if tokens.revoke(by=user):
            messages.success(request, "Revoked the API token. Programs that used it are refused from now on.")
        return redirect("account-api-token")
    if request.method == "POST":
        shown = tokens.issue(by=user)
    return render(request, "accounts/api_token.html", {"token": tokens.token_of(user), "shown": shown})


_browser = SpectacularSwaggerSplitView.as_view(
    url_name="schema", title="her2tracker API", template_name="accounts/api_docs.html"
)
docs = login_required(_browser)
