"""The arithmetic of the two drawings: places on the time axis, and chairs by hour. No database."""

from __future__ import annotations

from datetime import date, time, timedelta

from her2tracker.clinic.chairs import Stay, by_hour
from her2tracker.clinic.timeline import LEFT, RIGHT, Echo, Infusion, Span, draw

START = date(2026, 1, 5)
TODAY = date(2026, 2, 20)


def infusions(count: int = 17) -> list[Infusion]:
    days = [START + timedelta(21 * index) for index in range(count)]
    return [Infusion(on, n, "given" if on < TODAY else "planned") for n, on in enumerate(days, 1)]


def test_marks_keep_their_order_and_stay_inside():
    drawn = draw(infusions(), [], [], today=TODAY)
    assert drawn is not None
    places = [mark.x for mark in drawn.infusions]
    assert places == sorted(places)
    assert places[0] > LEFT
    assert places[-1] < RIGHT


def test_given_planned_omitted_missed_and_reload_have_five_shapes():
    states = [("given", False), ("planned", False), ("planned", True), ("omitted", False), ("missed", False)]
    many = [Infusion(START + timedelta(21 * n), n, state, again) for n, (state, again) in enumerate(states, 1)]
    drawn = draw(many, [], [], today=TODAY)
    assert drawn is not None
    assert len({(mark.kind, "a6 6" in mark.path, "l8 8" in mark.path) for mark in drawn.infusions}) == 5


def test_the_first_month_and_each_january_carry_their_year():
    drawn = draw(infusions(), [], [], today=TODAY)
    assert drawn is not None
    labels = [tick.label for tick in drawn.months]
    assert labels[0] == "Jan 2026"
    assert "Feb" in labels


def test_an_open_hold_reaches_to_today_and_a_closed_one_to_its_end():
    spans = [Span(date(2026, 1, 20), date(2026, 2, 3)), Span(date(2026, 2, 10), None)]
    drawn = draw(infusions(), [], spans, today=TODAY)
    assert drawn is not None
    closed, lasting = drawn.holds
    assert drawn.today is not None
    assert round(lasting.x + lasting.width, 1) == drawn.today.x
    assert closed.x + closed.width < lasting.x


def test_a_follow_up_years_later_does_not_squash_the_plan():
    far = Echo(date(2028, 12, 28), "LVEF due", is_done=False)
    drawn = draw(infusions(), [far], [], today=TODAY)
    assert drawn is not None
    assert drawn.echoes == ()


def test_nothing_is_drawn_for_a_plan_without_cycles():
    assert draw([], [], [], today=TODAY) is None


def test_the_description_counts_what_is_drawn():
    drawn = draw(infusions(), [Echo(START, "LVEF 62 %", is_done=True)], [], today=TODAY)
    assert drawn is not None
    assert "3 given, 14 planned" in drawn.description
    assert "1 echoes done, 0 to come" in drawn.description


def test_chairs_count_who_sits_at_the_same_moment():
    stays = [Stay.of(time(8, 30), 90), Stay.of(time(9, 0), 30), Stay.of(time(9, 30), 30)]
    chairs = by_hour(stays)
    assert chairs is not None
    assert [(hour.label, hour.chairs) for hour in chairs.hours] == [("08", 1), ("09", 2)]
    assert chairs.peak == 2
    assert "09:00" in chairs.description


def test_a_chair_is_free_at_the_minute_somebody_leaves_it():
    chairs = by_hour([Stay.of(time(8, 0), 60), Stay.of(time(9, 0), 60)])
    assert chairs is not None
    assert [hour.chairs for hour in chairs.hours] == [1, 1]


def test_no_known_hour_draws_nothing():
    assert by_hour([]) is None
