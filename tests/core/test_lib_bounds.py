from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from her2tracker.lib.bounds import Bounds, plain
from her2tracker.lib.dates import add_months, in_words
from her2tracker.lib.sources import Citation, Confidence, weakest


@pytest.mark.parametrize(
    ("bounds", "holds"),
    [
        (Bounds(below=Decimal(50)), [True, False, False]),
        (Bounds(at_most=Decimal(50)), [True, True, False]),
        (Bounds(at_least=Decimal(50)), [False, True, True]),
        (Bounds(over=Decimal(50)), [False, False, True]),
    ],
)
def test_a_limit_is_met_as_its_word_says(bounds: Bounds, holds: list[bool]) -> None:
    assert [bounds.hold(Decimal(figure)) for figure in ("49.9", "50", "50.1")] == holds


def test_two_limits_must_both_be_met() -> None:
    bounds = Bounds(at_least=Decimal(40), at_most=Decimal(45))
    assert [bounds.hold(figure) for figure in (39, 40, 45, 46)] == [False, True, True, False]
    assert bounds.in_words(" %") == "at least 40 % and at most 45 %"


def test_a_condition_without_a_limit_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one of"):
        Bounds()


@pytest.mark.parametrize(("figure", "shown"), [("3.60", "3.6"), ("100", "100"), ("1E+2", "100"), ("544.0", "544")])
def test_a_figure_is_shown_without_trailing_zeros(figure: str, shown: str) -> None:
    assert plain(Decimal(figure)) == shown


def test_six_months_after_the_end_of_august_is_the_end_of_february() -> None:
    assert add_months(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert in_words(date(2026, 1, 5)) == "Mon 5 Jan 2026"


def test_a_source_names_a_document_and_a_section() -> None:
    citation = Citation.parse("herceptin-uspi#missed-dose", Confidence.VERIFIED)
    assert (citation.document, citation.section) == ("herceptin-uspi", "missed-dose")
    for text in ("herceptin-uspi", "#missed-dose", "herceptin-uspi#"):
        with pytest.raises(ValueError, match="document#section"):
            Citation.parse(text, Confidence.VERIFIED)


def test_a_whole_is_as_sure_as_its_weakest_part() -> None:
    assert weakest([Confidence.VERIFIED, Confidence.SECONDARY]) is Confidence.SECONDARY
    assert weakest([Confidence.SECONDARY, Confidence.UNVERIFIED]) is Confidence.UNVERIFIED
    assert weakest([]) is Confidence.VERIFIED
