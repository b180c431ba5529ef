"""Whether a day's list may have changed since it was read: asked every few seconds, so it costs one query.

    version = version_of(site)
    list_ = kept(site, version, ("page", on, show), lambda: ...)  # read anew, or as it was read of this version
    is_current(request.GET["seen"], version)  # what an open page has seen: an earlier answer's list_.name

A list follows from what is recorded and from the clock. What is recorded, the acts of the day tell: every write
leaves one in its own transaction. What the clock alone changes, the list itself says: the first moment at which it
would read otherwise is part of its name. Whoever asks at once after another is given the same list, for
DAY_KEPT_SECONDS at most: that is how late a write past the product, which leaves no act, can show.
"""

from __future__ import annotations

import time as clock
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from threading import Lock
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.audit.models import Act

# Looking is an act too, and changes no list.
_LOOKS = ("chart.opened", "access.denied", "person.signed-in", "person.sign-in-failed", "history.exported")
# An act that was begun before midnight may be written after it.
_OVERLAP = timedelta(hours=1)
_MOST_KEPT = 32  # lists of a few hundred kilobytes each, in every web process


def version_of(site: Site) -> str:
    """A name for everything recorded at the site today; another name means that the list may read otherwise.

    Every write leaves an act in its own transaction. They are counted, because of two transactions the one
    that began first may end last: the highest number alone would hide it. The hour is in the name, so that no
    list is older than one whatever nobody thought of.
    """
    now = timezone.now().astimezone(site.zone)
    since = datetime.combine(now.date(), time.min, site.zone).astimezone(UTC) - _OVERLAP
    acts = Act.objects.filter(Q(site_id=site.pk) | Q(site_id=None), at__gte=since).exclude(verb__in=_LOOKS)
    found = acts.order_by().aggregate(count=Count("pk"), last=Max("pk"))
    return f"{site.pk}-{now:%Y%m%d%H}-{found['count']}-{found['last'] or 0}"


@dataclass(frozen=True, slots=True)
class Read:
    """A list as it was read: `version` before it was, and the moment from which it reads otherwise by the clock."""

    version: str
    changes_at: datetime | None
    shown: Any

    @property
    def name(self) -> str:
        """What an open page says it has seen."""
        until = self.changes_at
        return f"{self.version}.{until.astimezone(UTC):%Y%m%d%H%M}" if until else self.version


def is_current(seen: str, version: str) -> bool:
    """Whether a page that has seen this still shows what would be shown now. What is unreadable is not current."""
    of, _, until = seen.partition(".")
    if of != version:
        return False
    return not until or f"{timezone.now().astimezone(UTC):%Y%m%d%H%M}" < until


def kept(site: Site, version: str, what: Hashable, read: Callable[[], tuple[Any, datetime | None]]) -> Read:
    """The list `what` of this version, read no longer ago than DAY_KEPT_SECONDS, else anew.

    The version must have been asked for before: what is written meanwhile then gives another one.
    """
    key, seconds = (site.pk, version, what), settings.DAY_KEPT_SECONDS
    found = _lists.get(key, seconds)
    if found is None or not is_current(found.name, version):
        shown, changes_at = read()
        found = Read(version, changes_at, shown)
        _lists.put(key, found, seconds)
    return found


def forget() -> None:
    """For tests and measurements: the next list is read anew."""
    _lists.clear()


class _Lists:
    """The few lists read last, each with when, by a clock that nobody sets."""

    def __init__(self) -> None:
        self._rows: OrderedDict[Hashable, tuple[float, Read]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, seconds: float) -> Read | None:
        with self._lock:
            at, found = self._rows.get(key, (0.0, None))
        return found if found is not None and clock.monotonic() - at < seconds else None

    def put(self, key: Hashable, found: Read, seconds: float) -> None:
        if seconds <= 0:
            return
        with self._lock:
            self._rows[key] = clock.monotonic(), found
            self._rows.move_to_end(key)
            while len(self._rows) > _MOST_KEPT:
                self._rows.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()


_lists = _Lists()
