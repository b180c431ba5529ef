"""May this be recorded? One function gives both the check and the sentence that explains it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from scheduling.core import dosing
from scheduling.core.calendar import LastDose, Window
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.forecast import YearLimits
from scheduling.core.gaps import too_soon
from scheduling.core.policy import KeptGrid
from scheduling.core.projection import Projection
from scheduling.core.regimen import Agent, Regimen

LONGEST_DELAY = timedelta(days=182)
"""Half a year: further away is a typing mistake, or a plan to cease and start anew. Not a clinical figure."""


class PlanState(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    CEASED = "ceased"


def refuse_record(
    plan: PlanState, entry: Entry, *, on: date, today: date, undecided: Entry | None = None, last_on: date | None = None
) -> Refusal | None:
    """Recording `entry` as given on `on`.

    `undecided` is the earliest cycle day before this one that nobody decided; `last_on` the agent's
    last given date.
    """
    if refusal := _not_open(plan, entry):
        return refusal
    if on > today:
        return Refusal("in-the-future", f"{in_words(on)} has not come yet: only what went in can be recorded.")
    if on < entry.on - LONGEST_DELAY:
        return Refusal(
            "too-early", f"{in_words(on)} is more than half a year before {in_words(entry.on)}. Check the year."
        )
    if undecided is not None:
        return Refusal(
            "earlier-undecided",
            f"Cycle {undecided.cycle} of {in_words(undecided.on)} is undecided: record or omit it first.",
        )
    if last_on is not None and on <= last_on:
        return Refusal(
            "before-the-last", f"{entry.agent} was given on {in_words(last_on)}: this dose must have a later date."
        )
    return None


def refuse_amend(*, is_given: bool, changes: bool, reason: str) -> Refusal | None:
    """Amending what was recorded about one agent: only what went in, only where something differs, never without why.

    A plan that has ended is no hindrance: what was written down wrongly is corrected whenever it is noticed.
    """
    if not is_given:
        return Refusal("not-given", "Nothing is recorded as given here: there is nothing to amend.")
    if not reason.strip():
        return Refusal("no-reason", "Say in a sentence why the record is amended.")
    if not changes:
        return Refusal("nothing-changed", "Nothing differs from what is recorded.")
    return None


def refuse_amend_seen(*, in_error: bool, changes: bool, reason: str) -> Refusal | None:
    """Amending what was seen at the chair; what was marked as entered in error stays so, and is entered anew."""
    if in_error:
        return Refusal("in-error", "This entry is marked as entered in error. Enter what was seen anew.")
    return refuse_amend(is_given=True, changes=changes, reason=reason)


def refuse_omit(plan: PlanState, entry: Entry) -> Refusal | None:
    return _not_open(plan, entry)


def refuse_delay(plan: PlanState, entry: Entry, *, to: date, today: date) -> Refusal | None:
    """Moving `entry`, and with it all later ones, to `to`."""
    if refusal := _not_open(plan, entry):
        return refusal
    if to <= entry.on:
        return Refusal("not-later", f"A delay needs a date after {in_words(entry.on)}.")
    if to < today:
        return Refusal("already-past", f"{in_words(to)} is past: delay to today or a later day.")
    if to > max(entry.on, today) + LONGEST_DELAY:
        return Refusal(
            "too-far",
            f"{in_words(to)} is more than half a year away. Check the year, or cease the plan and start a new one.",
        )
    return None


def refuse_delay_alone(
    plan: PlanState,
    regimen: Regimen,
    entry: Entry,
    following: Entry | None,
    *,
    to: date,
    today: date,
    grid: KeptGrid,
) -> Refusal | None:
    """Moving `entry` to `to` and nothing else; `following` is the first entry of the next cycle day."""
    if refusal := refuse_delay(plan, entry, to=to, today=today):
        return refusal
    if following is None:
        return None
    days = {(day.cycle, day.day): day for day in regimen.cycle_days_up_to(following.cycle)}
    this, after = days[entry.cycle, entry.day], days[following.cycle, following.day]
    days_to_next = (following.on - to).days
    late = after.offset_days - this.offset_days - days_to_next
    return grid.refuse([agent for agent, _ in this.due], regimen.companions, days_late=late, days_to_next=days_to_next)


def refuse_bring_forward(
    plan: PlanState,
    entry: Entry,
    *,
    to: date,
    today: date,
    before: date | None,
    last_doses: Iterable[LastDose],
    window: Window,
) -> Refusal | None:
    """Moving `entry`, and with it all later ones, to an earlier day.

    `before` is the date of the cycle day before it, None for the plan's first.
    """
    if refusal := _not_open(plan, entry):
        return refusal
    if to >= entry.on:
        return Refusal("not-earlier", f"Bringing forward needs a date before {in_words(entry.on)}.")
    if to < today:
        return Refusal("already-past", f"{in_words(to)} is past: bring forward to today or a later day.")
    if before is None:
        return Refusal("first-day", "The first infusion of a plan is not brought forward: its start was decided.")
    if to <= before:
        return Refusal("before-the-last", f"The cycle day before it is {in_words(before)}: choose a later date.")
    if (entry.on - to).days > window.days:
        return Refusal(
            "too-far",
            f"{in_words(to)} is more than {window.days} days before {in_words(entry.on)} ({window.citation.key}).",
        )
    soon = (too_soon(last.agent, last.on, to) for last in last_doses)
    return next((Refusal("too-soon", f"{found.reason}.") for found in soon if found), None)


def refuse_level(
    plan: PlanState, agent: Agent, entries: Iterable[Entry], *, to_mg_per_kg: Decimal, from_cycle: int
) -> Refusal | None:
    """Giving `agent` at a lower level from `from_cycle` on; `entries` are the plan's."""
    if plan is not PlanState.ACTIVE:
        return _not_active(plan)
    own = [entry for entry in entries if entry.agent == agent.name]
    if not any(entry.cycle == from_cycle for entry in own):
        return Refusal("no-such-cycle", f"{agent.title} has no cycle {from_cycle} in this plan.")
    given = [entry.cycle for entry in own if entry.state is EntryState.GIVEN and entry.cycle >= from_cycle]
    if given:
        return Refusal("already-given", f"Cycle {given[-1]} is given already: a level holds from a later cycle on.")
    # the lowest dose of the plan, for a level recorded for a later cycle holds too
    reached = min((entry.dose.mg_per_kg for entry in own if entry.dose.mg_per_kg), default=to_mg_per_kg)
    return dosing.refuse_level(agent, reached, to_mg_per_kg)


