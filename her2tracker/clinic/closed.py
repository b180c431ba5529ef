"""Cycles planned on days when the site is closed: why, and the open days near them, in words."""

from __future__ import annotations

from dataclasses import dataclass

from her2tracker.lib.dates import in_words
from scheduling import catalog
from scheduling.core.calendar import Candidate, ClosedDays, LastDose, last_dose_of, on_closed_days, propose
from scheduling.core.expansion import Entry
from scheduling.core.projection import Projection
from scheduling.models import TreatmentPlan
from scheduling.models.standing import agent_on

SHOWN = 3


@dataclass(frozen=True, slots=True)
class OnClosedDay:
    """`proposals` are the nearest days that no minimum interval forbids; none moves by itself."""

    why: str
    proposals: tuple[str, ...]


def notes_of(plan: TreatmentPlan, projection: Projection, closed: ClosedDays) -> dict[tuple[int, int], OnClosedDay]:
    """By cycle and day. Agents of one day are judged together: a day must suit them all."""
    found: dict[tuple[int, int], tuple[str, list[Entry]]] = {}
    for entry, why in on_closed_days(projection.entries, closed):
        found.setdefault((entry.cycle, entry.day), (why, []))[1].append(entry)
    return {key: OnClosedDay(why, _proposals(plan, entries, closed)) for key, (why, entries) in found.items()}


def _proposals(plan: TreatmentPlan, entries: list[Entry], closed: ClosedDays) -> tuple[str, ...]:
    # re-loads by the plan's own policy and levels, as its cycles are judged
    last: list[LastDose] = [dose for entry in entries if (dose := last_dose_of(entry, agent_on(plan, entry)))]
    candidates = propose(entries[0].on, closed, catalog.window(), last)
    return tuple(_in_words(candidate) for candidate in candidates if candidate.allowed)[:SHOWN]


def _in_words(candidate: Candidate) -> str:
    days = abs(candidate.days_moved)
    moved = f"{days} day{'' if days == 1 else 's'} {'later' if candidate.days_moved > 0 else 'earlier'}"
    risk = f": {'; '.join(reload.reason for reload in candidate.reloads)}" if candidate.reloads else ", no re-load"
    return f"Open {in_words(candidate.on)}, {moved}{risk}"
