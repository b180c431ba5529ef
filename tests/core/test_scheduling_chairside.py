"""At the chair: until when a patient is watched, and what is refused. Minutes as CLINICAL.md 1.1 has them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from scheduling import catalog
from scheduling.core import chairside
from scheduling.core.chair import observation_of
from scheduling.core.chairside import WentIn

ON = date(2026, 3, 30)
NOW = datetime(2026, 3, 30, 11, 0)  # noqa: DTZ001 - on the site's clocks


def asked(key, *, first, jurisdiction="US"):
    """The observation of a regimen's only agent."""
    agent = catalog.regimen(key).phases[0].agents[0]
    dose = agent.first_dose if first else agent.maintenance
    held = observation_of(dose, jurisdiction)
    observe = held.minutes if held else None
    return chairside.observation_asked(
        agent, minutes=dose.minutes or 0, observe_minutes=observe, jurisdiction=jurisdiction
    )


@pytest.mark.parametrize(
    ("key", "first", "jurisdiction", "minutes", "after"),
    [
        ("t-dm1", True, "US", 90, "end"),
        ("t-dm1", False, "US", 30, "end"),
        ("phesgo", True, "US", 30, "end"),
        ("phesgo", False, "US", 15, "end"),
        ("trastuzumab-q3w-17", True, "EU", 360, "start"),
    ],
)
def test_a_dose_is_observed_as_its_label_asks(key, first, jurisdiction, minutes, after):
    found = asked(key, first=first, jurisdiction=jurisdiction)
    assert (found.minutes, found.after) == (minutes, after)


def test_where_the_label_gives_no_time_nobody_is_told_to_wait():
    assert asked("trastuzumab-q3w-17", first=True, jurisdiction="US") is None
    assert chairside.watch([], ON) is None


def test_the_watch_counts_from_the_end_or_the_start_as_the_label_says():
    end = WentIn("T-DM1", time(9, 0), time(10, 30), asked("t-dm1", first=True))
    assert chairside.watch([end], ON).until == datetime(2026, 3, 30, 12, 0)  # noqa: DTZ001
    start = WentIn("Trastuzumab", time(9, 0), time(10, 30), asked("trastuzumab-q3w-17", first=True, jurisdiction="EU"))
    found = chairside.watch([end, start], ON)
    assert (found.until, found.because) == (datetime(2026, 3, 30, 15, 0), "360 min after the start of Trastuzumab")  # noqa: DTZ001


def test_a_watch_is_over_at_its_minute_and_not_before():
    found = chairside.watch([WentIn("T-DM1", time(9, 0), time(9, 30), asked("t-dm1", first=False))], ON)
    assert not found.is_over(datetime(2026, 3, 30, 9, 59))  # noqa: DTZ001
    assert found.is_over(datetime(2026, 3, 30, 10, 0))  # noqa: DTZ001


def test_without_a_stop_time_no_end_is_made_up():
    untimed = WentIn("T-DM1", time(9, 0), None, asked("t-dm1", first=False))
    timed = WentIn("Phesgo", time(9, 0), time(9, 8), asked("phesgo", first=True))
    found = chairside.watch([timed, untimed], ON)
    assert (found.until, found.is_over(NOW)) == (None, False)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, None),
        ({"at": datetime(2026, 3, 30, 11, 1)}, "in-the-future"),  # noqa: DTZ001
        ({"at": datetime(2026, 3, 29, 10, 0)}, "not-recorded"),  # noqa: DTZ001
        ({"planned_on": date(2026, 3, 31)}, "not-due"),
        ({"is_omitted": True}, "omitted"),
        ({"given_on": date(2026, 3, 30)}, None),
        ({"given_on": date(2026, 3, 28), "at": datetime(2026, 3, 29, 10, 0)}, None),  # noqa: DTZ001
        ({"given_on": date(2026, 3, 30), "at": datetime(2026, 3, 29, 10, 0)}, "before-the-infusion"),  # noqa: DTZ001
    ],
)
def test_only_what_was_seen_at_an_infusion_is_written_down(fields, code):
    told = {"is_omitted": False, "planned_on": ON, "given_on": None, "at": NOW, "now": NOW} | fields
    refusal = chairside.refuse_at_the_chair(**told)
    assert (refusal and refusal.code) == code


@pytest.mark.parametrize(("grade", "signs", "code"), [
    (0, ["fever"], "unknown-grade"), (1, ["fever"], None), (5, ["fever"], None), (6, ["fever"], "unknown-grade"),
    (2, [], "no-signs"),
])  # fmt: skip
def test_a_reaction_has_a_grade_from_one_to_five_and_a_sign(grade, signs, code):
    refusal = chairside.refuse_reaction(grade=grade, signs=signs)
    assert (refusal and refusal.code) == code


@pytest.mark.parametrize(("figures", "systolic", "diastolic", "code"), [
    ([None, None], None, None, "nothing-measured"), ([80], None, None, None), ([120, 80], 120, 80, None),
    ([120], 120, None, "half-a-pressure"), ([80], None, 80, "half-a-pressure"),
    ([80, 80], 80, 80, "pressure-turned-round"),
])  # fmt: skip
def test_a_set_of_vital_signs_measures_something_whole(figures, systolic, diastolic, code):
    refusal = chairside.refuse_vitals(figures, systolic=systolic, diastolic=diastolic)
    assert (refusal and refusal.code) == code
