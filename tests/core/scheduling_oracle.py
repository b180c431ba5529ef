"""A second opinion: the rules of CLINICAL.md sections 1, 2 and 4, played out one calendar day after the other.

Written from that document, not from the program: it reads no regimen file, and is as simple as it can be.
A plan here is a list of agents with what section 1.1 says of them; each day it is asked who is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

WEEK_LATE = 7  # "late by more than one week" re-loads trastuzumab
SIX_WEEKS = 42  # "interval of six weeks or more" re-loads pertuzumab and Phesgo
YEAR = 364  # 52 weeks
NO_ROOM = "no room in 52 weeks"

# (first dose, later doses, dose again after too long a gap, what is too long); amounts per kg are Fractions
WEEKLY_T = (Fraction(4), Fraction(2), Fraction(4), "late")
THREE_WEEKLY_T = (Fraction(8), Fraction(6), Fraction(8), "late")
P = (840, 420, 840, "since")
SC = (600, 600, None, "never")
PHESGO = ("1200/600", "600/600", "1200/600", "since")
T_DM1 = (Fraction(36, 10), Fraction(36, 10), None, "never")
T_DXD = (Fraction(54, 10), Fraction(54, 10), None, "never")

T, HYLECTA, PH = "trastuzumab", "trastuzumab-hyaluronidase", "pertuzumab-trastuzumab-hyaluronidase"
EMTANSINE, DERUXTECAN = "trastuzumab-emtansine", "trastuzumab-deruxtecan"


@dataclass(frozen=True)
class Plan:
    """Cycles of each length in days, who is due in them, how many weeks they may take, and if doses come back."""

    cycles: tuple[tuple[int, int, dict[str, tuple[object, ...]]], ...]
    weeks_lead: bool = False
    until_progression: bool = False
    chemotherapy: bool = False  # on the same day, and section 2 says of no such agent how close two doses may be


PLANS = {
    "trastuzumab-q3w-17": Plan(((17, 21, {T: THREE_WEEKLY_T}),)),
    "trastuzumab-q3w-18": Plan(((18, 21, {T: THREE_WEEKLY_T}),), weeks_lead=True),
    "trastuzumab-pertuzumab": Plan(((18, 21, {T: THREE_WEEKLY_T, "pertuzumab": P}),)),
    "trastuzumab-sc": Plan(((18, 21, {HYLECTA: SC}),), weeks_lead=True),
    "phesgo": Plan(((18, 21, {PH: PHESGO}),)),
    "t-dm1": Plan(((14, 21, {EMTANSINE: T_DM1}),)),
    "t-dxd": Plan(((14, 21, {DERUXTECAN: T_DXD}),)),
    "apt": Plan(((12, 7, {T: WEEKLY_T}), (13, 21, {T: THREE_WEEKLY_T}))),
    "apt-q3w": Plan(((4, 21, {T: THREE_WEEKLY_T}), (13, 21, {T: THREE_WEEKLY_T}))),
    "tch-weekly": Plan(((18, 7, {T: WEEKLY_T}), (12, 21, {T: THREE_WEEKLY_T})), weeks_lead=True),
    "ac-th": Plan(((12, 7, {T: WEEKLY_T}), (14, 21, {T: THREE_WEEKLY_T})), weeks_lead=True),
    "trastuzumab-6-months": Plan(((9, 21, {T: THREE_WEEKLY_T}),)),
    "thp": Plan(((1, 21, {T: THREE_WEEKLY_T, "pertuzumab": P}),), until_progression=True, chemotherapy=True),
    "t-dxd-metastatic": Plan(((1, 21, {DERUXTECAN: T_DXD}),), until_progression=True),
    "tucatinib-capecitabine-trastuzumab": Plan(((1, 21, {T: THREE_WEEKLY_T}),), until_progression=True),
}


@dataclass
class What:
    """What happened in one cycle: given or decided `slip` days off, and who was left out."""

    act: str
    slip: int = 0


@dataclass(frozen=True)
class Row:
    cycle: int
    agent: str
    on: date
    amount: object
    state: str


@dataclass
class Clock:
    """A clinic's diary: on which day is the next cycle, and when had each agent its last dose."""

    next_on: date
    last: dict[str, date] = field(default_factory=dict)
    first: date | None = None


