"""Days on which a site gives no infusions: its weekdays, public holidays, and days and spans it closed itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models

from her2tracker.accounts.models import Site
from her2tracker.audit.history import tracked
from scheduling import catalog
from scheduling.catalog import public_holidays
from scheduling.catalog.public_holidays import Calendar
from scheduling.core.calendar import ClosedDays
from scheduling.core.closure import OnClosedDay, on_closed
from scheduling.core.expansion import Entry
from scheduling.core.facts import CycleDayKey
from scheduling.models import at_once
from scheduling.models.closures import Closure
from scheduling.models.plans import TreatmentPlan
from scheduling.models.policies import SitePolicy
from scheduling.models.standing import agent_on

_BACK, _AHEAD = timedelta(days=365), timedelta(days=3 * 365)
"""How far around today closed days are read when nobody asks for a range: a plan's year on either side."""


@tracked
class ClosedDay(models.Model):
    """One day a site is closed, by its name: a move, a day of maintenance, a holiday no calendar has."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closed_days")
    on = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ("on",)
        constraints = [models.UniqueConstraint(fields=["site", "on"], name="scheduling_one_closed_day_per_date")]

    def __str__(self) -> str:
        return self.name


@tracked
class OpenedHoliday(models.Model):
    """A public holiday on which the site works all the same."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="opened_holidays")
    on = models.DateField()

    class Meta:
        ordering = ("on",)
        constraints = [models.UniqueConstraint(fields=["site", "on"], name="scheduling_one_opened_holiday_per_date")]

    def __str__(self) -> str:
        return f"open on {self.on}"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday as the site treats it."""

    on: date
    name: str
    is_open: bool


def calendar_of(site: Site) -> Calendar | None:
    """Whose public holidays close the site; None until somebody chose."""
    policy = SitePolicy.objects.filter(site=site).first()
    if policy is None or not policy.holiday_country:
        return None
    return Calendar(policy.holiday_country, policy.holiday_subdivision)


def holidays_of(site: Site, years: Iterable[int]) -> tuple[Holiday, ...]:
    """Every public holiday of these years, those on which the site works included."""
    calendar = calendar_of(site)
    if calendar is None:
        return ()
    opened = set(OpenedHoliday.objects.filter(site=site).values_list("on", flat=True))
    found = public_holidays.of_years(calendar, years)
    return tuple(Holiday(on, name, on in opened) for on, name in sorted(found.items()))


def closed_days_of(site: Site, first: date | None = None, last: date | None = None) -> ClosedDays:
    """What the core's calendar must know about the site from `first` to `last`. One round trip.

    Without a range, from a year before today until three years after. Of two names for one day the
    site's own wins.
    """
    today = site.today()
    first, last = first or today - _BACK, last or today + _AHEAD
    policies, opened, spans, own = at_once.read(
        SitePolicy.objects.filter(site=site),
        OpenedHoliday.objects.filter(site=site, on__range=(first, last)).values_list("on", flat=True),
        Closure.objects.closing(site, first, last),
        ClosedDay.objects.filter(site=site, on__range=(first, last)).values_list("on", "name"),
    )
    policy = next(iter(policies), None) or SitePolicy(site=site)
    dates = {on: name for on, name in _holidays(policy, first, last).items() if on not in set(opened)}
    dates |= {on: name for one in spans for on, name in one.days()}
    return ClosedDays(frozenset(policy.closed_weekdays), dates | dict(own))


def _holidays(policy: SitePolicy, first: date, last: date) -> dict[date, str]:
    if not policy.holiday_country:
        return {}
    calendar = Calendar(policy.holiday_country, policy.holiday_subdivision)
    found = public_holidays.of_years(calendar, range(first.year, last.year + 1))
    return {on: name for on, name in found.items() if first <= on <= last}


def on_closed_days_of(
    plan: TreatmentPlan, entries: Iterable[Entry], closed: ClosedDays, today: date
) -> dict[CycleDayKey, OnClosedDay]:
    """By cycle and day, for a plan read with its facts: what falls on a closed day, and where it could go."""
    # re-loads by the plan's own policy and levels, as its cycles are judged
    return on_closed(entries, closed, catalog.window(), lambda entry: agent_on(plan, entry), today=today)
