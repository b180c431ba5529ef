"""A surveillance interval that a clinician sets for one patient. It may ask more than the sources do, never less."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation
from monitoring.core.protocol import OnTreatment, Protocol


@dataclass(frozen=True, slots=True)
class Interval:
    """A shorter interval that a clinician set for one patient, by its name.

    Results from `until` on do not renew it, nor does the last of `results` assessments done after `since`.
    """

    name: str
    rule: OnTreatment
    until: date | None = None
    since: date | None = None
    results: int | None = None

    def is_spent(self, results: Iterable[date]) -> bool:
        """Whether the assessments done so far have used it up."""
        known = [day for day in results if self.since is None or day > self.since]
        if self.results is not None and len(known) >= self.results:
            return True
        return self.until is not None and any(day >= self.until for day in known)


def strictest(protocols: Iterable[Protocol]) -> OnTreatment | None:
    """The shortest interval that any of these asks for on treatment."""
    asked = [one.surveillance.on_treatment for one in protocols if one.surveillance]
    return min(asked, key=lambda rule: rule.every_days, default=None)


def shaped_like(rule: OnTreatment, *, every_days: int, citation: Citation) -> OnTreatment:
    """Another interval with the same shape: it opens after the same part of it, and leaves the same days of grace."""
    opens = every_days * rule.opens_after_days // rule.every_days
    return OnTreatment(every_days, opens, every_days + rule.grace_days, citation)


def refuse_interval(interval: Interval, protocols: Iterable[Protocol]) -> Refusal | None:
    """Why this interval may not be set, or None. It may ask more of a patient than a source does, never less."""
    asked = strictest(protocols)
    soonest = asked.every_days if asked else interval.rule.every_days
    if interval.rule.every_days <= soonest:
        return None
    return Refusal(
        "interval-longer",
        f"{interval.name}: {interval.rule.every_days} days is longer than the {soonest} days that apply here. "
        "Choose a shorter interval, or leave it as it is.",
    )
