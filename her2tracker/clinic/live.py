"""Whether a day's list may have changed since a page was made: asked every few seconds, so it costs one query."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.audit.models import Act

# Looking is an act too, and changes no list.
_LOOKS = ("chart.opened", "access.denied")
# An act that was begun before midnight may be written after it.
_OVERLAP = timedelta(hours=1)


def by_the_minute(version: str, site: Site) -> str:
    """Another name each minute, for a list that changes with the clock alone."""
    return f"{version}-{timezone.localtime(timezone.now(), site.zone):%H%M}"


def version_of(site: Site) -> str:
    """A name for everything recorded at the site today; another name means that the list may read otherwise.

    Every write leaves an act in its own transaction. They are counted, because of two transactions the one
    that began first may end last: the highest number alone would hide it.
    """
    today = site.today()
    since = datetime.combine(today, time.min, ZoneInfo(site.time_zone)).astimezone(UTC) - _OVERLAP
    acts = Act.objects.filter(Q(site_id=site.pk) | Q(site_id=None), at__gte=since).exclude(verb__in=_LOOKS)
    found = acts.order_by().aggregate(count=Count("pk"), last=Max("pk"))
    return f"{today:%Y%m%d}-{found['count']}-{found['last'] or 0}"
