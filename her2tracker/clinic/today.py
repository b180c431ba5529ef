"""The infusions of one day at one site: the list the nurses work from. A constant number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.utils import timezone

from her2tracker.accounts.models import Site
from her2tracker.clinic import missed, ready
from her2tracker.clinic.amounts import Amount, amounts_of
from her2tracker.clinic.at_chair import AtChair
from her2tracker.clinic.chairs import Chairs, Stay, by_hour
from her2tracker.clinic.closed_rows import facts_of, on_closed
from her2tracker.clinic.day_rows import days_of, neighbours, order
from her2tracker.clinic.missed import Head, IfToday
from her2tracker.clinic.summary import says_none
from her2tracker.lib.bounds import plain
from monitoring.core.at_risk import CycleOutlook, Infusion
from monitoring.models.outlook import outlooks_of
from monitoring.models.standing import Standing, read_once, standings
from scheduling import clearance, waiting
from scheduling.core.calendar import ClosedDays
from scheduling.core.chairside import Watch
from scheduling.core.closure import OnClosedDay
from scheduling.core.regimen import Regimen
from scheduling.models import (
    CycleDay,
    LevelChange,
    Reaction,
    SecondCheck,
    TreatmentPlan,
)
from scheduling.models.about import About, about
from scheduling.models.closed_days import closed_days_of
from scheduling.models.standing import regimen_of
from scheduling.models.watching import watch_of
from scheduling.objection import Objection
from scheduling.words import DayState

MISSED_SHOWN, MISSED_PER_PAGE = 20, 50
_STATES = (
    ("ready", "ready"), ("needs", "need something"), ("hold", "on hold or withheld"), ("missed", "undecided"),
    ("running", "running"), ("given", "given"), ("omitted", "omitted"),
)  # fmt: skip
_KINDS = (("first", "first"), ("loading", "loading"), ("reload", "re-load"))


@dataclass(frozen=True, slots=True)
class Row:
    """One infusion. `if_today` is what giving it on the page's today would mean, for a missed one."""

    day: CycleDay
    regimen: Regimen
    state: ready.State
    amounts: tuple[Amount, ...]
    objections: tuple[Objection, ...]
    facts: tuple[ready.Fact, ...]
    if_today: IfToday | None = None
    reduced: tuple[str, ...] = ()
    reactions: tuple[Reaction, ...] = ()  # to earlier infusions, the latest first
    watch: Watch | None = None
    watch_is_over: bool = False
    outlook: CycleOutlook | None = None
    chair: AtChair | None = None

    @property
    def at_risk(self) -> CycleOutlook | None:
        """An infusion still to come whose LVEF will have run out by then, while something can be done."""
        found = self.outlook if self.is_open and not self.is_held else None
        return found if found and found.state.needs_hands else None

    closed: OnClosedDay | None = None

    @property
    def days_late(self) -> int:
        return (self.if_today.on - self.day.planned_on).days if self.if_today else 0

    @property
    def is_open(self) -> bool:
        return self.day.state == DayState.PLANNED

    @property
    def is_allergic(self) -> bool:
        return not says_none(self.day.plan.patient.allergies)

    @property
    def is_ready(self) -> bool:
        return self.state.mark == ready.READY

    @property
    def is_held(self) -> bool:
        return self.state.mark == ready.HOLD

    @property
    def is_stopped(self) -> bool:
        """Nothing may be recorded: withheld, on hold, or something is still to be done first."""
        return any(one.stops_treatment for one in self.objections)

    @property
    def observe_until(self) -> time | None:
        return self.watch.until.time() if self.watch and self.watch.until else None

    @property
    def watch_ends_at(self) -> datetime | None:
        """When the patient may leave, where that is still to come."""
        if self.watch is None or self.watch.until is None or self.watch_is_over:
            return None
        return self.watch.until.replace(tzinfo=self.day.plan.patient.site.zone)

    @property
    def is_not_ready(self) -> bool:
        return self.state.mark in ready.NOT_READY

    @property
    def owners(self) -> str:
        """Whose it is, once each."""
        return " · ".join(dict.fromkeys(one.owner for one in self.objections if not one.overridden))

    @property
    def more(self) -> tuple[Objection, ...]:
        """What else stands against it, beside the one its state names."""
        return tuple(one for one in self.objections if not one.overridden)[1:] if self.is_open else ()

    @property
    def is_unfinished(self) -> bool:
        """Still to decide, still observed, or vital signs still due."""
        due = self.chair and self.chair.due_since
        return self.is_open or bool(due) or bool(self.watch and not self.watch_is_over)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(amount.kind for amount in self.amounts)


