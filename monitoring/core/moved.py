"""What moving infusions does to the echoes of a plan: due dates that follow its end, needs, appointments that stay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import zip_longest

from her2tracker.lib.dates import in_words
from her2tracker.lib.moved import Moved
from monitoring.core.at_risk import CycleOutlook
from monitoring.core.expected import Expected
from monitoring.core.surveillance import Occasion


def moved_echoes(before: Iterable[Expected], after: Iterable[Expected]) -> Iterator[Moved]:
    """Due dates that differ, occasion by occasion in their order."""
    was, now = tuple(before), tuple(after)
    for occasion in Occasion:
        old, new = ([one for one in side if one.occasion is occasion] for side in (was, now))
        for one, other in zip_longest(old, new):
            old_on, new_on = one.on if one else None, other.on if other else None
            if old_on != new_on:
                yield Moved(f"Echo {occasion.in_words}", old_on, new_on, other.because if other else "")


def moved_need(before: CycleOutlook | None, after: CycleOutlook | None) -> Moved | None:
    """The last useful day for the echo that the first infusion without a valid LVEF needs; None where it stays."""
    old, new = (one.last_useful if one else None for one in (before, after))
    if old == new:
        return None
    sentence = after.sentence if after and new else "The LVEF on record covers every planned infusion."
    return Moved("Echo needed by", old, new, sentence)


def booked(day: date, before: Collection[date], after: Collection[date]) -> Moved | None:
    """What becomes of an appointment on an infusion's day; None where nothing does. It never moves by itself."""
    if (day in before) == (day in after):
        return None
    if day in after:
        return Moved("Echo booked", day, day, f"It stays, and is then on the day of an infusion: {in_words(day)}.")
    return Moved("Echo booked", day, day, "It stays, and is then no longer on the day of an infusion: book it anew?")
