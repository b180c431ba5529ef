"""Comparisons in the labels' own words: below, at most, at least, over."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bounds:
    """A condition on one figure. A limit left out does not count; none at all is an error."""

    below: Decimal | None = None
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    over: Decimal | None = None

    def __post_init__(self) -> None:
        if self.below is None and self.at_most is None and self.at_least is None and self.over is None:
            raise ValueError("a condition needs at least one of below, at_most, at_least, over")

    def hold(self, figure: Decimal | int) -> bool:
        """Whether `figure` satisfies every limit given. Nothing is rounded before comparing."""
        return (
            (self.below is None or figure < self.below)
            and (self.at_most is None or figure <= self.at_most)
            and (self.at_least is None or figure >= self.at_least)
            and (self.over is None or figure > self.over)
        )

    def in_words(self, unit: str = "") -> str:
        """`at least 40 % and at most 45 %`, for people."""
        limits = (
            ("at least", self.at_least),
            ("over", self.over),
            ("at most", self.at_most),
            ("below", self.below),
        )
        return " and ".join(f"{words} {plain(limit)}{unit}" for words, limit in limits if limit is not None)

    def figures(self) -> tuple[Decimal, ...]:
        """Every limit that counts, for the tests that demand a case at each."""
        return tuple(x for x in (self.below, self.at_most, self.at_least, self.over) if x is not None)


def plain(figure: Decimal | int) -> str:
    """A figure without trailing zeros or exponent: 3.60 -> 3.6, 100 -> 100."""
    text = format(Decimal(figure), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
