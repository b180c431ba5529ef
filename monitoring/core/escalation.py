"""Who hears next about a flag that nobody decided. Computed from its times when asked: a missed run loses none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.dates import days_between
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation
from monitoring.core.protocol import Advice


class Recipient(StrEnum):
    RESPONSIBLE = "responsible-oncologist"
    LEAD = "lead-oncologist"
    COORDINATOR = "coordinator"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Step:
    """Owed once a flag has been undecided for `after_hours`, snoozed hours not counted."""

    id: str
    after_hours: int
    to: Recipient
    by_mail: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in the order of their hours. `snooze_days` bounds how long a flag may be put off."""

    id: str
    version: int
    steps: tuple[Step, ...]
    snooze_days: Bounds
    citation: Citation

    @property
    def longest_snooze(self) -> int:
        """In days."""
        return int(max(self.snooze_days.figures()))


@dataclass(frozen=True, slots=True)
class Snooze:
    """A flag put off from one moment to another; it comes back by itself. `ended_at`: when somebody ended it early."""

    since: datetime
    until: datetime
    ended_at: datetime | None = None

    @property
    def over_at(self) -> datetime:
        return self.until if self.ended_at is None else min(self.until, self.ended_at)


@dataclass(frozen=True, slots=True)
class Delegation:
    """While it lasts, what is for `of` goes to `to`. `until` is None while nobody has ended it."""

    of: str
    to: str
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Owed:
    """A step owed now. `key` is unique per flag and step, so that it is sent once however often it is asked."""

    step: Step
    since: datetime
    key: str


def with_hours(ladder: Ladder, hours: Mapping[str, int]) -> Ladder:
    """The ladder with a site's own hours. Raises ValueError for an unknown step, or steps out of order."""
    if unknown := set(hours) - {step.id for step in ladder.steps}:
        raise ValueError(f"the ladder has no step {', '.join(sorted(unknown))}")
    steps = tuple(replace(step, after_hours=hours.get(step.id, step.after_hours)) for step in ladder.steps)
    times = [step.after_hours for step in steps]
    if times != sorted(set(times)) or min(times, default=1) < 1:
        raise ValueError("each step comes later than the one before it, the first after at least one hour")
    return replace(ladder, steps=steps)


def refuse_hours(ladder: Ladder, hours: Mapping[str, int]) -> Refusal | None:
    """Why a site may not have these hours, or None."""
    try:
        with_hours(ladder, hours)
    except ValueError as error:
        return Refusal("hours-out-of-order", f"{str(error).capitalize()}.")
    return None


def owed(
    ladder: Ladder,
    *,
    flag: str,
    opened_at: datetime,
    now: datetime,
    decided_at: datetime | None = None,
    snoozes: Iterable[Snooze] = (),
    already: Collection[str] = (),
) -> tuple[Owed, ...]:
    """Every step that is owed at `now` and not in `already`; nothing for a decided flag or while it is snoozed.

    `flag` is its stable name. Moments must carry their zone: hours are counted between instants, so a clock
    change is no hour more or less. Raises ValueError for a moment without a zone.
    """
    put_off = sorted(snoozes, key=lambda one: one.since)
    if (decided_at is not None and decided_at <= now) or is_snoozed(put_off, now):
        return ()
    reached = ((step, _reached_at(step, opened_at, put_off)) for step in ladder.steps)
    due = (Owed(step, since, f"escalation:{flag}:{step.id}") for step, since in reached if since <= now)
    return tuple(one for one in due if one.key not in already)


def is_snoozed(snoozes: Iterable[Snooze], now: datetime) -> bool:
    return any(one.since <= now < one.over_at for one in snoozes)


def refuse_snooze(
    ladder: Ladder, *, advice: Advice | str, is_decided: bool, until: date, today: date
) -> Refusal | None:
    """Why a flag may not be put off until the morning of `until`, or None."""
    if is_decided:
        return Refusal("flag-decided", "This flag is already decided; there is nothing to put off.")
    if Advice(advice) >= Advice.WITHHOLD:
        return Refusal("too-urgent", f"{Advice(advice).label}: this cannot wait. Decide it, or delegate it.")
    if until <= today:
        return Refusal("snooze-past", "Choose a day after today.")
    if not ladder.snooze_days.hold(days_between(today, until)):
        return Refusal("snooze-too-long", f"A flag can be put off for {ladder.longest_snooze} days at most.")
    return None


def recipient(person: str, delegations: Iterable[Delegation], at: datetime) -> str:
    """Who hears what is for `person`: along the delegations that hold at `at`, the newest of several.

    Two people who delegate to each other would hear nothing; the chain then ends where it would repeat.
    """
    holding = sorted((one for one in delegations if one.holds(at)), key=lambda one: one.since)
    by_person = {one.of: one.to for one in holding}
    seen = [person]
    while (following := by_person.get(seen[-1])) is not None and following not in seen:
        seen.append(following)
    return seen[-1]


def _reached_at(step: Step, opened_at: datetime, snoozes: list[Snooze]) -> datetime:
    """When the hours of a step are over, moved on by what was snoozed before that."""
    awake = _instant(opened_at)
    reached = awake + timedelta(hours=step.after_hours)
    for one in snoozes:
        start, end = max(_instant(one.since), awake), _instant(one.over_at)
        if start >= reached:
            break
        if end > start:
            reached, awake = reached + (end - start), end
    return reached


def _instant(moment: datetime) -> datetime:
    """Hours added to a zone's own clock would be wrong on the two nights when it changes."""
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)
