"""The clocks of a hold, in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from monitoring import catalog
from monitoring.core.clock import Clock, HoldClock, LastDay, Stage, clock, left_in_words
from monitoring.core.holds import HoldState, judge_hold
from monitoring.core.protocol import Protocol
from tests.core.monitoring_cases import DAY_0, NORMAL, assessment

US, HP = catalog.protocol("trastuzumab-us"), catalog.protocol("hp-early")
FOUND_ON = DAY_0 - timedelta(days=7)
# q3w, the last dose three weeks before the hold (CLINICAL.md 2): 28 and 41 days after it are the last without.
LAST_DAYS = [
    LastDay("trastuzumab", DAY_0 + timedelta(days=7)),
    LastDay("pertuzumab", DAY_0 + timedelta(days=20)),
    LastDay("trastuzumab-hyaluronidase", None),
]


def _state(protocol: Protocol, today: date) -> HoldState:
    found = judge_hold(
        protocol,
        began_on=DAY_0,
        because_of=assessment(47, on=FOUND_ON),
        repeats=[],
        baseline=assessment(62, on=date(2025, 10, 3)),
        holds=1,
        today=today,
        lower_limit_of_normal=NORMAL,
    )
    assert found is not None
    return found


def _clock(day: int, *protocols: Protocol, holds: int = 1, last_days: list[LastDay] | None = None) -> HoldClock:
    today = DAY_0 + timedelta(days=day)
    return clock(
        protocols,
        [_state(one, today) for one in protocols],
        began_on=DAY_0,
        because_of_on=FOUND_ON,
        holds=holds,
        last_days=LAST_DAYS if last_days is None else last_days,
        today=today,
    )


def _sentence(day: int, kind: Clock, *protocols: Protocol, holds: int = 1) -> list[str]:
    return [line.sentence for line in _clock(day, *protocols, holds=holds).lines if line.clock is kind]


def test_a_hold_says_all_its_clocks_in_one_sentence_each() -> None:
    assert _clock(12, US).sentence == (
        "On hold since Mon 5 Jan 2026, day 12. "
        "Not to be resumed before Mon 2 Feb 2026, 16 days left. "
        "Repeat LVEF due Mon 2 Feb 2026, 16 days left. "
        "8-week limit Mon 23 Feb 2026, 37 days left. "
        "Hold number 1 for the heart: number 4 advises discontinuing. "
        "trastuzumab loads again: the last day without was Mon 12 Jan 2026. "
        "pertuzumab: last day without loading again Sun 25 Jan 2026, 8 days left. "
        "trastuzumab-hyaluronidase never loads again, however long the hold."
    )


def test_the_strictest_day_counts_when_protocols_differ() -> None:
    lines = {line.clock: line.on for line in _clock(0, HP, US, last_days=[]).lines}
    assert lines[Clock.MINIMUM] == DAY_0 + timedelta(days=28)
    assert lines[Clock.RECHECK] == DAY_0 + timedelta(days=21)
    assert lines[Clock.LIMIT] == FOUND_ON + timedelta(days=56)


@pytest.mark.parametrize(("day", "left"), [(48, "1 day left"), (49, "today"), (50, "1 day ago"), (60, "11 days ago")])
def test_the_eight_weeks_run_from_the_lvef_that_led_to_the_hold(day: int, left: str) -> None:
    assert _sentence(day, Clock.LIMIT, US) == [f"8-week limit Mon 23 Feb 2026, {left}"]
    stops = _state(US, DAY_0 + timedelta(days=day)).stops
    assert bool(stops) is ("ago" in left)


@pytest.mark.parametrize(
    ("holds", "words"),
    [
        (3, "Hold number 3 for the heart: number 4 advises discontinuing"),
        (4, "Hold number 4 for the heart: discontinuing is advised"),
        (5, "Hold number 5 for the heart: discontinuing is advised"),
    ],
)
def test_the_fourth_hold_is_the_one_too_many(holds: int, words: str) -> None:
    assert _sentence(0, Clock.COUNT, US, holds=holds) == [words]


@pytest.mark.parametrize(("day", "has_passed"), [(6, False), (7, False), (8, True)])
def test_a_re_load_is_needed_from_the_day_after_the_last_one_without(day: int, has_passed: bool) -> None:
    found = next(line for line in _clock(day, US).lines if line.clock is Clock.RELOAD)
    assert found.has_passed is has_passed


def test_a_protocol_without_a_limit_shows_none() -> None:
    assert _sentence(5, Clock.LIMIT, HP) == []
    assert _sentence(5, Clock.COUNT, HP) == []


def test_without_a_known_lvef_the_limit_runs_from_the_hold() -> None:
    found = clock([US], [], began_on=DAY_0, because_of_on=None, holds=1, last_days=[], today=DAY_0)
    assert found.lines[0].on == DAY_0 + timedelta(days=56)


def test_every_clock_of_a_label_cites_it() -> None:
    lines = [line for line in _clock(3, US, HP).lines if line.clock is not Clock.RELOAD]
    assert {line.citation.document for line in lines if line.citation} == {"herceptin-uspi", "phesgo-monograph"}
    assert all(line.citation for line in lines)


@pytest.mark.parametrize(("days", "words"), [(2, "2 days left"), (1, "1 day left"), (0, "today"), (-1, "1 day ago")])
def test_days_left_are_said_as_people_say_them(days: int, words: str) -> None:
    assert left_in_words(days) == words


def _held_for_symptoms(day: int) -> HoldState:
    found = judge_hold(
        US,
        began_on=DAY_0,
        because_of=None,
        repeats=[],
        baseline=assessment(62, on=date(2025, 10, 3)),
        holds=1,
        today=DAY_0 + timedelta(days=day),
        lower_limit_of_normal=NORMAL,
    )
    assert found is not None
    return found


def test_a_hold_that_no_lvef_led_to_lasts_too_long_on_its_own_day_57() -> None:
    assert _held_for_symptoms(56).stops == ()
    [stop] = _held_for_symptoms(57).stops
    assert stop.arithmetic == "not recovered on day 57 of the hold (over 56 days)"


@pytest.mark.parametrize(
    ("day", "stage"),
    [(27, Stage.HELD), (28, Stage.REPEAT_DUE), (49, Stage.REPEAT_DUE), (50, Stage.DECIDE)],
)  # the LVEF was seven days before the hold: its day 57 is the hold's day 50
def test_a_hold_goes_from_waiting_to_repeat_due_to_a_decision(day: int, stage: Stage) -> None:
    assert _clock(day, US).stage is stage


def test_the_day_of_the_repeat_is_late_without_grace_and_the_limit_the_day_after_it() -> None:
    def late(day: int) -> set[Clock]:
        return {line.clock for line in _clock(day, US).lines if line.is_late}

    assert (late(27), late(28), late(49), late(50)) == (
        set(),
        {Clock.RECHECK},
        {Clock.RECHECK},
        {Clock.RECHECK, Clock.LIMIT},
    )
