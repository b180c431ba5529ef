"""One site's plans brought to what the rules say: those whose day has come; once a week, and after any change of the
rules, all of them.

Until when a plan is left alone is a hint (`monitoring.models.next_checks`). The full check does not believe it, and
tells when it was wrong.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import islice

import structlog
from django.db import transaction
from django.db.models import F

from her2tracker.accounts.models import Site
from her2tracker.lib.uncollected import uncollected
from monitoring import catalog
from monitoring.actions import check_faults, flags
from monitoring.models import CardiacPolicy, FullCheck, NextCheck
from monitoring.models.narrowed import Narrowing, due, every_plan
from monitoring.models.next_checks import AT_ONCE, leave
from scheduling.models import TreatmentPlan

FULL_EVERY = timedelta(days=7)
AT_A_TIME = 2000  # plans judged with all their rows in memory, in one transaction

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Checked:
    """Flags changed, plans that could not be judged, and plans whose flags changed though they were left alone."""

    changed: int = 0
    failed: int = 0
    missed: int = 0


def check(site: Site, *, now: datetime) -> Checked:
    """Bring the site's flags up to date. Interrupted or run twice at once, it leaves the same flags."""
    today, basis = site.today(now), _basis(site)
    last = FullCheck.objects.filter(site=site).first()
    is_trusted = last is not None and last.basis == basis
    if last is not None and is_trusted and today < last.done_on + FULL_EVERY:
        return _judge(site, today, now, due(site, today), is_trusted=False)
    found = _judge(site, today, now, every_plan(site), is_trusted=is_trusted)
    with transaction.atomic():
        if found.missed:
            check_faults.note(site, plans=found.missed, not_before=last.done_on if last else today, now=now)
        _note(site, basis, today, found.missed)
    return found


def judge(site: Site, patients: Sequence[int], *, now: datetime) -> int:
    """Judge the plans of these patients, given by their keys, inside the act that changed their facts.

    As a check does: one query says which plans could have changed, the core judges those. Unlike a check it raises
    what goes wrong, so that no fact is kept that could not be judged. Returns how many flags changed.
    """
    plans = list(TreatmentPlan.objects.filter(patient__among=patients).order_by("pk").values_list("pk", flat=True))
    if not plans:
        return 0
    picked, changed = dict(Narrowing.of(site, site.today(now)).candidates(plans)), 0
    for part in _parts(picked):
        changed += flags.reconcile(flags.watched(part), now=now, asked=part).total()
    return changed


def _judge(site: Site, today: date, now: datetime, batches: Iterator[list[int]], *, is_trusted: bool) -> Checked:
    """`is_trusted`: a plan that is left alone should not change. Otherwise the hints rest on rules that are no more."""
    found, narrowing = Checked(), None
    for batch in batches:
        narrowing = narrowing or Narrowing.of(site, today)  # most runs find nothing due
        quiet = _quiet(batch, today) if is_trusted else {}
        picked = dict(narrowing.candidates(batch))
        for part in _parts(picked):
            with uncollected():
                changed = _reconcile(site, part, now, found)
            found.changed += changed.total()
            for pk in changed:
                # a fact that changed in this moment is no fault
                if quiet.get(pk) == picked[pk]:
                    log.error("plan_wrongly_left_alone", plan=pk)
                    found.missed += 1
    return found


def _parts(picked: Mapping[int, int]) -> Iterator[dict[int, int]]:
    rows = iter(picked.items())
    while part := dict(islice(rows, AT_A_TIME)):
        yield part


def _quiet(batch: list[int], today: date) -> dict[int, int]:
    """By plan that should not change today: how often its facts had changed."""
    return dict(NextCheck.objects.filter(plan__in=batch, check_on__gt=today).values_list("plan_id", "changes"))


def _reconcile(site: Site, picked: Mapping[int, int], now: datetime, found: Checked) -> Counter[int]:
    """Changes made, by plan. A batch that failed is tried again plan by plan; who fails alone is due at once."""
    try:
        return flags.reconcile(flags.watched(picked), now=now, asked=picked)
    except Exception:
        if len(picked) == 1:
            log.exception("plan_not_checked", plan=next(iter(picked)))
            leave([(*one, AT_ONCE) for one in picked.items()], site.pk)
            found.failed += 1
            return Counter()
    changed = Counter[int]()
    for pk, changes in picked.items():
        changed += _reconcile(site, {pk: changes}, now, found)
    return changed


def _note(site: Site, basis: str, today: date, missed: int) -> None:
    row, is_new = FullCheck.objects.get_or_create(
        site=site, defaults={"basis": basis, "done_on": today, "missed": missed}
    )
    if not is_new:
        FullCheck.objects.filter(pk=row.pk).update(basis=basis, done_on=today, missed=F("missed") + missed)


def _basis(site: Site) -> str:
    """All that the hints rest on beside facts whose change calls for a look: rules, program and settings."""
    policy = CardiacPolicy.objects.filter(site=site).first() or CardiacPolicy(site=site)
    settings = (site.jurisdiction, site.time_zone, policy.lower_limit_of_normal, policy.adopted_guidelines)
    return hashlib.sha256(f"{_rules()} {settings}".encode()).hexdigest()


@cache
def _rules() -> str:
    """What the process judges by, in its meaning; a comment in a protocol's file changes nothing."""
    try:
        program = version("her2tracker")
    except PackageNotFoundError:
        program = ""
    return hashlib.sha256(f"{program} {sorted(catalog.protocols().items())}".encode()).hexdigest()
