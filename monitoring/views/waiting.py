"""What a hold would do to the infusions: which wait, which move, when each agent would be loaded again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from her2tracker.lib.dates import in_words
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.facts import Delayed
from scheduling.core.gaps import Reload, last_maintenance_on
from scheduling.core.projection import Projection
from scheduling.models import TreatmentPlan
from scheduling.models.standing import agent_on, projection_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """Sentences for the page, in the order they matter. `next_on` is the first infusion nobody has decided."""

    next_on: date | None
    next_cycle: int | None
    cycles: str
    reloads: tuple[str, ...]


def waiting(plan: TreatmentPlan, *, resume_on: date | None, today: date) -> Waiting:
    """`plan` with its facts; `resume_on` is the earliest day on which the hold may end."""
    before = projection_of(plan, today=today)
    nearest = next((entry for entry in before.entries if entry.state is EntryState.PLANNED), None)
    if nearest is None:
        return Waiting(None, None, "No infusion is planned any more.", ())
    reloads = tuple(
        words
        for entry in before.entries
        if (entry.cycle, entry.day) == (nearest.cycle, nearest.day)
        if (words := _reload(plan, entry))
    )
    return Waiting(nearest.on, nearest.cycle, _cycles(plan, before, nearest, resume_on, today), reloads)


def _cycles(plan: TreatmentPlan, before: Projection, nearest: Entry, resume_on: date | None, today: date) -> str:
    waits = f"Cycle {nearest.cycle} of {in_words(nearest.on)} waits until an oncologist resumes treatment."
    if resume_on is None:
        return waits
    if resume_on <= nearest.on:
        return f"{waits} Resumed by then, no cycle moves."
    delayed = Delayed(nearest.cycle, nearest.day, resume_on)
    after = projection_of(plan, delayed, today=today)
    moved = f"{_span(before, nearest)} by {(resume_on - nearest.on).days} days"
    ends = f", the last dose to {in_words(after.last_on)}" if after.last_on and after.last_on != before.last_on else ""
    return f"{waits} Resumed on {in_words(resume_on)}, {moved}{ends}."


def _span(before: Projection, nearest: Entry) -> str:
    last = max(entry.cycle for entry in before.entries)
    return f"cycle {last} moves" if last == nearest.cycle else f"cycles {nearest.cycle}–{last} move"


def _reload(plan: TreatmentPlan, entry: Entry) -> str:
    """`Trastuzumab is loaded again (8 mg/kg) from Mon 2 Feb 2026 on.`; empty where no gap counts yet."""
    judged = entry.judgement
    if judged is None:
        return ""
    name = entry.agent.replace("-", " ").capitalize()
    agent = agent_on(plan, entry)
    last_given = entry.on - timedelta(days=judged.days_since_last)
    interval = judged.days_since_last - judged.days_late
    last = last_maintenance_on(agent, interval, last_given)
    if last is None:
        return f"{name} is never loaded again, whatever the gap."
    dose = agent.reload.dose.in_words() if agent.reload.dose else ""
    already = " (already so on the planned day)" if isinstance(judged, Reload) else ""
    return f"{name} is loaded again ({dose}) from {in_words(last + timedelta(days=1))} on{already}."
