from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import catalog
from monitoring.core.result import Assessment
from monitoring.core.thresholds import Threshold, thresholds_of
from monitoring.core.trend import Mark, Span, Trend, draw
from tests.core.monitoring_cases import NORMAL, assessment

BASELINE = assessment(62, on=date(2025, 10, 3))
FALL = assessment(47, on=date(2025, 12, 29), modality="muga")
TODAY = date(2026, 1, 5)


def _trend(*assessments: Assessment, **facts: object) -> Trend:
    return draw(assessments, baseline=BASELINE, today=TODAY, **facts)  # type: ignore[arg-type]


def test_time_goes_across_and_percent_goes_up() -> None:
    first, second = _trend(BASELINE, FALL).points
    assert first.x < second.x
    assert first.y < second.y
    assert (first.is_baseline, second.is_baseline) == (True, False)


def test_modality_is_told_by_shape() -> None:
    kinds = ("echo-2d", "echo-3d", "muga", "cmr")
    points = _trend(*(assessment(60, on=date(2025, 11, n + 1), modality=kind) for n, kind in enumerate(kinds))).points
    assert [point.shape for point in points] == ["circle", "diamond", "square", "triangle"]
    assert len({point.path.split(maxsplit=2)[2] for point in points}) == 4


def test_a_range_is_drawn_between_its_ends() -> None:
    (point,) = _trend(assessment("50-55", on=TODAY)).points
    assert point.y > point.y_best


def test_an_lvef_off_the_scale_stays_on_the_drawing_and_says_so() -> None:
    drawn = _trend(assessment(20, on=TODAY))
    (point,) = drawn.points
    assert (point.y, point.is_beyond) == (drawn.bottom, True)


def test_thresholds_name_the_figures_at_which_rules_withhold() -> None:
    labels = [one.label for one in thresholds_of([catalog.protocol("trastuzumab-us")], BASELINE, NORMAL)]
    assert labels == ["50 %: below normal", "46 %: fall of 16"]
    assert [one.percent for one in thresholds_of([catalog.protocol("hp-early")], BASELINE, NORMAL)] == [Decimal(50)]


def test_labels_of_close_thresholds_do_not_cover_each_other() -> None:
    close = [Threshold(Decimal(p), str(p)) for p in (45, 46, 50)]
    ys = [line.label_y for line in _trend(BASELINE, thresholds=close).thresholds]
    assert all(later - earlier >= 13 for earlier, later in pairwise(ys))


def test_holds_infusions_and_decisions_share_the_time_axis() -> None:
    held = Span(date(2025, 12, 30), None)
    infusion, decision = date(2025, 12, 8), Mark(date(2025, 12, 30), "hold")
    drawn = _trend(BASELINE, FALL, holds=[held], infusions=[infusion], decisions=[decision])
    assert drawn.today is not None
    assert drawn.holds[0].x == drawn.decisions[0].x
    assert round(drawn.holds[0].x + drawn.holds[0].width, 1) == drawn.today.x
    assert drawn.infusions[0].x < drawn.points[1].x < drawn.holds[0].x
    assert [tick.label for tick in drawn.months] == ["Oct", "Nov", "Dec", "Jan 2026"]


def test_the_table_twin_says_what_the_drawing_shows() -> None:
    rows = _trend(FALL, BASELINE).rows
    assert [(row.lvef, row.modality, row.fall) for row in rows] == [("62 %", "2D echo", "–"), ("47 %", "MUGA", "15")]
    assert _trend(BASELINE, FALL).description == (
        "Baseline 62 % on Fri 3 Oct 2025. 2 assessments; the latest 47 % on Mon 29 Dec 2025."
    )


def test_the_twin_tells_holds_infusions_and_decisions_in_order() -> None:
    held, mark = Span(date(2025, 12, 30), date(2026, 1, 2)), Mark(date(2025, 12, 30), "Hold, Omar Ortega")
    drawn = _trend(BASELINE, FALL, holds=[held], infusions=[date(2025, 12, 8)], decisions=[mark])
    assert [(event.date, event.what) for event in drawn.events] == [
        ("Mon 8 Dec 2025", "Infusion"),
        ("Tue 30 Dec 2025", "Hold begins"),
        ("Tue 30 Dec 2025", "Decision: Hold, Omar Ortega"),
        ("Fri 2 Jan 2026", "Hold ends"),
    ]


def test_the_key_names_each_mark_that_is_drawn_and_no_other() -> None:
    drawn = _trend(BASELINE, FALL)
    assert [key.label for key in drawn.keys] == ["Baseline, 2D echo", "MUGA"]
    held = _trend(BASELINE, FALL, holds=[Span(date(2025, 12, 30), None)], infusions=[date(2025, 12, 8)])
    assert [key.label for key in held.keys] == ["Baseline, 2D echo", "MUGA", "Infusion", "On hold"]
    assert draw([], baseline=None, today=TODAY).keys == ()


@pytest.mark.parametrize("width", [600, 760])
def test_the_longest_words_beside_a_line_stay_inside_the_frame(width: int) -> None:
    thresholds = thresholds_of([catalog.protocol("t-dm1-early")], BASELINE, NORMAL)
    drawn = draw([BASELINE], baseline=BASELINE, thresholds=thresholds, today=TODAY, width=width)
    longest = max(len(line.label) for line in drawn.thresholds)
    assert longest == len("at least 45 % and below 50 %")
    assert drawn.right + 6 * longest + 6 <= width


def test_an_empty_trend_still_has_its_axes() -> None:
    drawn = draw([], baseline=None, today=TODAY)
    assert drawn.points == ()
    assert [line.label for line in drawn.percents] == ["30 %", "40 %", "50 %", "60 %", "70 %", "80 %"]
    assert drawn.description == "No LVEF assessment is on record."


days = st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 1, 1))
figures = st.integers(min_value=5, max_value=95)


@given(st.lists(st.tuples(days, figures), max_size=20), st.randoms())
def test_everything_stays_inside_the_frame_whatever_the_order(facts: list[tuple[date, int]], random: object) -> None:
    assessments = [assessment(figure, on=day) for day, figure in facts]
    drawn = _trend(*assessments)
    for point in drawn.points:
        assert drawn.left <= point.x <= drawn.right
        assert drawn.top <= point.y <= drawn.bottom
    assert all(drawn.left <= tick.x <= drawn.right for tick in drawn.months)
    assert len(drawn.months) <= 22
    assert draw(reversed(assessments), baseline=BASELINE, today=TODAY) == drawn
