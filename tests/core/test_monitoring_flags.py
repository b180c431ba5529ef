"""Windows, flags, decisions and reminders: repeatable, and closed only by what ends the fact."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import catalog
from monitoring.core.evaluation import Judgement, judge, protocols_for
from monitoring.core.holds import judge_hold
from monitoring.core.lifecycle import (
    Decision,
    Ending,
    FlagFact,
    FlagKind,
    FlagState,
    facts_for,
    refuse_decide,
    refuse_resolve,
)
from monitoring.core.protocol import Advice
from monitoring.core.reminders import Item, Topic, owed
from monitoring.core.surveillance import Occasion, RepeatAsked, Window, WindowState, window
from tests.core.monitoring_cases import DAY_0, NORMAL, assessment

ALL = tuple(catalog.protocols().values())
HP = protocols_for(ALL, ["trastuzumab", "pertuzumab"], "US", "adjuvant")
BASELINE_ON = date(2025, 12, 29)
ids = pytest.mark.parametrize


def _window(today: date, **facts: Any) -> Window:
    known: dict[str, Any] = {
        "first_given_on": DAY_0,
        "last_given_on": DAY_0,
        "completed_on": None,
        "results": [],
        "baseline_on": BASELINE_ON,
        "held_since": None,
    }
    return window(HP, today=today, **known | facts)


def _judgement(now: Any, baseline: Any) -> Judgement:
    start = None if baseline is None else assessment(baseline)
    return judge(HP, assessment(now), start, lower_limit_of_normal=NORMAL)


# Windows -----------------------------------------------------------------------------------------


def test_of_several_protocols_the_soonest_window_wins_and_all_are_shown() -> None:
    found = _window(date(2026, 2, 3), results=[date(2026, 1, 30)], held_since=date(2026, 2, 2))
    assert (found.protocol_id, found.due_on) == ("hp-early", date(2026, 2, 23))
    assert [(one.protocol_id, one.due_on) for one in found.others] == [("trastuzumab-us", date(2026, 3, 2))]
    assert found.because == "On hold since Mon 2 Feb 2026: 21 days after the hold began"


def test_a_repeat_that_was_decided_is_due_by_its_date_until_a_result_answers_it() -> None:
    asked = RepeatAsked(asked_on=date(2026, 1, 10), by=date(2026, 1, 31))
    waiting = _window(date(2026, 1, 31), repeat_asked=asked)
    assert (waiting.occasion, waiting.due_on, waiting.state) == (Occasion.REPEAT, date(2026, 1, 31), WindowState.DUE)
    assert _window(date(2026, 2, 1), repeat_asked=asked).is_overdue
    answered = _window(date(2026, 2, 1), repeat_asked=asked, results=[date(2026, 1, 30)])
    assert answered.occasion is Occasion.ON_TREATMENT


def test_a_plan_whose_protocols_ask_for_nothing_says_so() -> None:
    alone = [catalog.protocol("clinical-review")]
    found = window(
        alone,
        first_given_on=DAY_0,
        last_given_on=DAY_0,
        completed_on=None,
        results=[],
        baseline_on=None,
        held_since=None,
        today=DAY_0,
    )
    assert (found.state, found.because) == (WindowState.NONE, "No cardiac protocol of this plan asks for surveillance.")


@given(
    st.integers(min_value=0, max_value=300),
    st.lists(st.integers(min_value=-30, max_value=250), max_size=5),
    st.none() | st.integers(min_value=0, max_value=250),
    st.integers(min_value=-9000, max_value=9000),
)
def test_shifting_all_dates_shifts_all_windows(today: int, results: list[int], held: int | None, shift: int) -> None:
    def at(days: int, by: int) -> date:
        return DAY_0 + timedelta(days=days + by)

    def found(by: int) -> Window:
        return _window(
            at(today, by),
            first_given_on=at(0, by),
            last_given_on=at(0, by),
            baseline_on=at(-7, by),
            results=[at(day, by) for day in results],
            held_since=None if held is None else at(held, by),
        )

    here, there = found(0), found(shift)
    assert (here.state, here.occasion, here.protocol_id) == (there.state, there.occasion, there.protocol_id)
    assert here.due_on is not None
    assert there.due_on == here.due_on + timedelta(days=shift)


@given(st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=400))
def test_overdue_ends_only_with_a_result(day: int, later: int) -> None:
    early, late = sorted([day, later])
    first = _window(DAY_0 + timedelta(days=early))
    if first.is_overdue:
        assert _window(DAY_0 + timedelta(days=late)).is_overdue


# Facts --------------------------------------------------------------------------------------------


def _facts(today: date, now: Any = None, baseline: Any = 62, **facts: Any) -> tuple[FlagFact, ...]:
    judgement = None if now is None else _judgement(now, baseline)
    return facts_for(judgement=judgement, assessment_id="a1", window=_window(today, **facts))


def test_a_fall_is_one_fact_named_by_its_assessment_and_leading_rule() -> None:
    (fact,) = _facts(DAY_0, now=47)
    assert fact.kind is FlagKind.FINDING
    assert fact.key == "finding:a1:hp-early:below-50-and-fall-of-10"
    assert fact.advice is Advice.WITHHOLD
    assert fact.sentence == (
        "Withhold advised: 62 % → 47 %: fall of 15 points, below 50 % "
        "(Pertuzumab and trastuzumab, early breast cancer v1)"
    )
    assert any("herceptin-uspi#dose-modifications, verified" in figure for _, figure in fact.evidence)


def test_a_result_that_continues_is_no_fact() -> None:
    assert _facts(DAY_0, now=60) == ()


def test_below_50_without_any_label_s_rule_is_a_fact_to_review() -> None:
    (fact,) = _facts(DAY_0, now=49, baseline=58)
    assert (fact.advice, fact.key) == (Advice.REVIEW, "finding:a1:clinical-review:below-50")


def test_an_lvef_without_baseline_is_flagged_for_its_baseline() -> None:
    (fact,) = _facts(DAY_0, now=60, baseline=None)
    assert (fact.kind, fact.key) == (FlagKind.BASELINE, "baseline:missing")


def test_below_40_without_baseline_is_flagged_for_both() -> None:
    finding, baseline = _facts(DAY_0, now=39, baseline=None)
    assert (finding.kind, finding.advice) == (FlagKind.FINDING, Advice.REVIEW)
    assert finding.key == "finding:a1:clinical-review:below-50"
    assert baseline.kind is FlagKind.BASELINE


def test_an_overdue_assessment_keeps_its_key_however_many_nights_the_sweep_runs_or_misses() -> None:
    nights = [date(2026, 4, 1) + timedelta(days=n) for n in (0, 1, 2, 9, 40)]
    keys = {fact.key for night in nights for fact in _facts(night)}
    assert keys == {"overdue:2026-03-23"}


def test_a_result_ends_the_overdue_fact() -> None:
    assert _facts(date(2026, 4, 2), results=[date(2026, 4, 2)]) == ()


def test_treatment_without_any_lvef_is_a_baseline_fact_at_once() -> None:
    (fact,) = _facts(DAY_0, baseline_on=None)
    assert (fact.kind, fact.key, fact.due_on) == (FlagKind.BASELINE, "baseline:2026-01-05", DAY_0)


def test_a_hold_that_became_a_stop_is_one_fact_whatever_the_day() -> None:
    def found(day: int) -> tuple[FlagFact, ...]:
        state = judge_hold(
            catalog.protocol("trastuzumab-us"),
            began_on=DAY_0,
            because_of=assessment(49),
            repeats=[],
            baseline=assessment(65),
            holds=1,
            today=DAY_0 + timedelta(days=day),
            lower_limit_of_normal=NORMAL,
        )
        assert state is not None
        quiet = _window(DAY_0, results=[DAY_0])
        return facts_for(judgement=None, assessment_id="a1", window=quiet, holds=(state,))

    assert found(56) == ()
    (first,), (later,) = found(57), found(80)
    assert first.key == later.key == "stop:a1:trastuzumab-us"
    assert first.advice is Advice.DISCONTINUE


# Decisions ----------------------------------------------------------------------------------------


def _code(kind: FlagKind, decision: Decision, **said: Any) -> str | None:
    known: dict[str, Any] = {"state": FlagState.OPEN, "reason": "rule-met", "repeat_by": None, "today": DAY_0}
    refusal = refuse_decide(kind, decision=decision, **known | said)
    return refusal.code if refusal else None


@ids(
    ("decision", "said", "code"),
    [
        (Decision.CONTINUE, {}, None),
        (Decision.CONTINUE, {"reason": " "}, "reason-missing"),
        (Decision.REPEAT, {}, "repeat-date-missing"),
        (Decision.HOLD, {}, "repeat-date-missing"),
        (Decision.REPEAT, {"repeat_by": DAY_0}, None),
        (Decision.REPEAT, {"repeat_by": DAY_0 - timedelta(days=1)}, "repeat-date-past"),
        (Decision.NOT_VALID, {}, "why-missing"),
        (Decision.NOT_VALID, {"sentence": "typed 36 for 63"}, None),
        (Decision.CONTINUE, {"state": FlagState.DECIDED}, None),
        (Decision.CONTINUE, {"state": FlagState.RESOLVED}, "flag-resolved"),
    ],
)
def test_a_decision_says_what_it_lacks(decision: Decision, said: dict[str, Any], code: str | None) -> None:
    assert _code(FlagKind.FINDING, decision, **said) == code


def test_an_overdue_flag_has_no_result_to_declare_not_valid() -> None:
    assert _code(FlagKind.OVERDUE, Decision.NOT_VALID, sentence="x") == "no-result-to-invalidate"


@ids(
    ("kind", "state", "ending", "code"),
    [
        (FlagKind.OVERDUE, FlagState.DECIDED, Ending.DECISION, "result-missing"),
        (FlagKind.OVERDUE, FlagState.OPEN, Ending.RESULT, None),
        (FlagKind.OVERDUE, FlagState.OPEN, Ending.FACT_GONE, None),
        (FlagKind.FINDING, FlagState.OPEN, Ending.RESULT, "decision-missing"),
        (FlagKind.FINDING, FlagState.OPEN, Ending.FACT_GONE, None),
        (FlagKind.FINDING, FlagState.DECIDED, Ending.DECISION, None),
        (FlagKind.FINDING, FlagState.RESOLVED, Ending.RESULT, "flag-resolved"),
    ],
)
def test_a_flag_closes_only_by_what_ends_its_fact(
    kind: FlagKind, state: FlagState, ending: Ending, code: str | None
) -> None:
    refusal = refuse_resolve(kind, state, ending)
    assert (refusal.code if refusal else None) == code


# Reminders ----------------------------------------------------------------------------------------

ECHO = Item(Topic.LVEF_DUE, "plan-1", date(2026, 3, 23))
INFUSION = Item(Topic.INFUSION, "plan-1:4", date(2026, 3, 23))


@ids(("today", "leads"), [("2026-03-15", []), ("2026-03-16", [7]), ("2026-03-19", [7]), ("2026-03-22", [1])])
def test_a_reminder_is_owed_from_its_lead_day_on_and_not_on_that_day_only(today: str, leads: list[int]) -> None:
    found = owed([ECHO], lead_days=[7, 1], today=date.fromisoformat(today))
    assert [due.key for due in found] == [f"lvef-due:plan-1:2026-03-23:{lead}" for lead in leads]


def test_a_coming_infusion_is_not_announced_after_its_day_but_an_lvef_still_is() -> None:
    late = owed([INFUSION, ECHO], lead_days=[7], today=date(2026, 3, 24))
    assert [due.topic for due in late] == [Topic.LVEF_DUE]


@given(st.sets(st.integers(min_value=0, max_value=40)), st.integers(min_value=0, max_value=40))
def test_a_worker_that_was_off_owes_nothing_twice_and_loses_nothing(nights: set[int], last: int) -> None:
    start = date(2026, 3, 1)
    sent: set[str] = set()
    for night in sorted({*nights, last}):
        keys = [due.key for due in owed([ECHO], lead_days=[7], today=start + timedelta(days=night), already=sent)]
        assert not sent & set(keys)
        sent.update(keys)
    assert sent == ({"lvef-due:plan-1:2026-03-23:7"} if max(nights | {last}) >= 15 else set())
