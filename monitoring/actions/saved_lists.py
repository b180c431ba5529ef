"""A list under a name: the address of a page with its filter, for oneself or for a role."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission, Role
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.models import SavedList

# The lists whose filters are worth a name, and which parts of their address are the filter.
PAGES: dict[str, tuple[str, ...]] = {"queue": ("show", "whose"), "reminders": ("state",)}


def save(*, by: User, page: str, query: str, name: str, role: Role | None = None) -> SavedList:
    """Keep the filter of a list under a name; with `role`, everybody of it at the site sees it."""
    require(by, Permission.VIEW_PATIENTS)
    if page not in PAGES:
        raise Refused(Refusal("no-list", "This page has no filter to keep."))
    if not name.strip():
        raise Refused(Refusal("name-missing", "Name the list."), {"name": ["Name the list."]})
    with act("list.saved", by=by, reason="") as entry:
        try:
            with transaction.atomic():
                made = SavedList.objects.create(
                    site=by.site, name=name.strip()[:60], page=page, query=clean(page, query),
                    role=role.value if role else "", recorded_by=by,
                )  # fmt: skip
        except IntegrityError:
            told = "You have a list of this name already."
            raise Refused(Refusal("name-taken", told), {"name": [told]}) from None
        entry.subject, entry.details = made, {"name": made.name, "role": made.role}
    return made


def remove(*, by: User, saved: SavedList) -> None:
    """By whoever saved it."""
    require(by, Permission.VIEW_PATIENTS)
    if saved.recorded_by_id != by.pk:
        raise Refused(Refusal("not-yours", f"{saved.recorded_by} saved this list, and can remove it."))
    with act("list.removed", by=by, subject=saved) as entry:
        entry.details = {"name": saved.name}
        SavedList.objects.filter(pk=saved.pk).delete()


def lists_of(by: User, page: str) -> QuerySet[SavedList]:
    """One's own, and those shared with one's role, by name."""
    shared = Q(role=by.role) if by.role else Q(pk=None)
    rows = SavedList.objects.filter(site=by.site_id, page=page).filter(Q(recorded_by=by) | shared)
    return rows.select_related("recorded_by")


def clean(page: str, query: str) -> str:
    """The filter alone, in its own order: no page number, no words that the page does not know."""
    asked = {name: value for name, value in parse_qsl(query.lstrip("?")) if name in PAGES[page]}
    return urlencode({name: asked[name][:40] for name in PAGES[page] if name in asked})