@dataclass(frozen=True, slots=True)
class Day:
    """`missed` are earlier dates nobody decided; they belong to the site's today only."""

    on: date
    today: date
    rows: tuple[Row, ...]
    missed: tuple[Row, ...]
    missed_page: Page[Head]
    before: date | None
    after: date | None
    closed: ClosedDays
    asked: tuple[SecondCheck, ...] = ()  # second checks that wait, on the site's today

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @property
    def changes_at(self) -> datetime | None:
        """The first moment at which the list reads otherwise though nobody records anything; None: not today."""
        ends = [at for row in self.rows if (at := row.watch_ends_at) is not None]
        if self.ticks or self.asked:  # minutes are told: vital signs that are late, a second check that waits
            ends.append(timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=1))
        return min(ends, default=None)

    @property
    def missed_count(self) -> int:
        return self.missed_page.paginator.count

    @property
    def not_ready(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_not_ready)

    def of_nurse(self, pk: int) -> tuple[Row, ...]:
        """What this nurse has, missed ones that are taken for today among them."""
        return tuple(r for r in (*self.missed, *self.rows) if r.chair and r.chair.nurse and r.chair.nurse.pk == pk)

    @property
    def unfinished(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_unfinished)

    @property
    def ticks(self) -> bool:
        """Whether minutes are told: something runs, vital signs fall due or are late."""
        return any(row.chair and row.chair.ticks for row in (*self.missed, *self.rows))

    @property
    def told(self) -> tuple[str, ...]:
        """The day in numbers, as the huddle reads it out; what does not occur is left out."""
        marks = Counter(row.state.mark for row in self.rows)
        kinds = Counter(kind for row in self.rows if row.is_open for kind in set(row.kinds))
        counts = [(marks[mark], words) for mark, words in _STATES] + [(kinds[kind], words) for kind, words in _KINDS]
        return tuple(f"{count} {words}" for count, words in counts if count)

    @property
    def chairs(self) -> Chairs | None:
        timed = (row.day for row in self.rows if row.day.starts_at and row.day.state != DayState.OMITTED)
        return by_hour(Stay.of(day.starts_at, day.chair_minutes) for day in timed if day.starts_at)


def day_at(site: Site, on: date, *, missed_page: int | str | None = None) -> Day:
    """Everything the page shows about `on`; `missed_page` turns the pages of all that was missed."""
    with read_once():  # clearance and the rows' facts ask about the same hearts
        return _day_at(site, on, missed_page)


def _day_at(site: Site, on: date, missed_page: int | str | None) -> Day:
    today = site.today()
    heads = missed.heads(site, before=today)
    page = _page(heads if on == today else {}, missed_page)
    shown = {head.pk for head in page}
    days, asked, chairs = days_of(site, on, shown, waiting.asked_at(site, today))
    closed = closed_days_of(site)
    facts = facts_of(days, shown, closed)
    rows = _rows(days, _Beside(heads, on_closed(days, closed, facts, today)), on=on, today=today)
    rows = _seated(rows, chairs)
    before, after = neighbours(site, on)
    return Day(
        on=on,
        today=today,
        rows=tuple(row for row in rows if row.day.pk not in shown),
        missed=_with_outlook([row for row in rows if row.day.pk in shown], facts, today),
        missed_page=page,
        before=before,
        after=after,
        closed=closed,
        asked=tuple(asked) if on == today else (),
    )


