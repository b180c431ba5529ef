from __future__ import annotations

from decimal import Decimal

import pytest

from monitoring.core.lvef import Lvef, Unreadable


@pytest.mark.parametrize(
    ("text", "shown", "worst", "best"),
    [
        ("47", "47 %", "47", "47"),
        ("47,5", "47.5 %", "47.5", "47.5"),
        ("47.0 %", "47 %", "47", "47"),
        ("50-55 %", "50–55 %", "50", "55"),
        ("LVEF 50 – 55%", "50–55 %", "50", "55"),
        ("50 to 55", "50–55 %", "50", "55"),
        (">55", "over 55 %", "55.1", "95"),
        ("≥ 55", "at least 55 %", "55", "95"),
        ("<= 40", "at most 40 %", "5", "40"),
        ("< 40 %", "below 40 %", "5", "39.9"),
        ("5", "5 %", "5", "5"),
        ("95", "95 %", "95", "95"),
    ],
)
def test_an_lvef_is_read_as_reported(text: str, shown: str, worst: str, best: str) -> None:
    lvef = Lvef.parse(text)
    assert (str(lvef), lvef.worst, lvef.best) == (shown, Decimal(worst), Decimal(best))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0.55", "fraction"),
        ("1", "fraction"),
        ("0", "between 5 and 95"),
        ("4.9", "between 5 and 95"),
        ("95.1", "between 5 and 95"),
        ("550", "between 5 and 95"),
        ("-5", "is not an LVEF"),
        ("normal", "is not an LVEF"),
        ("", "is not an LVEF"),
        ("NaN", "is not an LVEF"),
        ("55-50", "lower figure first"),
        (">95", "no possible LVEF"),
        ("47.25", "more than one decimal"),
        ("0.5-0.55", "fraction"),
    ],
)
def test_what_cannot_be_an_lvef_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        Lvef.parse(text)


def test_figures_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(Unreadable, match="must be a number"):
        Lvef.exactly(Decimal("NaN"))


def test_a_range_is_never_its_middle() -> None:
    lvef = Lvef.parse("50-55")
    assert not lvef.is_exact
    assert Decimal("52.5") not in (lvef.low, lvef.high, lvef.worst, lvef.best)


@pytest.mark.parametrize(("figure", "kept"), [("39.94353013", "39.9"), ("72.64722411", "72.6"), ("49.95", "50")])
def test_a_machine_s_decimals_are_kept_to_one(figure: str, kept: str) -> None:
    assert Lvef.computed(Decimal(figure)) == Lvef.exactly(Decimal(kept))


@pytest.mark.parametrize("figure", ["0.5531", "NaN", "550.123"])
def test_a_machine_s_figure_is_checked_like_any_other(figure: str) -> None:
    with pytest.raises(Unreadable):
        Lvef.computed(Decimal(figure))
