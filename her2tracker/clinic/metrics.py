"""What a monitoring system asks for, in Prometheus' text form. Counts and ages; nothing about anybody."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from her2tracker.audit.history_checks import last_check
from monitoring.models import CardiacFlag, Reminder, SweepRun


def metrics(request: HttpRequest) -> HttpResponse:
    """Closed, as if it were not there, unless the token of the settings is sent along."""
    wanted, sent = settings.METRICS_TOKEN, request.headers.get("Authorization", "")
    if not wanted or not hmac.compare_digest(sent.encode(), f"Bearer {wanted}".encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Now(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Now(Collector):
    """Read when asked for; nothing is kept between two questions, so any web process gives the same answer."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield self._sweeps()
        yield _counted("her2tracker_flags", "Cardiac flags by state and kind", CardiacFlag, "state", "kind")
        yield _counted("her2tracker_messages", "Messages by state and channel", Reminder, "state", "channel")
        yield from self._record()

    def _sweeps(self) -> GaugeMetricFamily:
        """The age of each check's last run; over 26 hours the pages are red."""
        family = GaugeMetricFamily(
            "her2tracker_check_age_seconds", "Since the last run of each periodic check", labels=["check", "site"]
        )
        rows = SweepRun.objects.values_list("name", "site__uuid").annotate(last=Max("last_at"))
        for name, site, last in rows.order_by("name", "site__uuid"):
            family.add_metric([name, str(site or "")], (self.now - last).total_seconds())
        return family

    def _record(self) -> Iterator[GaugeMetricFamily]:
        """Whether the record was changed past the product, and when somebody last looked."""
        last = last_check()
        faults = GaugeMetricFamily("her2tracker_record_faults", "Differences that the last check of the record found")
        age = GaugeMetricFamily("her2tracker_record_check_age_seconds", "Since the last check of the record")
        if last and last.done_at:
            faults.add_metric([], last.faults)
            age.add_metric([], (self.now - last.done_at).total_seconds())
        yield from (faults, age)


def _counted(name: str, told: str, model: type[CardiacFlag | Reminder], *by: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=list(by))
    for *values, count in model._default_manager.order_by().values_list(*by).annotate(Count("pk")).order_by(*by):
        family.add_metric([str(value) for value in values], count)
    return family
