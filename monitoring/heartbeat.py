"""When the checks last ran, for every page; red for everybody when they did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from her2tracker.accounts.models import Site
from her2tracker.lib.dates import in_words
from monitoring.models import SweepRun
from monitoring.words import SweepName

STALE_AFTER = timedelta(hours=26)  # DESIGN: red past 26 h, so that one missed night shows
CHECKS = (SweepName.OVERDUE, SweepName.DROPS)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    at: datetime | None
    text: str
    stale: bool


def last_heartbeat(site: Site, now: datetime) -> Heartbeat:
    """The older of the two checks' last runs: both must have run for the page to be trusted."""
    runs = dict(
        SweepRun.objects.filter(site=site, name__in=CHECKS)
        .order_by("name", "-last_at")
        .distinct("name")
        .values_list("name", "last_at")
    )
    if len(runs) < len(CHECKS):
        return Heartbeat(None, "Checks have not run yet", stale=True)
    oldest = min(runs.values())
    stale = now - oldest > STALE_AFTER
    text = f"Checks last ran {_when(oldest, now, site)}" if stale else f"Checks ran {_when(oldest, now, site)}"
    return Heartbeat(oldest, text, stale)


def _when(at: datetime, now: datetime, site: Site) -> str:
    zone = ZoneInfo(site.time_zone)
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{in_words(local.date())} {local:%H:%M}"
