"""Every operation names its permission; one that forgets is closed, not open."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from her2tracker.accounts.access import require
from her2tracker.accounts.roles import Permission


class HasPermission(BasePermission):
    """Reads the view's `permissions` table: {"GET": Permission.X, "POST": None}; None is every signed-in person."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        table: dict[str, Permission | None] = getattr(view, "permissions", {})
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        permission = table.get(method)
        if permission is not None:
            require(request.user, permission)
        return method in table or method not in view.allowed_methods
