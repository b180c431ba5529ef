"""May this be recorded? One function gives both the check and the sentence that explains it."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from scheduling.core.expansion import Entry, EntryState

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