def refuse_extend(
    plan: PlanState,
    regimen: Regimen,
    extended: Projection,
    limits: YearLimits,
    *,
    reason: str,
    overridden: bool = False,
) -> Refusal | None:
    """Adding cycles. `extended` is the plan as it would be: projected with them, past its weeks if need be."""
    if plan is not PlanState.ACTIVE:
        return _not_active(plan)
    if not reason.strip():
        return Refusal("no-reason", "Say why cycles are added.")
    if regimen.cap.doses is None:
        return Refusal("no-end", f"{regimen.name} has no last cycle ({regimen.cap.in_words()}): none is added.")
    return None if overridden else _past_the_limits(regimen, extended, limits)


def _past_the_limits(regimen: Regimen, extended: Projection, limits: YearLimits) -> Refusal | None:
    if regimen.one_year is None:
        words = f"{regimen.cap.in_words()} are the whole of it ({regimen.cap.citation.key})"
        return Refusal("past-its-doses", f"{regimen.name}: {words}. More needs an override.")
    days = limits.days_of(extended)
    if days > limits.weeks * 7:
        said = f"The last dose would be on day {days}: more than {limits.weeks} weeks is not recommended"
        return Refusal("past-one-year", f"{said} ({limits.weeks_citation.key}). It needs an override.")
    doses = limits.doses_of(regimen, extended)
    if doses > limits.doses:
        said = f"There would be {doses} doses every three weeks, and {limits.doses} are the most"
        return Refusal("past-its-doses", f"{said} ({limits.doses_citation.key}). It needs an override.")
    return None


def refuse_switch(
    plan: PlanState, old: Regimen, new: Regimen, *, stopped_by: str, start_on: date, today: date, last_on: date | None
) -> Refusal | None:
    """Going on with `new` from `start_on`. `stopped_by` is what stops treatment in the old plan, if anything does."""
    if plan is not PlanState.ACTIVE:
        return _not_active(plan)
    if (old.id, old.version) == (new.id, new.version):
        return Refusal("same-regimen", f"The plan is {new.name} already. Choose another regimen.")
    if new.is_by_mouth_only:
        said = f"{new.name} follows treatment that has ended: let this plan end, then start that one."
        return Refusal("by-mouth", said)
    if last_on is None:
        return Refusal("nothing-given", f"Nothing was given of {old.name}: cease it and start the other plan.")
    if stopped_by:
        return Refusal("treatment-stopped", f"Treatment is stopped: {stopped_by}. Decide that before switching.")
    if start_on < today:
        return Refusal("already-past", f"{in_words(start_on)} is past: the new plan starts today or later.")
    if start_on <= last_on:
        return Refusal("before-the-last", f"The last dose was on {in_words(last_on)}: start on a later day.")
    return None


def refuse_cease(plan: PlanState, *, on: date, today: date, started_on: date) -> Refusal | None:
    if plan is not PlanState.ACTIVE:
        return _not_active(plan)
    if on > today:
        return Refusal("in-the-future", f"{in_words(on)} has not come yet: a plan is ceased on the day it is decided.")
    if on < started_on:
        return Refusal("before-the-start", f"The plan started on {in_words(started_on)}: it cannot end before that.")
    return None


def _not_open(plan: PlanState, entry: Entry) -> Refusal | None:
    if plan is not PlanState.ACTIVE:
        return _not_active(plan)
    if entry.state is not EntryState.PLANNED:
        return Refusal(
            f"already-{entry.state.value}",
            f"Cycle {entry.cycle} of {entry.agent} is already recorded as {entry.state.value} on {in_words(entry.on)}.",
        )
    return None


def _not_active(plan: PlanState) -> Refusal:
    return Refusal("plan-not-active", f"The plan is {plan.value}: nothing more can be recorded in it.")
