"""What each decision about a finding would do, by the protocols' own clocks. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from her2tracker.lib.dates import add_days
from her2tracker.lib.sources import Citation
from monitoring.core.evaluation import Judgement
from monitoring.core.protocol import Advice, Protocol


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """A hold from `began_on`: when to look again, and before which day it does not end. None: no source says."""

    repeat_by: date | None
    not_before: date | None
    resume_words: tuple[str, ...]
    citations: tuple[Citation, ...]

    @property
    def earliest_resume(self) -> date | None:
        """Not before the shortest hold is over, nor before the repeat that must permit it."""
        return max((day for day in (self.not_before, self.repeat_by) if day), default=None)


def hold_terms(protocols: Iterable[Protocol], judgement: Judgement | None, began_on: date) -> HoldTerms:
    """By the protocols whose rule withholds, else by all that have clocks; the strictest date of each counts."""
    evaluations = judgement.evaluations if judgement else ()
    withholding = {one.protocol_id for one in evaluations if one.advice >= Advice.WITHHOLD}
    with_clocks = [p for p in protocols if p.hold]
    asked = [p for p in with_clocks if p.id in withholding] or with_clocks
    clocks = [p.hold for p in asked if p.hold]
    return HoldTerms(
        min((add_days(began_on, c.recheck_within_days) for c in clocks if c.recheck_within_days), default=None),
        max((add_days(began_on, c.minimum_days) for c in clocks if c.minimum_days), default=None),
        tuple(dict.fromkeys(f"{p.title}: {p.hold.resume_words}" for p in asked if p.hold)),
        tuple(dict.fromkeys(c.citation for c in clocks)),
    )
