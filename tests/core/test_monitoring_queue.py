"""The last day on which acting still saves a cycle; what a hold's clocks say; when a figure is typed twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from monitoring import catalog
from monitoring.core.baselines import candidates
from monitoring.core.consequences import hold_terms
from monitoring.core.entry import DoubleEntry
from monitoring.core.evaluation import judge
from monitoring.core.lvef import Lvef
from monitoring.core.queue import EchoStep, Need, baseline_task, echo_task, missed_task, order
from monitoring.core.surveillance import Window, window
from scheduling.catalog import regimen
from scheduling.core.gaps import last_maintenance_on
from tests.core.monitoring_cases import NORMAL, assessment

LAST = date(2026, 1, 5)  # due after 84 days, on 30 March; overdue from 8 April
NEXT = [date(2026, 3, 23) + timedelta(days=21 * n) for n in range(4)]  # 23 Mar, 13 Apr, 4 May, 25 May


def seen(today: date) -> Window:
    return window(
        catalog.protocol("trastuzumab-us"),
        first_given_on=LAST,
        last_given_on=date(2026, 3, 2),
        completed_on=None,
        results=[LAST],
        baseline_on=LAST,
        held_since=None,
        today=today,
    )


@pytest.mark.parametrize(
    ("today", "booked", "stage", "act_by"),
    [
        (date(2026, 3, 15), None, None, None),  # 15 days before it is due: the lab would not take it yet
        (date(2026, 3, 16), None, EchoStep.BOOK, date(2026, 3, 30)),  # 13 April is at risk: 14 days before it
        (date(2026, 3, 16), date(2026, 4, 1), EchoStep.AWAIT, date(2026, 4, 1)),
        (date(2026, 3, 16), date(2026, 4, 13), EchoStep.AWAIT, date(2026, 4, 13)),  # the same day: one trip
        (date(2026, 3, 16), date(2026, 4, 14), EchoStep.REBOOK, date(2026, 4, 12)),
        (date(2026, 4, 2), date(2026, 4, 1), EchoStep.RECORD, date(2026, 4, 2)),
        (date(2026, 4, 20), None, EchoStep.BOOK, date(2026, 4, 20)),  # 4 May is the next that can be saved
    ],
)
def test_an_echo_has_a_next_step_and_a_last_day(today: date, booked: date | None, stage: EchoStep | None, act_by: date):
    task = echo_task(seen(today), infusions=NEXT, booked_for=booked, lead_days=14, today=today)
    assert (task and task.stage, task and task.act_by) == (stage, act_by)


def test_after_treatment_the_last_day_counts_from_the_due_date():
    task = echo_task(seen(date(2026, 3, 20)), infusions=[], booked_for=None, lead_days=14, today=date(2026, 3, 20))
    assert task is not None
    assert (task.act_by, task.saves) == (date(2026, 3, 16), None)


def test_a_missing_baseline_must_come_before_the_first_infusion():
    task = baseline_task(first_infusion=date(2026, 5, 4), booked_for=None, lead_days=14, today=date(2026, 4, 20))
    assert (task.need, task.act_by) == (Need.BASELINE, date(2026, 4, 20))


@pytest.mark.parametrize(
    ("last_day", "act_by", "words"),
    [
        (date(2026, 4, 27), date(2026, 4, 27), "give it by Mon 27 Apr 2026"),
        (date(2026, 4, 20), date(2026, 4, 20), "After Mon 20 Apr 2026 a loading dose is due again"),
        (None, date(2026, 4, 25), "agree a new day"),
    ],
)
def test_a_missed_infusion_counts_to_the_day_before_re_load(last_day: date | None, act_by: date, words: str):
    task = missed_task(date(2026, 4, 20), last_maintenance_on=last_day, today=date(2026, 4, 25))
    assert task.act_by == act_by
    assert words in task.step


def test_the_soonest_last_day_comes_first_and_booked_ones_last():
    today = date(2026, 3, 31)
    booked = echo_task(seen(today), infusions=NEXT, booked_for=date(2026, 3, 31), lead_days=14, today=today)
    late = missed_task(date(2026, 3, 20), last_maintenance_on=date(2026, 3, 27), today=today)
    soon = baseline_task(first_infusion=date(2026, 4, 20), booked_for=None, lead_days=14, today=today)
    assert booked is not None
    assert sorted([booked, soon, late], key=order) == [late, soon, booked]


def test_a_hold_takes_the_strictest_of_the_clocks_that_withhold():
    protocols = [catalog.protocol("trastuzumab-us"), catalog.protocol("hp-early")]
    began = date(2026, 1, 5)
    both = judge(protocols, assessment(47), assessment(62), lower_limit_of_normal=NORMAL)
    terms = hold_terms(protocols, both, began)
    assert terms.repeat_by == date(2026, 1, 26)  # pertuzumab: 3 weeks
    assert terms.not_before == date(2026, 2, 2)  # trastuzumab, US: 4 weeks
    assert terms.earliest_resume == date(2026, 2, 2)
    only_us = judge(protocols, assessment(50), assessment(66), lower_limit_of_normal=NORMAL)
    assert hold_terms(protocols, only_us, began).repeat_by == date(2026, 2, 2)  # only the US rule withholds


@pytest.mark.parametrize(
    ("typed", "last", "asked"),
    [
        ("49.9", None, True),
        ("50", None, False),
        ("50", "60", True),
        ("50.1", "60", False),
        ("48-55", None, True),
        (">55", "60", False),
        ("60", "50", False),
        ("52", "55-62", True),
    ],
)
def test_a_slip_is_asked_for_twice(typed: str, last: str | None, asked: bool):
    limits = DoubleEntry(Decimal(50), Decimal(10))
    assert bool(limits.asks(Lvef.parse(typed), Lvef.parse(last) if last else None)) is asked


def test_results_after_the_first_dose_are_no_candidates():
    results = [assessment(60, on=date(2026, 1, day)) for day in (2, 5, 6)]
    assert [one.performed_on.day for one in candidates(results, date(2026, 1, 5))] == [5, 2]
    assert len(candidates(results, None)) == 3


@pytest.mark.parametrize(
    ("name", "agent", "interval", "days"),
    [
        ("trastuzumab-q3w-17", "trastuzumab", 21, 28),  # one week late still continues
        ("trastuzumab-pertuzumab", "pertuzumab", 21, 41),  # six weeks since the last dose re-load
        ("trastuzumab-sc", "trastuzumab-hyaluronidase", 21, None),  # a fixed dose never re-loads
    ],
)
def test_the_last_day_of_maintenance(name: str, agent: str, interval: int, days: int | None):
    found = last_maintenance_on(regimen(name).agent(agent), interval, LAST)
    assert found == (LAST + timedelta(days=days) if days else None)


@pytest.mark.parametrize(
    ("booked", "result_days", "stage"),
    [
        (date(2026, 4, 10), 3, EchoStep.AWAIT),  # known on 13 April, the day of the infusion at risk
        (date(2026, 4, 11), 3, EchoStep.REBOOK),
        (date(2026, 4, 13), 0, EchoStep.AWAIT),
    ],
)
def test_an_echo_whose_result_comes_after_the_infusion_is_to_be_booked_again(
    booked: date, result_days: int, stage: EchoStep
) -> None:
    today = date(2026, 3, 16)
    task = echo_task(seen(today), infusions=NEXT, booked_for=booked, lead_days=14, today=today, result_days=result_days)
    assert task is not None
    assert task.stage is stage
    if stage is EchoStep.REBOOK:
        assert "its result comes after the infusion of Mon 13 Apr 2026" in task.step
        assert task.act_by == date(2026, 4, 9)
