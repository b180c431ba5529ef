"""The periodic checks: every site on its own calendar day. A heartbeat is left only when all went well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from her2tracker.accounts.models import Site
from monitoring.actions import checks, digests, escalations, flag_digests, patient_letters
from monitoring.models import SweepRun
from monitoring.words import SweepName

log = structlog.get_logger(__name__)
Work = Callable[[Site, datetime], int]


class SweepFailed(Exception):
    """Some plan or site could not be checked. The rest was; no heartbeat is left, so pages turn red in time."""


def heartbeat(*, now: datetime) -> int:
    """A worker is alive and reaches the database. Returns 1."""
    note(SweepName.HEARTBEAT, None, now=now, changed=0)
    return 1


def flag_overdue_echocardiograms(*, now: datetime) -> int:
    """Raise a flag for each LVEF that is overdue or was never done; resolve those a result has answered.

    A plan that is looked at is judged in full, falls too: whichever of the two checks comes first leaves the other
    nothing to do.
    """
    return _each_site(SweepName.OVERDUE, _check, now)


def flag_lvef_drops(*, now: datetime) -> int:
    """Raise a flag for each result and hold that a rule objects to; results are also judged when recorded."""
    return _each_site(SweepName.DROPS, _check, now)


def escalate_flags(*, now: datetime) -> int:
    """Tell the next person about each finding that nobody decided in time; each step once."""
    return _each_site(SweepName.ESCALATION, lambda site, at: escalations.escalate(site, now=at), now)


def send_reminders(*, now: datetime) -> int:
    """Write what is owed where it is time: the digests, and letters to patients. Delivering is another task."""

    def all_of(site: Site, at: datetime) -> int:
        return sum(kind.compose(site, now=at) for kind in (digests, flag_digests, patient_letters))

    return _each_site(SweepName.REMINDERS, all_of, now)


def note(name: SweepName, site: Site | None, *, now: datetime, changed: int) -> None:
    """One row per sweep, site and business date: more runs count up, a missing day stays visible."""
    day = site.today(now) if site else now.date()
    with transaction.atomic():
        row, is_new = SweepRun.objects.get_or_create(
            name=name, site=site, business_date=day, defaults={"first_at": now, "last_at": now, "changed": changed}
        )
        if not is_new:
            SweepRun.objects.filter(pk=row.pk).update(runs=F("runs") + 1, last_at=now, changed=F("changed") + changed)


def _check(site: Site, now: datetime) -> int:
    found = checks.check(site, now=now)
    if found.failed or found.missed:
        raise SweepFailed(f"{found.failed} plans could not be checked, {found.missed} were wrongly left alone")
    return found.changed


def _each_site(name: SweepName, work: Work, now: datetime) -> int:
    total, failed = 0, []
    for site in Site.objects.all():
        try:
            changed = work(site, now)
        except Exception:
            # One site's trouble must not leave the others unchecked; it is logged, counted and raised below.
            log.exception("sweep_failed", sweep=name.value, site=str(site.uuid))
            failed.append(str(site))
            continue
        note(name, site, now=now, changed=changed)
        total += changed
    if failed:
        raise SweepFailed(f"{name.value} could not check everything at {', '.join(failed)}")
    return total
