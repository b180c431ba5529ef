"""Whether an echo is asked for too early. A note for the person who asks; nothing is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.dates import days_between, in_words
from her2tracker.lib.sources import Citation
from monitoring.core.result import Assessment, Symptoms
from monitoring.core.surveillance import Occasion, Window


@dataclass(frozen=True, slots=True)
class EchoPolicy:
    """Too early: so many days after the last result, without a fall of so many points and without symptoms."""

    id: str
    version: int
    days_since_last: Bounds
    unless_fall: Bounds
    citation: Citation


@dataclass(frozen=True, slots=True)
class TooEarly:
    """Why it is probably too early, with the last figure, so that nobody has to look it up."""

    days_since_last: int
    last: Assessment
    sentence: str
    citation: Citation


def too_early(
    policy: EchoPolicy,
    *,
    asked_for: date,
    last: Assessment | None,
    baseline: Assessment | None,
    window: Window,
    needs_decision: bool = False,
) -> TooEarly | None:
    """The note for an echo asked for on `asked_for`, or None when nothing speaks against it.

    `last` is the latest valid result, `window` what surveillance asks for, `needs_decision` whether a rule
    is met by it. A repeat that was decided, a hold, an open window, a fall or symptoms all justify it.
    """
    if last is None or needs_decision or last.symptoms.grade or _is_wanted(window, asked_for):
        return None
    days = days_between(last.performed_on, asked_for)
    if days < 0 or not policy.days_since_last.hold(days) or _has_fallen(policy, last, baseline):
        return None
    return TooEarly(days, last, _sentence(policy, last, days), policy.citation)


def _is_wanted(window: Window, asked_for: date) -> bool:
    """Whether any source asks for an assessment by then, or one is due for a reason of its own."""
    return any(
        one.occasion in (Occasion.REPEAT, Occasion.WHILE_HELD, Occasion.BASELINE)
        or (one.opens_on is not None and one.opens_on <= asked_for)
        for one in (window, *window.others)
    )


def _has_fallen(policy: EchoPolicy, last: Assessment, baseline: Assessment | None) -> bool:
    """The worst ends count: a range that allows such a fall is not called early."""
    return baseline is not None and policy.unless_fall.hold(baseline.lvef.best - last.lvef.worst)


def _sentence(policy: EchoPolicy, last: Assessment, days: int) -> str:
    shown = f"{last.lvef} ({last.modality.label}) on {in_words(last.performed_on)}"
    limit = policy.days_since_last.in_words(" days")
    reason = f"The last LVEF was {shown}, {days} days before: {limit}, and no fall that any rule counts."
    if last.symptoms is Symptoms.UNKNOWN:
        return f"{reason} Symptoms were not recorded; new symptoms are a reason to do it."
    return f"{reason} New symptoms would be a reason to do it."
