"""An oncologist hands what is sent to her to a colleague, for a time. Both see it; the way back is one button."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused
from monitoring.models import Delegation


def candidates(by: User) -> list[User]:
    """The colleagues of the site who may decide flags, by name."""
    people = User.objects.filter(site=by.site_id, is_active=True).exclude(pk=by.pk)
    return [person for person in people if person.may(Permission.DECIDE_FLAGS)]


def begin(*, by: User, to: User, since: date | None = None, until: date | None = None) -> Delegation:
    """From now, or from the morning of `since`, until the evening of `until` (inclusive), or until it is ended."""
    require(by, Permission.DECIDE_FLAGS)
    with act("delegation.begun", by=by) as entry:
        now = timezone.now()
        User.objects.select_for_update().get(pk=by.pk)  # of two windows of one person, one begins
        _refuse(by, to, since, until, now)
        begins = max(now, _morning(by.site, since)) if since else now
        ends = _morning(by.site, until + timedelta(days=1)) if until else None
        _refuse_second(by, begins, ends, now)
        made = Delegation.objects.create(person=by, to=to, since=begins, until=ends, recorded_by=by)
        entry.subject = made
        entry.details = {"to": str(to), "since": str(by.site.today(begins)), "until": str(until or "")}
    return made


def end(*, by: User, delegation: Delegation) -> None:
    """Off: from now on what is sent comes to oneself again. Either of the two may end it."""
    require(by, Permission.DECIDE_FLAGS)
    with act("delegation.ended", by=by, subject=delegation) as entry:
        row = Delegation.objects.select_for_update().get(pk=delegation.pk)
        if by.pk not in (row.person_id, row.to_id):
            raise Refused(Refusal("not-yours", "Only the two people of a delegation may end it."))
        now = timezone.now()
        if row.ended_at or (row.until and row.until <= now):
            raise Refused(Refusal("over-already", "This delegation is over already."))
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        entry.details = {"person": str(delegation.person), "to": str(delegation.to)}


def _refuse(by: User, to: User, since: date | None, until: date | None, now: datetime) -> None:
    today = by.site.today(now)
    if to.pk not in {person.pk for person in candidates(by)}:
        raise _wrong("not-a-colleague", "to", "Choose a colleague of this site who decides cardiac flags.")
    if since is not None and since < today:
        raise _wrong("since-past", "since", "Choose today or a later day.")
    if until is not None and until < (since or today):
        raise _wrong("until-early", "until", "The last day cannot lie before the first.")


def _refuse_second(by: User, begins: datetime, ends: datetime | None, now: datetime) -> None:
    """One colleague at a time, so that both always know who hears."""
    for other in Delegation.objects.not_over(now).filter(person=by).select_related("to"):
        if (other.until is None or begins < other.until) and (ends is None or other.since < ends):
            until = f"until {in_words(by.site.today(other.until))}" if other.until else "until you end it"
            raise Refused(Refusal("delegated-already", f"{other.to} stands in for you {until}. End that first."))


def _wrong(code: str, field: str, sentence: str) -> Refused:
    return Refused(Refusal(code, sentence), {field: [sentence]})


def _morning(site: Site, day: date) -> datetime:
    return datetime.combine(day, time(), site.zone)
