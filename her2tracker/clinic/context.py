"""What the frame of every page needs: the person's places, the heartbeat, the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission, Role
from her2tracker.audit.history_checks import last_check
from her2tracker.clinic.demo import SIGN_INS
from monitoring.heartbeat import last_heartbeat

PLACE_LABELS = {
    "today": "Today",
    "chairs": "Chairs",
    "flags": "Flags",
    "releases": "Release",
    "queue": "Queue",
    "patients": "Patients",
    "forecast": "Forecast",
    "regimens": "Regimens",
    "reminders": "Reminders",
    "adherence": "Reports",
    "site-settings": "Site settings",
    "people": "People",
}
# Pages beside a place's own that belong to it.
SECTIONS = {"adherence": "/reports/"}


def frame(request: HttpRequest) -> dict[str, Any]:
    common: dict[str, Any] = {"is_local": settings.LOCAL, "outbox_visible": settings.MAIL_OUTBOX_VISIBLE}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        oidc = settings.OIDC_NAME if settings.OIDC_URL else ""
        return common | {"demo_sign_ins": SimpleLazyObject(_demo_sign_ins), "oidc_name": oidc}
    return common | {
        "places": _places(user.role, request.path),
        "heartbeat": last_heartbeat(user.site, timezone.now()),
        "record_faults": _record_faults(user),
        "person": {"name": str(user), "role_label": user.role_label},
        "site": user.site,
        "may": may(user),
    }


def _record_faults(user: User) -> int:
    """Told on every page of whoever can do something about it."""
    if not user.may(Permission.CHECK_HISTORY):
        return 0
    last = last_check()
    return last.faults if last else 0


def may(by: User) -> dict[str, bool]:
    """Each permission by its name, for `{% if may.record_administrations %}`."""
    permissions = by.permissions
    return {permission.name.lower(): permission in permissions for permission in Permission}


def _demo_sign_ins() -> list[dict[str, str]]:
    """Shown on the sign-in page of a laptop's demo, and nowhere else."""
    if not settings.LOCAL or not Site.objects.filter(is_demo=True).exists():
        return []
    return [{"role_label": role, "email": email, "password": password} for role, email, password in SIGN_INS]


def _places(role: str, path: str) -> list[dict[str, Any]]:
    names = Role(role).definition.places if role else ()
    urls = {name: reverse(name) for name in names}
    return [
        {"label": PLACE_LABELS[name], "url": url, "current": path.startswith(SECTIONS.get(name, url))}
        for name, url in urls.items()
    ]
