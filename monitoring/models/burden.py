"""From rows to the core's burden: every flag of a site since a day, in a constant number of queries."""

from __future__ import annotations

from datetime import date, datetime, time

from her2tracker.accounts.models import Site
from monitoring.core.burden import Burden, Raised, count
from monitoring.core.lifecycle import Decision, FlagKind
from monitoring.models.flags import CardiacFlag
from monitoring.models.policies import CardiacPolicy
from scheduling.models import Override


def burdens(site: Site, *, now: datetime, since: date | None = None) -> tuple[Burden, ...]:
    """By rule and month, of flags raised from `since` on, or of all."""
    rows = CardiacFlag.objects.at(site).prefetch_related("decisions", "snoozes").order_by("raised_at", "pk")
    if since is not None:
        rows = rows.filter(raised_at__gte=datetime.combine(since, time(), site.zone))
    overridden = _overridden(site)
    found = (_raised(flag, site, (flag.plan_id, flag.fact) in overridden) for flag in rows)
    return count(found, CardiacPolicy.of(site).ladder, now=now)


def _overridden(site: Site) -> set[tuple[int, str]]:
    """Plan and fact of each flag that an override names, as the cardiac clearance writes it."""
    rows = Override.objects.filter(plan__patient__site=site).values_list("plan_id", "objections")
    return {(plan, key.removeprefix("flag:")) for plan, keys in rows for key in keys if key.startswith("flag:")}


def _raised(flag: CardiacFlag, site: Site, overridden: bool) -> Raised:
    first = min(flag.decisions.all(), key=lambda made: (made.recorded_at, made.pk), default=None)
    return Raised(
        fact=flag.fact,
        kind=FlagKind(flag.kind),
        month=site.today(flag.raised_at).replace(day=1),
        raised_at=flag.raised_at,
        decided_at=first.recorded_at if first else None,
        decision=Decision(first.decision) if first else None,
        resolved_at=flag.resolved_at,
        overridden=overridden,
        snoozes=tuple(row.core for row in flag.snoozes.all()),
    )
