"""From rows to where the second check of one infusion stands. No queries beyond `about`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from her2tracker.lib.bounds import plain
from scheduling.core.release import Ordered, lapsed
from scheduling.core.second_check import CheckState, First, differing
from scheduling.models.about import About
from scheduling.models.checks import SecondCheck
from scheduling.models.cycles import CycleDay
from scheduling.models.gates import ordered


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """The request that waits, if any, and the last check somebody did; with why either no longer fits."""

    waiting: SecondCheck | None = None
    waiting_lapsed: tuple[str, ...] = ()
    done: SecondCheck | None = None
    lapsed: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        return self.waiting is not None and not self.waiting_lapsed

    @property
    def agreed(self) -> bool:
        return self.done is not None and self.done.kind is CheckState.AGREED and not self.lapsed

    @property
    def differs(self) -> bool:
        """Stands, however many days pass, until a new check agrees or what was checked has changed."""
        return self.done is not None and self.done.kind is CheckState.DIFFERED and not self.lapsed

    @property
    def is_empty(self) -> bool:
        return self.waiting is None and self.done is None

    @property
    def why_missing(self) -> str:
        """A sentence for an infusion whose check is still to come."""
        if self.waits and self.waiting:
            at = clock(self.waiting, "recorded_at")
            return f"Second check asked for by {self.waiting.recorded_by} at {at}, not done yet"
        if self.waiting:
            return f"The second check asked for by {self.waiting.recorded_by} lapsed: {'; '.join(self.waiting_lapsed)}"
        if self.done:
            return f"The second check by {self.done.ended_by} lapsed: {'; '.join(self.lapsed)}"
        return "No second check yet"


def standing_of(row: CycleDay, known: About, on: date) -> CheckStanding:
    """Where the second check of this cycle day stands for giving it on `on`."""
    of_day = [one for one in known.second_checks if (one.cycle, one.day) == (row.cycle, row.day)]
    if not of_day:
        return CheckStanding()
    now = ordered(row)
    waiting = next((one for one in of_day if one.kind is CheckState.ASKED), None)
    done = next((one for one in reversed(of_day) if one.kind.is_decided), None)
    return CheckStanding(
        waiting,
        why_lapsed(waiting, now, on) if waiting else (),
        done,
        why_lapsed(done, now, on) if done else (),
    )


def why_lapsed(check: SecondCheck, now: Ordered, on: date) -> tuple[str, ...]:
    """What of the infusion changed since it was asked for. Another day alone ends no disagreement."""
    seen = Ordered(check.planned_on, check.doses, check.weight_kg)
    for_on = check.for_on
    if check.kind is CheckState.DIFFERED:
        seen, for_on = replace(seen, planned_on=now.planned_on), on
    return lapsed(seen, now, for_on=for_on, on=on, held_on=None, ended=False)


def told(check: SecondCheck) -> tuple[str, ...]:
    """Both figures of each agent, side by side, and what was said against it. Of a check that was done."""
    second, apart = check.second, {one.agent for one in differing(check.figures, check.second)}
    lines = [
        f"{one.agent}: {check.recorded_by} {one.in_words}, {check.ended_by} {second_in_words(check, one)}"
        if one.agent in apart
        else f"{one.agent}: both {one.in_words}"
        for one in check.figures
        if one.agent in second or one.agent in apart
    ]
    return (*lines, *([f"{check.ended_by}: {check.not_right}"] if check.not_right else []))


def second_in_words(check: SecondCheck, first: First) -> str:
    figure = check.second.get(first.agent)
    return f"{plain(figure)} {first.unit}" if figure is not None else "no figure"


def clock(check: SecondCheck, name: str) -> str:
    """`08:50` on the site's clocks."""
    return f"{timezone.localtime(getattr(check, name), check.plan.patient.site.zone):%H:%M}"
