"""The periodic checks: every site on its own calendar day. A heartbeat is left only when all went well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from her2tracker.accounts.models import Site
from monitoring.actions import digests, escalations, flag_digests, flags, patient_letters
from monitoring.models import SweepRun
from monitoring.words import FlagKind, SweepName
from scheduling.models import TreatmentPlan

log = structlog.get_logger(__name__)
Work = Callable[[Site, datetime], int]


class SweepFailed(Exception):
    """Some plan or site could not be checked. The rest was; no heartbeat is left, so pages turn red in time."""


def heartbeat(*, now: datetime) -> int:
    """A worker is alive and reaches the database. Returns 1."""
    note(SweepName.HEARTBEAT, None, now=now, changed=0)
    return 1


def flag_overdue_echocardiograms(*, now: datetime) -> int:
    """Raise a flag for each LVEF that is overdue or was never done; resolve those a result has answered."""
    return _each_site(SweepName.OVERDUE, _reconciling(FlagKind.OVERDUE, FlagKind.BASELINE), now)


def flag_lvef_drops(*, now: datetime) -> int:
    """Raise a flag for each result and hold that a rule objects to; results are also judged when recorded."""
    return _each_site(SweepName.DROPS, _reconciling(FlagKind.FINDING), now)


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


def _reconciling(*kinds: FlagKind) -> Work:
    def work(site: Site, now: datetime) -> int:
        changed, failed = 0, 0
        for batch in flags.to_check(site, site.today(now), kinds):
            done, bad = _reconcile(batch, kinds, now)
            changed, failed = changed + done, failed + bad
        if failed:
            raise SweepFailed(f"{failed} plans could not be checked")
        return changed

    return work


def _reconcile(batch: Sequence[TreatmentPlan], kinds: Sequence[FlagKind], now: datetime) -> tuple[int, int]:
    """Changes made and plans that failed. A failed batch is tried again plan by plan."""
    try:
        return flags.reconcile(batch, now=now, kinds=kinds), 0
    except Exception:
        if len(batch) == 1:
            log.exception("plan_not_checked", plan=str(batch[0].uuid))
            return 0, 1
    parts = [_reconcile([plan], kinds, now) for plan in batch]
    return sum(done for done, _ in parts), sum(bad for _, bad in parts)
