"""Which public holidays close the site, and on which of them it works all the same. No cycle moves."""

from __future__ import annotations

from datetime import date

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.catalog import public_holidays
from scheduling.catalog.public_holidays import Calendar
from scheduling.models import OpenedHoliday, SitePolicy
from scheduling.models.closed_days import calendar_of


def choose(*, by: User, country: str, subdivision: str = "") -> Calendar | None:
    """Let the public holidays of a country, or of one of its subdivisions, close the site; no country, none."""
    require(by, Permission.MANAGE_SITE)
    calendar = Calendar(country, subdivision if country else "")
    if country and not public_holidays.is_known(calendar):
        sentence = "No public holidays are known by that code. Choose a country, and a part of it, from the list."
        field = "subdivision" if country in public_holidays.countries() else "country"
        raise Refused(Refusal("unknown-calendar", sentence), {field: [sentence]})
    with act("holidays.chosen", by=by, subject=by.site) as entry:
        SitePolicy.objects.update_or_create(
            site=by.site, defaults={"holiday_country": country, "holiday_subdivision": calendar.subdivision}
        )
        entry.details = {"calendar": calendar.title if country else ""}
    return calendar if country else None


def work_on(*, by: User, on: date) -> OpenedHoliday:
    """Open the site on one public holiday."""
    require(by, Permission.MANAGE_SITE)
    with act("holiday.opened", by=by, subject=by.site) as entry:
        Site.objects.select_for_update().get(pk=by.site_id)
        name = _name(by.site, on)
        row, is_new = OpenedHoliday.objects.get_or_create(site=by.site, on=on)
        if not is_new:
            raise Refused(Refusal("holiday-open-already", f"The site works on {in_words(on)} already."))
        entry.details = {"on": str(on), "name": name}
    return row


def rest_on(*, by: User, on: date) -> None:
    """Close the site on a public holiday again."""
    require(by, Permission.MANAGE_SITE)
    with act("holiday.closed", by=by, subject=by.site) as entry:
        if not OpenedHoliday.objects.filter(site=by.site, on=on).delete()[0]:
            raise Refused(Refusal("holiday-closed-already", f"The site does not work on {in_words(on)} as it is."))
        entry.details = {"on": str(on), "name": _name(by.site, on)}


def _name(site: Site, on: date) -> str:
    calendar = calendar_of(site)
    name = public_holidays.of_year(calendar, on.year).get(on) if calendar else None
    if name is None:
        raise Refused(Refusal("no-holiday", f"{in_words(on)} is no public holiday at your site."))
    return name