def _page(heads: dict[int, Head], number: int | str | None) -> Page[Head]:
    """The longest undecided first; a few of them unless all were asked for."""
    longest = sorted(heads.values(), key=lambda head: (head.planned_on, head.pk))
    return Paginator(longest, MISSED_SHOWN if number is None else MISSED_PER_PAGE).get_page(number or 1)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is known of all days together: by plan its earliest undecided day; by plan, cycle and day what is shut."""

    heads: Mapping[int, Head]
    shut: Mapping[tuple[int, int, int], OnClosedDay]


def _rows(days: Sequence[CycleDay], beside: _Beside, *, on: date, today: date) -> list[Row]:
    against = clearance.objections(days, on=on)
    plans = list({day.plan_id: day.plan for day in days}.values())
    standing = {one.plan.pk: one for one in standings(plans)}
    known, ahead = about(plans), _outlooks(days, standing, today)
    made = _Made(standing, known, ahead, beside, on, today)
    rows = [made.row(day, against[day.pk]) for day in days]
    return [_watched(row) for row in rows] if on == today else rows


def _seated(rows: Sequence[Row], chairs: Mapping[int, AtChair]) -> list[Row]:
    """With what runs and whose it is; where vital signs are due, the longest first, before all others."""
    found = [_running(replace(row, chair=chairs[row.day.pk])) for row in rows]
    due = [(row.chair.due_since, n) for n, row in enumerate(found) if row.chair and row.chair.due_since]
    first = [n for _, n in sorted(due)]
    return [*(found[n] for n in first), *(row for n, row in enumerate(found) if n not in set(first))]


def _running(row: Row) -> Row:
    """What runs says so where it would be ready; whatever stands against it is said all the same."""
    if not row.chair or not row.chair.runs or not row.is_open or not row.is_ready:
        return row
    going = row.chair.running
    words = f"Running since {going.run.started:%H:%M}" if going else "Begun, not yet recorded"
    return replace(row, state=ready.State("running", words))


def _watched(row: Row) -> Row:
    """With the observation that follows an infusion given today."""
    found = watch_of(row.day)
    if found is None:
        return row
    now = timezone.localtime(timezone.now(), row.day.plan.patient.site.zone).replace(tzinfo=None)
    return replace(row, watch=found, watch_is_over=found.is_over(now))


def _reactions(day: CycleDay, reacted: Sequence[Reaction]) -> tuple[Reaction, ...]:
    """Of this patient, before this infusion; the latest first."""
    before = (one for one in reacted if (one.plan_id, one.cycle, one.day) != (day.plan_id, day.cycle, day.day))
    return tuple(one for one in reversed(list(before)) if one.seen_on <= (day.done_on or day.planned_on))


def _outlooks(days: Sequence[CycleDay], standing: dict[int, Standing], today: date) -> dict[int, CycleOutlook]:
    """By cycle day, of those still to come."""
    infusions: dict[int, list[Infusion]] = {}
    for day in days:
        if day.state == DayState.PLANNED and day.planned_on > today:
            infusions.setdefault(day.plan_id, []).append(Infusion(str(day.uuid), day.planned_on))
    found = outlooks_of([standing[pk] for pk in infusions], today, infusions=infusions)
    pks = {str(day.uuid): day.pk for day in days}
    return {pks[one.infusion.key]: one for outlook in found.values() for one in outlook.found}


def _reduced(day: CycleDay, levels: Iterable[LevelChange]) -> tuple[str, ...]:
    """`Trastuzumab emtansine reduced to 3 mg/kg`, for each agent at a lower level by then."""
    reached: dict[str, Decimal] = {}
    for level in levels:
        if level.from_cycle <= day.cycle:
            reached[level.agent] = min(level.mg_per_kg, reached.get(level.agent, level.mg_per_kg))
    regimen = regimen_of(day.plan.regimen)
    return tuple(f"{regimen.agent(name).title} reduced to {plain(level)} mg/kg" for name, level in reached.items())


@dataclass(frozen=True, slots=True)
class _Made:
    """Each row from what was read for all of them: here nothing is asked of the database."""

    standing: Mapping[int, Standing]
    known: Mapping[int, About]
    ahead: Mapping[int, CycleOutlook]
    beside: _Beside
    on: date
    today: date

    def row(self, day: CycleDay, against: list[Objection]) -> Row:
        known, head = self.known[day.plan_id], self.beside.heads.get(day.plan_id)
        if day.state != DayState.PLANNED:
            against = []
        elif head and (head.cycle, head.day) < (day.cycle, day.day):
            against = [*against, ready.earlier_undecided(head.cycle, head.planned_on)]
        reactions = _reactions(day, known.reactions) if known.reactions else ()
        return Row(
            day=day,
            reactions=reactions,
            regimen=regimen_of(day.plan.regimen),
            state=ready.state_of(day, against, today=self.today),
            amounts=amounts_of(day),
            objections=tuple(against),
            facts=ready.facts_of(
                day, against, self.standing[day.plan_id], on=self.on, reactions=reactions, known=known
            ),
            reduced=_reduced(day, known.levels) if known.levels else (),
            outlook=self.ahead.get(day.pk),
            closed=self.beside.shut.get((day.plan_id, day.cycle, day.day)),
        )


def _with_outlook(rows: list[Row], facts: Mapping[int, TreatmentPlan], today: date) -> tuple[Row, ...]:
    outlook = missed.if_today([row.day for row in rows], facts, today)
    return tuple(
        replace(row, if_today=outlook.get(row.day.pk))
        for row in sorted(rows, key=lambda row: (row.day.planned_on, order(row.day)))
    )
