"""An LVEF as it was reported: a figure, a range or an inequality. Never a midpoint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from her2tracker.lib.bounds import plain

# What a report can plausibly say, in percent. These guard typing, not treatment.
LOWEST = Decimal(5)
HIGHEST = Decimal(95)
# LVEF is kept to one decimal, so "over 55" starts at 55.1.
STEP = Decimal("0.1")


class Unreadable(ValueError):
    """Text or a figure that is not an LVEF in percent; the message is a sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Lvef:
    """Percent. An open end is itself excluded; "over 55" reaches up to the highest plausible figure."""

    low: Decimal
    high: Decimal
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        _require_plausible(self.low)
        _require_plausible(self.high)
        if self.worst > self.best:
            raise Unreadable(f"{self} holds no possible LVEF. Write the lower figure first, for example 50-55.")

    @classmethod
    def exactly(cls, figure: Decimal | int) -> Lvef:
        """One measured figure. Raises Unreadable when it cannot be an LVEF in percent."""
        return cls(Decimal(figure), Decimal(figure))

    @classmethod
    def computed(cls, figure: Decimal) -> Lvef:
        """A machine's unrounded figure, kept to the one decimal a report would state, halves up.

        This happens once, where the figure enters; what is kept is then compared as it stands.
        """
        if not figure.is_finite():
            return cls.exactly(figure)
        return cls.exactly(figure.quantize(STEP, ROUND_HALF_UP) if figure > 1 else figure)

    @classmethod
    def parse(cls, text: str) -> Lvef:
        """`47,5`, `50-55 %`, `>55`, `<= 40`. Raises Unreadable with a sentence that says what to write."""
        tidy = _tidy(text)
        if match := _FIGURE.fullmatch(tidy):
            return cls.exactly(Decimal(match["figure"]))
        if match := _RANGE.fullmatch(tidy):
            return cls(Decimal(match["low"]), Decimal(match["high"]))
        if match := _INEQUALITY.fullmatch(tidy):
            return cls._one_sided(match["sign"], Decimal(match["figure"]))
        raise Unreadable(f"“{text.strip()}” is not an LVEF. Write percent: 55, 47.5, 50-55, >55 or <=40.")

    @classmethod
    def _one_sided(cls, sign: str, figure: Decimal) -> Lvef:
        is_open = "=" not in sign
        if sign.startswith(">"):
            return cls(figure, HIGHEST, low_open=is_open)
        return cls(LOWEST, figure, high_open=is_open)

    @property
    def worst(self) -> Decimal:
        """The lowest LVEF this report allows."""
        return self.low + STEP if self.low_open else self.low

    @property
    def best(self) -> Decimal:
        """The highest LVEF this report allows."""
        return self.high - STEP if self.high_open else self.high

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    def __str__(self) -> str:
        if self.is_exact:
            return f"{plain(self.low)} %"
        if self.high == HIGHEST:
            return f"{'over' if self.low_open else 'at least'} {plain(self.low)} %"
        if self.low == LOWEST:
            return f"{'below' if self.high_open else 'at most'} {plain(self.high)} %"
        return f"{plain(self.low)}–{plain(self.high)} %"


_NUMBER = r"[0-9]{1,4}(?:\.[0-9]+)?"
_FIGURE = re.compile(rf"(?P<figure>{_NUMBER})")
_RANGE = re.compile(rf"(?P<low>{_NUMBER})(?:-|to)(?P<high>{_NUMBER})")
_INEQUALITY = re.compile(rf"(?P<sign>[<>]=?)(?P<figure>{_NUMBER})")
_PREFIX = re.compile(r"^(?:lv)?ef[:=]?")
_WRITTEN = str.maketrans({",": ".", "–": "-", "—": "-", "‑": "-", "−": "-", "≥": ">=", "≤": "<=", "%": ""})


def _tidy(text: str) -> str:
    """Lower case, no spaces or percent signs, one decimal mark, one dash: 'LVEF 50 – 55 %' -> '50-55'."""
    return _PREFIX.sub("", re.sub(r"\s", "", text.translate(_WRITTEN)).lower())


def _require_plausible(figure: Decimal) -> None:
    if not figure.is_finite():
        raise Unreadable("An LVEF must be a number in percent, for example 55.")
    if 0 < figure <= 1:
        raise Unreadable(f"{plain(figure)} looks like a fraction. LVEF is entered in percent: 55, not 0.55.")
    if not LOWEST <= figure <= HIGHEST:
        raise Unreadable(f"{plain(figure)} % cannot be an LVEF. It must be between {LOWEST} and {HIGHEST} %.")
    if figure != figure.quantize(STEP):
        raise Unreadable(f"{plain(figure)} has more than one decimal. Enter the LVEF as reported, to one decimal.")
