"""The first page after signing in: each role's own place."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from her2tracker.accounts.access import open_to_signed_in, user_of
from her2tracker.accounts.roles import Role


@open_to_signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the role's home; without a role, a page that says whom to ask."""
    user = user_of(request)
    if user.role:
        return redirect(Role(user.role).definition.home)
    return render(request, "clinic/no_role.html", {"user_email": user.email})
