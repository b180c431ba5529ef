from __future__ import annotations

from decimal import Decimal

import pytest

from her2tracker.lib.rounding import change_percent, signed_percent, to_step


@pytest.mark.parametrize(
    ("figure", "step", "up", "rounded"),
    [("496", "10", True, "500"), ("495", "10", True, "500"), ("494.9", "10", True, "490"), ("499", "10", False, "490")],
)
def test_a_figure_goes_to_the_nearest_step_halves_up(figure: str, step: str, up: bool, rounded: str) -> None:
    assert to_step(Decimal(figure), Decimal(step), up=up) == Decimal(rounded)


@pytest.mark.parametrize("step", ["0", "-5"])
def test_a_step_is_positive(step: str) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        to_step(Decimal(1), Decimal(step))


def test_a_change_is_counted_in_percent_of_what_was() -> None:
    assert change_percent(Decimal(500), Decimal(550)) == 10
    assert change_percent(Decimal(70), Decimal(63)) == -10


@pytest.mark.parametrize(
    ("percent", "shown"), [("0.806", "+0.8 %"), ("-17.27", "−17.3 %"), ("0.04", "0.0 %"), ("-0.04", "0.0 %")]
)
def test_a_percentage_shows_its_sign_and_one_decimal(percent: str, shown: str) -> None:
    assert signed_percent(Decimal(percent)) == shown
