"""Every plan of a site as the adherence report counts it; page, CSV and API read this one."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from her2tracker.accounts.models import Site
from monitoring.actions import flags
from monitoring.models.adherence import PlanReport, reports


def all_reports(site: Site) -> Iterator[PlanReport]:
    """A batch at a time, as of the site's today. Writes nothing."""
    today = site.today(timezone.now())
    for batch in flags.watched_in_batches(site):
        yield from reports(batch, today=today)
