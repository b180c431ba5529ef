"""Changing what a site has decided. One act, whichever app keeps the figure."""

from __future__ import annotations

from typing import Any

from django.db import models

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.catalog.policies import ladder
from monitoring.core.escalation import refuse_hours
from monitoring.models import CardiacPolicy
from scheduling.models import SitePolicy


def change(*, by: User, site: dict[str, Any], scheduling: dict[str, Any], monitoring: dict[str, Any]) -> Site:
    """Save the site's own fields and both policies; the act lists what changed, old beside new."""
    require(by, Permission.MANAGE_SITE)
    with act("site.changed", by=by, subject=by.site) as entry:
        row = Site.objects.select_for_update().get(pk=by.site_id)
        treatment = SitePolicy.objects.get_or_create(site=row)[0]
        heart = CardiacPolicy.objects.get_or_create(site=row)[0]
        _refuse_lead(by, monitoring.get("lead_oncologist"))
        entry.details = _apply(row, site) | _apply(treatment, scheduling) | _apply(heart, monitoring)
        if found := refuse_hours(ladder(), heart.hours):
            raise Refused(found, {name: [found.sentence] for name in ("lead_after_hours", "coordinator_after_hours")})
    return row


def leads_at(site: Site) -> list[User]:
    """Who may be a site's lead oncologist, by name."""
    people = User.objects.filter(site=site, is_active=True)
    return [person for person in people if person.may(Permission.DECIDE_FLAGS)]


def _refuse_lead(by: User, lead: User | None) -> None:
    if lead is not None and lead.pk not in {person.pk for person in leads_at(by.site)}:
        sentence = "Choose an oncologist of this site."
        raise Refused(Refusal("not-an-oncologist", sentence), {"lead_oncologist": [sentence]})


def _apply(row: models.Model, values: dict[str, Any]) -> dict[str, list[str]]:
    changed = {name: [str(getattr(row, name)), str(new)] for name, new in values.items() if getattr(row, name) != new}
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.full_clean()
        row.save(update_fields=list(changed))
    return changed