def play(
    regimen: str,
    start: date,
    happened: dict[int, What],
    *,
    eu_hp: bool = False,
    grid: bool = False,
    reduced: dict[int, Fraction] | None = None,
    in_sight: date = date.max,
) -> Iterator[Row]:
    """Every row of the plan. `happened` holds, by cycle, what was decided of the first cycles.

    Until progression there is no last cycle: what nobody spoke of yet is planned as far as `in_sight`.
    """
    plan, clock = PLANS[regimen], Clock(start)
    queue = [(length, due) for count, length, due in plan.cycles for _ in range(count)]
    made_up = sum(what.act == "make up" for what in happened.values())
    if plan.until_progression:
        queue *= max(happened, default=0) + (in_sight - start).days
    elif not plan.weeks_lead:
        queue += [queue[-1]] * made_up
    for cycle, (length, due) in enumerate(queue, 1):
        if plan.until_progression and clock.next_on > in_sight and cycle > max(happened, default=0):
            return
        what = happened.get(cycle, What("plan"))
        # the days to the cycle before are the length of that cycle: seven at the hand-over
        interval = queue[cycle - 2][0] if cycle > 1 else length
        on = _wait(clock.next_on, what)
        yield from _day(plan, clock, cycle, due, interval, on, what, eu_hp, (reduced or {}))
        clock.next_on = _after(plan, clock.next_on, on, length, what, grid, set(due))


def _wait(due_on: date, what: What) -> date:
    """Day by day from the day it was due to the day it was; backwards for an early dose."""
    on, step = due_on, timedelta(1 if what.slip > 0 else -1)
    while (on - due_on).days != what.slip:
        on += step
    return on


def _day(
    plan: Plan,
    clock: Clock,
    cycle: int,
    due: dict[str, tuple[object, ...]],
    interval: int,
    on: date,
    what: What,
    eu_hp: bool,
    reduced: dict[int, Fraction],
) -> Iterator[Row]:
    omitted = what.act in ("omit", "make up")
    if clock.first is None and not omitted:
        clock.first = on
    planned = what.act in ("plan", "delay", "delay alone")
    past = bool(plan.weeks_lead and planned and clock.first and (on - clock.first).days > YEAR)
    state = NO_ROOM if past else "omitted" if omitted else what.act
    for agent, facts in due.items():
        amount = _amount(agent, facts, clock.last.get(agent), interval, on, eu_hp and "pertuzumab" in due)
        lowest = [level for since, level in reduced.items() if cycle >= since]
        yield Row(cycle, agent, on, min([amount, *lowest]) if lowest else amount, state)
        if not omitted and not past:
            clock.last[agent] = on


def _amount(
    agent: str, facts: tuple[object, ...], last: date | None, interval: int, on: date, together: bool
) -> object:
    first, later, again, rule = facts
    if last is None:
        return first
    days = 0
    while last + timedelta(days) < on:
        days += 1
    if rule == "late" and not (together and agent == T):
        return again if days - interval > WEEK_LATE else later
    if rule == "never":
        return later
    return again if days >= SIX_WEEKS else later


def _after(plan: Plan, due_on: date, on: date, length: int, what: What, grid: bool, agents: set[str]) -> date:
    """21 (or 7) days after the actual date; the old date where it may be kept and was asked for."""
    may = agents <= {T, "pertuzumab"} and not plan.chemotherapy
    keeps = what.act == "delay alone" or (grid and what.act == "give")
    to_next = (due_on + timedelta(length) - on).days
    if keeps and may and 0 < what.slip <= WEEK_LATE and to_next >= 18:
        return due_on + timedelta(length)
    return on + timedelta(length)


# from the vein to under the skin, back, and from a conjugate stopped early to the rest of the year
CARRIED_ON = (
    ("trastuzumab-q3w-17", "trastuzumab-sc"),
    ("trastuzumab-q3w-18", "trastuzumab-sc"),
    ("trastuzumab-sc", "trastuzumab-q3w-17"),
    ("trastuzumab-sc", "trastuzumab-q3w-18"),
    ("phesgo", "trastuzumab-pertuzumab"),
    ("t-dm1", "trastuzumab-q3w-17"),
    ("t-dm1", "trastuzumab-q3w-18"),
    ("t-dm1", "trastuzumab-sc"),
    ("t-dm1", "trastuzumab-pertuzumab"),
    ("t-dxd", "trastuzumab-q3w-18"),
)


def carry_on(change: tuple[str, str], start: date, given: int, first_on: date, answer: str) -> Iterator[Row]:
    """After another form of the drug, or after a conjugate stopped early: sections 2 and 4.2.

    No document says how the first dose follows, so it is the clinician's `answer`, "loading" or "maintenance".
    The doses given count; after a conjugate the year does, from the first dose of any of them.
    """
    plan = PLANS[change[1]]
    [(total, length, due)] = plan.cycles
    ends = first_on + timedelta(YEAR) if plan.weeks_lead or change[0] in ("t-dm1", "t-dxd") else date.max
    on = start
    for cycle in range(given + 1, total + 1):
        if on > ends:
            return
        for agent, (first, later, *_) in due.items():
            yield Row(cycle, agent, on, first if on == start and answer == "loading" else later, "plan")
        on += timedelta(length)
