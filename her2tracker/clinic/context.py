"""What the frame of every page needs: the person's places, the heartbeat, the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.roles import Permission, Role
from monitoring.heartbeat import last_heartbeat

PLACE_LABELS = {
    "today": "Today",
    "flags": "Flags",
    "queue": "Queue",
    "patients": "Patients",
    "regimens": "Regimens",
    "reminders": "Reminders",
    "site-settings": "Site settings",
    "people": "People",
}


def frame(request: HttpRequest) -> dict[str, Any]:
    common = {"is_local": settings.LOCAL, "outbox_visible": settings.MAIL_OUTBOX_VISIBLE}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return common
    return common | {
        "places": _places(user.role, request.path),
        "heartbeat": last_heartbeat(user.site, timezone.now()),
        "person": {"name": str(user), "role_label": user.role_label},
        "site": user.site,
        "may": {permission.name.lower(): user.may(permission) for permission in Permission},
    }


def _places(role: str, path: str) -> list[dict[str, Any]]:
    names = Role(role).definition.places if role else ()
    urls = {name: reverse(name) for name in names}
    return [
        {"label": PLACE_LABELS[name], "url": url, "current": path == url or path.startswith(url)}
        for name, url in urls.items()
    ]
