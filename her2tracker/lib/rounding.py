"""Rounding figures to a step, and the percentage by which that moved them."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal


def to_step(figure: Decimal, step: Decimal, *, up: bool = True) -> Decimal:
    """The multiple of `step` nearest to `figure` (halves up), or the one below when `up` is not allowed.

    Raises ValueError for a step that is not positive.
    """
    if step <= 0:
        raise ValueError(f"a rounding step must be positive, not {step}")
    return (figure / step).quantize(Decimal(1), ROUND_HALF_UP if up else ROUND_DOWN) * step


def change_percent(before: Decimal, after: Decimal) -> Decimal:
    """How far `after` is from `before`, in percent of `before`; negative when less. Not rounded."""
    return (after - before) * 100 / before


def signed_percent(percent: Decimal) -> str:
    """`+0.8 %`, `−17.3 %`, `0.0 %`: one decimal, with a real minus sign."""
    shown = percent.quantize(Decimal("0.1"), ROUND_HALF_UP)
    sign = "+" if shown > 0 else "−" if shown < 0 else ""
    return f"{sign}{abs(shown)} %"
