"""A running infusion: order, overlaps, stops, and when vital signs are asked for (FEATURES.md D42: 0, 15, 30, end)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from her2tracker.lib.sources import Citation, Confidence
from scheduling import catalog
from scheduling.core import running
from scheduling.core.agent import Observation
from scheduling.core.running import Run

NINE = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001 - on the site's clocks
CITED = Citation("test", "none", Confidence.VERIFIED)
WATCHED = Observation(minutes=60, minutes_at_most=None, after="end", jurisdiction="any", citation=CITED)
ORDER = ["pertuzumab", "trastuzumab"]
FIRST = Run("pertuzumab", "Pertuzumab", 60, NINE)


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def start(agent="trastuzumab", runs=(), minutes=0, now=600, why=""):
    refusal = running.refuse_start(agent=agent, agents=ORDER, runs=list(runs), at=at(minutes), now=at(now), why=why)
    return refusal.code if refusal else None


def test_the_first_agent_of_the_regimen_starts() -> None:
    assert start("pertuzumab") is None


def test_the_second_agent_starts_at_the_minute_the_first_stopped_and_not_before() -> None:
    stopped = replace(FIRST, stopped=at(60))
    assert start(runs=[stopped], minutes=60) is None
    assert start(runs=[stopped], minutes=59) == "overlaps"


def test_nothing_starts_while_another_runs() -> None:
    assert start(runs=[FIRST], minutes=30) == "another-runs"


def test_another_order_needs_a_reason() -> None:
    assert start("trastuzumab") == "needs-a-reason"
    assert start("trastuzumab", why="  ") == "needs-a-reason"
    assert start("trastuzumab", why="Pertuzumab is still in the pharmacy.") is None


def test_an_observation_after_an_end_comes_before_the_next_agent_unless_a_reason_is_said() -> None:
    stopped = replace(FIRST, stopped=at(60), observation=WATCHED)
    assert start(runs=[stopped], minutes=119) == "needs-a-reason"
    assert start(runs=[stopped], minutes=120) is None
    assert start(runs=[stopped], minutes=90, why="Dr Ortega: no reaction, go on.") is None


def test_an_observation_that_counts_from_the_start_runs_along() -> None:
    along = replace(FIRST, stopped=at(60), observation=replace(WATCHED, minutes=360, after="start"))
    assert start(runs=[along], minutes=60) is None


@pytest.mark.parametrize(
    ("minutes", "now", "code"),
    [(601, 600, "in-the-future"), (600, 600, None), (-600, 600, "not-today")],
)
def test_a_start_is_of_today_and_has_come(minutes, now, code) -> None:
    assert start("pertuzumab", minutes=minutes, now=now) == code


def test_an_agent_starts_once_and_only_where_it_is_due() -> None:
    assert start("pertuzumab", runs=[replace(FIRST, stopped=at(60))], minutes=70) == "already-started"
    assert start("docetaxel") == "not-due"


@pytest.mark.parametrize(
    ("run", "withdrawn", "minutes", "code"),
    [
        (FIRST, False, 0, None),
        (FIRST, False, 90, None),
        (FIRST, False, -1, "before-the-start"),
        (FIRST, False, 601, "in-the-future"),
        (FIRST, True, 60, "withdrawn"),
        (replace(FIRST, stopped=at(60)), False, 70, "already-stopped"),
    ],
)
def test_a_stop_comes_after_the_start_and_has_come(run, withdrawn, minutes, code) -> None:
    refusal = running.refuse_stop(run, is_withdrawn=withdrawn, at=at(minutes), now=at(600))
    assert (refusal.code if refusal else None) == code


def test_only_a_start_of_which_nothing_went_in_is_withdrawn_and_never_without_a_reason() -> None:
    assert running.refuse_withdrawal(FIRST, is_withdrawn=False, reason="Wrong patient") is None
    for run, withdrawn, reason, code in (
        (FIRST, False, " ", "no-reason"),
        (FIRST, True, "Again", "withdrawn"),
        (replace(FIRST, stopped=at(60)), False, "Wrong lot", "already-stopped"),
    ):
        refusal = running.refuse_withdrawal(run, is_withdrawn=withdrawn, reason=reason)
        assert refusal is not None
        assert refusal.code == code


def test_a_record_waits_for_what_runs_and_does_not_tell_it_twice() -> None:
    stopped = replace(FIRST, stopped=at(60))

    def code(runs, named=(), on=NINE):
        refusal = running.refuse_recording(runs, named=named, given_on=on)
        return refusal.code if refusal else None

    assert code([]) is None
    assert code([FIRST]) == "still-running"
    assert code([stopped], ["trastuzumab"]) is None
    assert code([stopped], ["pertuzumab"]) == "recorded-by-its-run"
    assert code([stopped], on=NINE + timedelta(days=1)) == "another-day"


# Vital signs by the clock

CONVENTION = catalog.vital_signs()


def due(*runs: Run) -> list[int]:
    """Minutes after nine."""
    return [int((one.due - NINE).total_seconds()) // 60 for one in CONVENTION.prompts(runs)]


def test_a_long_infusion_asks_at_its_start_after_15_and_30_minutes_and_at_its_end() -> None:
    assert due(replace(FIRST, minutes=90)) == [0, 15, 30]
    assert due(replace(FIRST, minutes=90, stopped=at(95))) == [0, 15, 30, 95]


def test_a_half_hour_infusion_does_not_ask_twice_at_its_end() -> None:
    assert due(replace(FIRST, minutes=30)) == [0, 15]
    assert due(replace(FIRST, minutes=30, stopped=at(30))) == [0, 15, 30]


def test_an_infusion_stopped_early_asks_for_nothing_after_its_end() -> None:
    assert due(replace(FIRST, minutes=90, stopped=at(20))) == [0, 15, 20]


def test_the_observation_of_the_label_asks_once_more_at_its_end() -> None:
    assert due(replace(FIRST, minutes=90, stopped=at(90), observation=WATCHED)) == [0, 15, 30, 90, 150]
    assert due(replace(FIRST, minutes=90, observation=WATCHED)) == [0, 15, 30]  # no end yet to count from


def left(*taken: int) -> list[int]:
    prompts = CONVENTION.prompts([replace(FIRST, minutes=90)])
    found = CONVENTION.open_ones(prompts, [at(one) for one in taken])
    return [int((one.due - NINE).total_seconds()) // 60 for one in found]


@pytest.mark.parametrize(
    ("taken", "open_ones"),
    [
        ([], [0, 15, 30]),
        ([-6], [0, 15, 30]),
        ([-5], [15, 30]),
        ([9], [15, 30]),
        ([10], [30]),
        ([24], [30]),
        ([25], []),
        ([0, 31], []),
    ],
)
def test_a_set_answers_what_is_due_within_five_minutes_and_everything_before(taken, open_ones) -> None:
    assert left(*taken) == open_ones


def test_what_a_later_set_passed_over_is_told_as_not_taken() -> None:
    prompts = CONVENTION.prompts([replace(FIRST, minutes=90)])

    def missed(*taken: int) -> list[str]:
        return [one.after for one in CONVENTION.not_taken(prompts, [at(one) for one in taken])]

    assert missed(0, 15, 30) == []
    assert missed(0, 31) == ["15 min after the start of Pertuzumab"]
    assert missed(0) == []  # the rest is still open


def test_late_is_counted_in_whole_minutes() -> None:
    prompt = CONVENTION.prompts([FIRST])[1]
    assert not prompt.is_due(at(14))
    assert prompt.is_due(at(15))
    assert [prompt.minutes_late(at(one)) for one in (10, 15, 19)] == [0, 0, 4]


def test_an_infusion_past_its_planned_end_says_by_how_much_until_it_stops() -> None:
    assert [FIRST.minutes_over(at(one)) for one in (59, 60, 72)] == [0, 0, 12]
    assert replace(FIRST, stopped=at(80)).minutes_over(at(90)) == 0


def test_the_times_are_shown_as_unverified_site_policy() -> None:
    assert (CONVENTION.citation.key, CONVENTION.citation.confidence.is_verified) == ("site-policy#vital-signs", False)
