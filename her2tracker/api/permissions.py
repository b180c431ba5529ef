"""Every operation names its permission; one that forgets is closed, not open."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from her2tracker.accounts.access import require
from her2tracker.accounts.roles import Permission


class HasPermission(BasePermission):
    """Reads the view's `permissions` table: {"GET": Permission.X, "POST": Permission.Y}."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        table: dict[str, Permission] = getattr(view, "permissions", {})
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        if method in table:
            require(request.user, table[method])  # type: ignore[arg-type]
        return method in table or method not in view.allowed_methods
