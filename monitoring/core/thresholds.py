"""The lines across a drawing of the LVEF: where the rules of a plan begin to withhold, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from her2tracker.lib.bounds import plain
from monitoring.core.protocol import Advice, Protocol
from monitoring.core.result import Assessment


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line across the drawing: where a rule begins, and whose."""

    percent: Decimal
    label: str


def thresholds_of(
    protocols: Iterable[Protocol], baseline: Assessment | None, lower_limit_of_normal: Decimal
) -> tuple[Threshold, ...]:
    """Where rules to withhold begin: LVEF figures, the limit of normal, and falls drawn below the baseline."""
    found: dict[Decimal, list[str]] = {}
    for protocol in protocols:
        for rule in protocol.rules:
            if rule.then < Advice.WITHHOLD:
                continue
            for bounds in (rule.when.lvef,) if rule.when.lvef else ():
                upper = bounds.below if bounds.below is not None else bounds.at_most
                if upper is not None:
                    found.setdefault(upper, []).append(bounds.in_words(" %"))
            if rule.when.below_normal:
                found.setdefault(lower_limit_of_normal, []).append("below normal")
            is_fall_alone = rule.when.fall and not rule.when.lvef and rule.when.below_normal is None
            if is_fall_alone and rule.when.fall and baseline is not None and baseline.lvef.is_exact:
                fall = rule.when.fall.figures()[0]
                found.setdefault(baseline.lvef.low - fall, []).append(f"fall of {plain(fall)}")
    return tuple(Threshold(percent, _label(percent, labels)) for percent, labels in sorted(found.items(), reverse=True))


def _label(percent: Decimal, labels: list[str]) -> str:
    """The figure once: `46 %: fall of 16`, but `below 50 %, below normal`."""
    words, figure = ", ".join(dict.fromkeys(labels)), f"{plain(percent)} %"
    return words if figure in words else f"{figure}: {words}"
