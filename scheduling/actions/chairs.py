"""What chairs a site has, when they are used, and how long setting one up takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.core.calendar import WEEKDAYS
from scheduling.models import Chair, ChairBooking, OpeningHours, SitePolicy

MOST_CHAIRS = 60
"""More than the largest unit we know of. Not a clinical figure."""

Hours = Mapping[int, tuple[time, time]]


def add(*, by: User, name: str, from_on: date | None = None) -> Chair:
    """One more chair, after the others. Refused for a name that is taken."""
    require(by, Permission.ARRANGE_CHAIRS)
    with act("chair.added", by=by) as entry:
        _lock(by)
        name = _free_name(by, name)
        standing = Chair.objects.filter(site=by.site)
        if standing.count() >= MOST_CHAIRS:
            raise _wrong("name", "too-many-chairs", f"{MOST_CHAIRS} chairs are the most.")
        last = standing.order_by("-position").values_list("position", flat=True).first() or 0
        chair = Chair.objects.create(site=by.site, name=name, position=last + 1, from_on=from_on)
        entry.subject, entry.details = chair, {"chair": name}
    return chair


def change(
    *, by: User, chair: Chair, name: str, position: int, from_on: date | None = None, until_on: date | None = None
) -> Chair:
    """Rename, re-order, or say from when until when a chair is used. Refused while somebody is booked outside."""
    require(by, Permission.ARRANGE_CHAIRS)
    with act("chair.changed", by=by, subject=chair) as entry:
        _lock(by)
        row = Chair.objects.select_for_update().get(pk=chair.pk, site=by.site_id)
        values = {"name": _free_name(by, name, but=row), "position": position, "from_on": from_on, "until_on": until_on}
        if from_on and until_on and until_on < from_on:
            raise _wrong("until_on", "ends-before-it-begins", "The last day lies before the first.")
        refuse(_refuse_booked_outside(row, from_on, until_on, by.site.today()))
        changed = [field for field, value in values.items() if getattr(row, field) != value]
        for field in changed:
            setattr(row, field, values[field])
        row.save(update_fields=changed or ["name"])
        entry.details = {"chair": row.name, "changed": changed}
    return row


def set_hours(*, by: User, hours: Hours, set_up_minutes: int) -> None:
    """From when until when chairs are used on each weekday, Monday is 0; and the minutes a set-up takes.

    What is booked stays booked; a day that no longer holds it says so.
    """
    require(by, Permission.ARRANGE_CHAIRS)
    for weekday, (opens_at, closes_at) in hours.items():
        if closes_at <= opens_at:
            raise _wrong(f"closes_{weekday}", "closes-before-it-opens", "Closing lies before opening.")
    with act("chair.hours-set", by=by, subject=by.site) as entry:
        _lock(by)
        OpeningHours.objects.filter(site=by.site).exclude(weekday__in=hours).delete()
        for weekday, (opens_at, closes_at) in hours.items():
            OpeningHours.objects.update_or_create(
                site=by.site, weekday=weekday, defaults={"opens_at": opens_at, "closes_at": closes_at}
            )
        SitePolicy.objects.update_or_create(site=by.site, defaults={"chair_set_up_minutes": set_up_minutes})
        told = (f"{WEEKDAYS[day]} {opens:%H:%M} to {closes:%H:%M}" for day, (opens, closes) in sorted(hours.items()))
        entry.details = {"hours": ", ".join(told), "set_up_minutes": set_up_minutes}


def _lock(by: User) -> None:
    """The site's row is the lock: two people who arrange at once do so one after the other."""
    Site.objects.select_for_update().get(pk=by.site_id)


def _free_name(by: User, name: str, *, but: Chair | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise _wrong("name", "no-name", "Say what the chair is called.")
    others = Chair.objects.filter(site=by.site, name__iexact=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise _wrong("name", "chair-name-taken", f"There is a chair “{name}” already.")
    return name


def _wrong(field: str, code: str, sentence: str) -> Refused:
    return Refused(Refusal(code, sentence), {field: [sentence]})


def _refuse_booked_outside(chair: Chair, from_on: date | None, until_on: date | None, today: date) -> Refusal | None:
    standing = ChairBooking.objects.standing().filter(chair=chair, on__gte=today)
    outside = [
        on for on in standing.values_list("on", flat=True) if (from_on and on < from_on) or (until_on and on > until_on)
    ]
    if not outside:
        return None
    count = "1 infusion is" if len(outside) == 1 else f"{len(outside)} infusions are"
    return Refusal("chair-is-booked", f"{count} booked in it outside these days. Move them to other chairs first.")
