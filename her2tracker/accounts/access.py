"""The two decorators every view wears: signed in, and permitted. Denials are recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Denied(PermissionDenied):
    """This person may not do this. Carries the permission, for the audit log and the page."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"Your role does not allow you to {permission.label}.")
        self.permission = permission


def user_of(request: HttpRequest) -> User:
    """The signed-in person. Middleware lets nobody else this far."""
    return cast(User, request.user)


def require(by: User, permission: Permission) -> None:
    """Raise Denied unless `by` may. Actions call it too: no path to a write goes round it."""
    if not by.may(permission):
        raise Denied(permission)


def permitted(permission: Permission) -> Callable[[View], View]:
    """Only people with `permission`; the view carries it as `.permission` for the role matrix test."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(user_of(request), permission)
            return view(request, *args, **kwargs)

        wrapper.permission = permission  # type: ignore[attr-defined]
        return cast(View, wrapper)

    return decorate


def open_to_signed_in(view: View) -> View:
    """Marks a view that every signed-in person may open, so that forgetting `permitted` is visible."""
    view.permission = None  # type: ignore[attr-defined]
    return view
