"""When the checks last ran, for every page; red for everybody when they did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Min, OuterRef, QuerySet, Subquery, Sum

from her2tracker.accounts.models import Site
from her2tracker.lib.dates import in_words
from monitoring.models import CheckFault, SweepRun
from monitoring.words import SweepName

STALE_AFTER = timedelta(hours=26)  # DESIGN: red past 26 h, so that one missed night shows
CHECKS = (SweepName.OVERDUE, SweepName.DROPS)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    at: datetime | None
    text: str
    stale: bool
    fault: str = ""  # what a full check found wrong and no administrator has marked as seen; empty: nothing


def last_heartbeat(site: Site, now: datetime) -> Heartbeat:
    """The older of the two checks' last runs: both must have run for the page to be trusted. One query."""
    faults = CheckFault.objects.filter(site=OuterRef("pk"), seen_at=None).order_by().values("site")
    last = {
        name.name.lower(): Subquery(
            SweepRun.objects.filter(site=OuterRef("pk"), name=name).order_by("-last_at").values("last_at")[:1]
        )
        for name in CHECKS
    }
    rows = (
        Site.objects.filter(pk=site.pk)
        .order_by()
        .annotate(
            plans=Subquery(faults.annotate(of=Sum("plans")).values("of")),
            since=Subquery(faults.annotate(of=Min("not_before")).values("of")),
            **last,
        )
    )
    plans, since, *runs = rows.values_list("plans", "since", *last).get()
    fault = in_words_of_faults(plans, since)
    if None in runs:
        return Heartbeat(None, "Checks have not run yet", stale=True, fault=fault)
    oldest = min(runs)
    stale = now - oldest > STALE_AFTER
    text = f"Checks last ran {_when(oldest, now, site)}" if stale else f"Checks ran {_when(oldest, now, site)}"
    return Heartbeat(oldest, text, stale, fault)


def all_faults() -> str:
    """What is wrong at any site, or nothing: for who watches the machine, and names no site."""
    return _faults(CheckFault.objects.all())


def _faults(rows: QuerySet[CheckFault]) -> str:
    found = rows.filter(seen_at=None).aggregate(plans=Sum("plans"), since=Min("not_before"))
    return in_words_of_faults(found["plans"], found["since"])


def in_words_of_faults(plans: int | None, since: date | None) -> str:
    if not plans or since is None:
        return ""
    left = "1 plan that had" if plans == 1 else f"{plans} plans that had"
    return (
        f"A full check changed the flags of {left} wrongly been left alone. "
        f"They are right now; since {in_words(since)} flags may have come late"
    )


def _when(at: datetime, now: datetime, site: Site) -> str:
    zone = ZoneInfo(site.time_zone)
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{in_words(local.date())} {local:%H:%M}"
