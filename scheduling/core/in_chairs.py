"""What goes on in a chair at this moment: an infusion that runs, one between two agents, and who stays over.

All moments are wall-clock times of the site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.core.running import Run


@dataclass(frozen=True, slots=True)
class InChair:
    """A visit that has begun and is not recorded yet. Minutes are whole ones, 0 where nothing is over."""

    since: datetime
    running: Run | None
    booked_until: datetime | None
    infusion_over: int  # the running agent past its planned end
    chair_over: int  # the chair past the end of its booking

    @property
    def is_over(self) -> bool:
        return bool(self.infusion_over or self.chair_over)

    @property
    def state(self) -> str:
        """In words: what a nurse would say of this chair."""
        begun = f"running since {self.running.started:%H:%M}" if self.running else f"begun at {self.since:%H:%M}"
        told = [begun if self.running else f"{begun}, nothing runs now"]
        if self.infusion_over and self.running:
            told.append(f"planned end {self.running.planned_end:%H:%M}, {self.infusion_over} min ago")
        if self.chair_over and self.booked_until:
            told.append(f"chair booked until {self.booked_until:%H:%M}, {self.chair_over} min ago")
        return ", ".join(told)


def in_chair(runs: Sequence[Run], *, booked_until: datetime | None, now: datetime) -> InChair | None:
    """Of the starts of one visit that stand; None where nothing was started."""
    if not runs:
        return None
    running = next((run for run in runs if run.is_running), None)
    over = int((now - booked_until).total_seconds() // 60) if booked_until else 0
    running_over = running.minutes_over(now) if running else 0
    return InChair(min(run.started for run in runs), running, booked_until, running_over, max(0, over))
