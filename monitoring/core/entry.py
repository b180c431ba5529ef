"""When a typed LVEF is asked for a second time: a slip of the keys must not cost a hold, or hide a fall."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from her2tracker.lib.bounds import plain
from monitoring.core.lvef import Lvef


@dataclass(frozen=True, slots=True)
class DoubleEntry:
    """A site's limits: percent, and points below the last result. Not a clinical rule; nothing is judged by it."""

    below: Decimal
    fall: Decimal

    def asks(self, typed: Lvef, last: Lvef | None) -> str:
        """Why the figure is to be typed again, as a sentence; empty when it is not. Ranges count at their worst."""
        if typed.worst < self.below:
            return f"{typed} is below {plain(self.below)} %: type the figure again from the report."
        fallen = last.best - typed.worst if last else Decimal(0)
        if fallen >= self.fall:
            return f"{typed} is {plain(fallen)} points below the last LVEF: type the figure again from the report."
        return ""
