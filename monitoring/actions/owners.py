"""Taking a task of the queue, handing it over, and saying when it is taken up next."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission, Role
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.core.owners import refuse_next
from monitoring.models import QueueOwner
from scheduling.models import Patient


def people(site: Site) -> list[User]:
    """Whose a task may be: who has the queue. Nobody can own what they cannot see."""
    return [one for one in User.objects.filter(site=site, is_active=True) if one.may(Permission.VIEW_QUEUE)]


def roles() -> list[Role]:
    """Roles that have the queue: a task may be whoever's of them is in."""
    return [role for role in Role if Permission.VIEW_QUEUE in role.definition.permissions]


def assign(
    *,
    by: User,
    key: str,
    owner: User | None = None,
    role: Role | None = None,
    next_on: date | None = None,
    note: str = "",
    patient: Patient | None = None,
) -> QueueOwner:
    """Say whose a task is and when the next step is taken; what is named takes the place of what was."""
    require(by, Permission.VIEW_QUEUE)
    _refuse(by, owner, role, next_on)
    with act("queue.assigned", by=by, patient=patient, reason=note.strip()) as entry:
        # the site's row is the lock: two people who take one task are one after the other
        Site.objects.select_for_update().get(pk=by.site_id)
        values = {
            "owner": owner, "role": role.value if role else "", "next_on": next_on, "note": note.strip()[:300],
            "recorded_by": by, "recorded_at": timezone.now(),
        }  # fmt: skip
        made, _ = QueueOwner.objects.update_or_create(site=by.site, key=key, defaults=values)
        entry.subject = made
        entry.details = {"owner": made.name, "next": str(next_on or ""), "task": key.split(":")[0]}
    return made


def owners_of(site: Site) -> dict[str, QueueOwner]:
    """By the task's key. One query."""
    return {row.key: row for row in QueueOwner.objects.filter(site=site).select_related("owner")}


def _refuse(by: User, owner: User | None, role: Role | None, next_on: date | None) -> None:
    if owner is not None and role is not None:
        told = "Name a person or a role, not both."
        raise Refused(Refusal("two-owners", told), {"owner": [told]})
    if owner is not None and owner.pk not in {one.pk for one in people(by.site)}:
        told = "Choose somebody of this site who has the queue."
        raise Refused(Refusal("not-an-owner", told), {"owner": [told]})
    if role is not None and role not in roles():
        told = "Choose a role that has the queue."
        raise Refused(Refusal("not-an-owner", told), {"owner": [told]})
    if found := refuse_next(next_on, today=by.site.today()):
        raise Refused(found, {"next_on": [found.sentence]})
