"""SQL narrows, the core decides: whatever the core would flag lies inside what the query picks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring import catalog
from monitoring.core.evaluation import judge, protocols_for
from monitoring.core.intervals import Interval
from monitoring.core.lifecycle import facts_for
from monitoring.core.lvef import Lvef
from monitoring.core.narrowing import Clause, results, windows
from monitoring.core.protocol import OnTreatment, Protocol
from monitoring.core.result import Assessment, Dysfunction, Symptoms
from monitoring.core.surveillance import Facts, RepeatAsked, WindowState, window
from tests.core.monitoring_cases import DAY_0, NORMAL, assessment

ALL = tuple(catalog.protocol(id_) for id_ in sorted({id_ for id_, _ in catalog.protocols()}))
NOTHING = window(
    [], first_given_on=None, last_given_on=None, completed_on=None, results=[], baseline_on=None, held_since=None,
    today=DAY_0,
)  # fmt: skip

some = st.lists(st.sampled_from(ALL), min_size=1, max_size=5, unique_by=lambda one: one.id)
tenths = st.one_of(st.integers(380, 720), st.integers(50, 950)).map(lambda n: Decimal(n) / 10)
lvefs = st.one_of(
    tenths.map(Lvef.exactly),
    st.tuples(tenths, tenths).map(lambda ends: Lvef(min(ends), max(ends))),
)
gls = st.none() | st.integers(-250, -80).map(lambda n: Decimal(n) / 10)
normals = st.integers(450, 600).map(lambda n: Decimal(n) / 10)
assessments = st.builds(
    Assessment,
    st.just(DAY_0),
    lvefs,
    gls=gls,
    symptoms=st.sampled_from(Symptoms),
    biomarker_rise=st.sampled_from([None, False, True]),
)


@settings(max_examples=500)
@given(some, assessments, st.none() | assessments, normals)
def test_no_result_the_core_would_flag_lies_outside(
    protocols: list[Protocol], one: Assessment, baseline: Assessment | None, normal: Decimal
) -> None:
    judgement = judge(protocols, one, baseline, lower_limit_of_normal=normal)
    flags = facts_for(judgement=judgement, assessment_id="a", window=NOTHING)
    if flags:
        assert results(protocols).may_flag(one, baseline, normal)


@pytest.mark.parametrize("protocol", ALL, ids=lambda one: one.id)
def test_at_every_figure_of_a_protocol_what_is_flagged_is_picked(protocol: Protocol) -> None:
    narrowing = results([protocol])
    for before in range(80, 161, 4):
        baseline = assessment(Decimal(before) / 2)
        for now in range(60, 141):
            one = assessment(Decimal(now) / 2)
            judgement = judge([protocol], one, baseline, lower_limit_of_normal=NORMAL)
            if facts_for(judgement=judgement, assessment_id="a", window=NOTHING):
                assert narrowing.may_flag(one, baseline, NORMAL), (before / 2, now / 2)


def test_the_clauses_of_the_us_label_are_its_own_figures() -> None:
    assert results([catalog.protocol("trastuzumab-us")]).clauses == (
        Clause(fall_at_least=Decimal(10), is_below_normal=True),
        Clause(symptoms=Symptoms.MILD),
        Clause(fall_at_least=Decimal(15)),
    )


def test_a_clause_within_another_is_left_out() -> None:
    found = results(protocols_for(ALL, ["trastuzumab", "pertuzumab"], "US", "adjuvant"))
    assert found.clauses == (
        Clause(symptoms=Symptoms.MILD),
        Clause(fall_at_least=Decimal(10), is_below_normal=True),
        Clause(fall_at_least=Decimal(15)),
        Clause(lvef_at_most=Decimal(50)),
    )
    assert found.needs_baseline


def test_few_of_the_healthy_are_picked() -> None:
    found = results(protocols_for(ALL, ["trastuzumab", "pertuzumab"], "US", "adjuvant"))
    picked = [
        (before, now)
        for before in range(55, 70)
        for now in range(55, 70)
        if found.may_flag(assessment(now), assessment(before), NORMAL)
    ]
    assert picked == []


def test_a_missing_baseline_is_picked_only_where_a_rule_compares_with_it() -> None:
    us, site = catalog.protocol("trastuzumab-us"), catalog.protocol("clinical-review")
    assert results([us]).may_flag(assessment(60), None, NORMAL)
    assert not results([site]).may_flag(assessment(60), None, NORMAL)


# Windows --------------------------------------------------------------------------------------------

days = st.integers(min_value=-60, max_value=1500)
maybe = st.none() | days


def _day(offset: int | None) -> date | None:
    return None if offset is None else DAY_0 + timedelta(days=offset)


@settings(max_examples=800)
@given(
    some,
    maybe,
    st.lists(days, max_size=5),
    maybe,
    st.booleans(),
    maybe,
    st.none() | st.tuples(days, days),
    st.sampled_from(["neoadjuvant", "adjuvant", "metastatic"]),
    st.sampled_from([None, *Dysfunction]),
    st.none() | st.integers(7, 84),
    days,
)
def test_no_plan_with_something_overdue_lies_outside(
    protocols: list[Protocol],
    first: int | None,
    done: list[int],
    last: int | None,
    is_complete: bool,
    held: int | None,
    repeat: tuple[int, int] | None,
    setting: str,
    dysfunction: Dysfunction | None,
    every: int | None,
    now: int,
) -> None:
    today = DAY_0 + timedelta(days=now)
    past = [DAY_0 + timedelta(days=n) for n in done if n <= now]
    given_ = [day for day in (_day(first), _day(last)) if day is not None and day <= today]
    span = (min(given_), max(given_)) if given_ else (None, None)
    completed = span[1] if is_complete else None
    held_since = _day(held) if held is not None and held <= now else None
    asked = RepeatAsked(DAY_0 + timedelta(days=repeat[0]), DAY_0 + timedelta(days=repeat[1])) if repeat else None
    rule = catalog.protocol("trastuzumab-us").surveillance
    assert rule is not None
    interval = Interval("x", OnTreatment(every, every, every + 8, rule.on_treatment.citation)) if every else None
    asks = window(
        protocols,
        first_given_on=span[0],
        last_given_on=span[1],
        completed_on=completed,
        results=past,
        baseline_on=None,
        held_since=held_since,
        today=today,
        repeat_asked=asked,
        setting=setting,
        dysfunction=dysfunction,
        interval=interval,
    )
    facts = Facts(span[0], span[1], completed, tuple(past), held_since, asked, interval=interval)
    if any(one.state is WindowState.OVERDUE for one in (asks, *asks.others)):
        assert windows(protocols).may_be_overdue(facts, today)


def test_the_days_of_a_usual_plan_are_those_of_its_protocols() -> None:
    found = windows(protocols_for(ALL, ["trastuzumab", "pertuzumab"], "US", "adjuvant"))
    assert (found.after_result, found.while_held, found.after_last_given, found.settled_after) == (93, 21, 9, 744)


def test_a_plan_seen_last_week_is_not_picked_and_one_of_93_days_ago_is() -> None:
    found = windows(protocols_for(ALL, ["trastuzumab"], "US", "adjuvant"))

    def picked(days_ago: int) -> bool:
        facts = Facts(DAY_0, DAY_0, None, (DAY_0,))
        return found.may_be_overdue(facts, DAY_0 + timedelta(days=days_ago))

    assert [picked(n) for n in (7, 92, 93, 94)] == [False, False, True, True]


def test_a_completed_plan_whose_follow_up_is_done_is_left_alone() -> None:
    found = windows([catalog.protocol("trastuzumab-us")])
    done = DAY_0 + timedelta(days=744)
    assert not found.may_be_overdue(Facts(DAY_0, DAY_0, DAY_0, (done,)), done + timedelta(days=2000))
    assert found.may_be_overdue(Facts(DAY_0, DAY_0, DAY_0, (DAY_0,)), done)
