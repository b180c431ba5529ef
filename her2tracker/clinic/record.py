"""The record as an auditor takes it away: every act of a site between two days, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import record
from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refusal, Refused
from her2tracker.lib.tables import to_csv
from scheduling.models import Patient

LONGEST = timedelta(days=366)
HEADER = ["At", "By", "Role", "Act", "What was done", "Reason", "Patient’s record", "About", "Its number"]


@dataclass(frozen=True, slots=True)
class Span:
    """Calendar days of the site, both included."""

    first: date
    last: date


def refuse_span(span: Span) -> Refusal | None:
    if span.last < span.first:
        return Refusal("last-before-first", "The last day is before the first.")
    if span.last - span.first >= LONGEST:
        return Refusal("too-long", "At most a year at once: take longer times in parts.")
    return None


def export(*, by: User, span: Span) -> str:
    """CSV of the acts. Patients stand there by the number of their record, never by name. Exporting is an act.

    Raises Refused for a span that is none, or longer than a year.
    """
    require(by, Permission.CHECK_HISTORY)
    if found := refuse_span(span):
        raise Refused(found)
    acts = acts_in(by.site, span)
    lines = list(_lines(acts, by.site))
    note_taken(by=by, span=span, acts=len(lines))
    return to_csv(HEADER, lines)


def note_taken(*, by: User, span: Span, acts: int) -> None:
    """Whoever takes a copy of the record is on record."""
    record("history.exported", by=by, first=str(span.first), last=str(span.last), acts=acts)


def acts_in(site: Site, span: Span) -> QuerySet[Act]:
    """The first act first: what its people did, and what the checks did about its patients."""
    zone = ZoneInfo(site.time_zone)
    begin = datetime.combine(span.first, time(), zone)
    end = datetime.combine(span.last + timedelta(days=1), time(), zone)
    own = Q(site_id=site.pk) | Q(site_id=None, patient_uuid__in=Patient.objects.filter(site=site).values("uuid"))
    return Act.objects.filter(own, at__gte=begin, at__lt=end).order_by("at", "id")


def _lines(acts: QuerySet[Act], site: Site) -> Iterator[list[object]]:
    zone = ZoneInfo(site.time_zone)
    for act in acts.iterator(chunk_size=2000):
        at = f"{act.at.astimezone(zone):%Y-%m-%d %H:%M:%S%z}"
        about = [act.patient_uuid, act.subject_kind, act.subject_uuid]
        yield [at, act.by_name, act.by_role, act.verb, sentence(act), act.reason, *about]
