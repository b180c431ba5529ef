"""What holds for a thousand random plans with every kind of fact, under every policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling import catalog
from scheduling.core.dosing import next_level
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.facts import Credit, Delayed, DelayScope, Extended, Fact, Given, LevelChanged, Omitted
from scheduling.core.policy import Policy
from scheduling.core.projection import Projection, project
from scheduling.core.regimen import DoseKind, Regimen
from tests.core.test_scheduling_properties import FAR, INFUSED, START

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["give", "give", "give", "omit", "make up", "delay", "delay alone", "extend", "reduce"]),
        st.integers(-3, 60),
    ),
    max_size=14,
)
POLICIES = st.builds(
    catalog.policy,
    st.sampled_from(["label", "eu-hp"]),
    st.sampled_from(["actual", "grid"]),
    st.sampled_from([None, 10, 21]),
    st.sampled_from(["regimen", "doses"]),
)
PLANS = st.tuples(st.sampled_from(INFUSED), POLICIES)
Acts = list[tuple[str, int]]


def where(regimen: Regimen, policy: Policy, facts: list[Fact], start: date = START) -> Projection:
    return project(regimen, start, facts, today=start, policy=policy)


def life(regimen: Regimen, policy: Policy, acts: Acts, start: date = START) -> list[Fact]:
    """Decide the next cycle again and again, as a clinic would."""
    facts: list[Fact] = []
    for act, days in acts:
        due = [e for e in where(regimen, policy, facts, start).entries if e.state is EntryState.PLANNED]
        if not due:
            break
        facts += decide(regimen, act, [entry for entry in due if entry.cycle == due[0].cycle], days)
    return facts


def decide(regimen: Regimen, act: str, due: list[Entry], days: int) -> list[Fact]:
    first = due[0]
    on = first.on + timedelta(days)
    if act == "give":
        return [Given(first.cycle, first.day, entry.agent, on) for entry in due]
    if act.startswith("delay"):
        scope = DelayScope.ONLY if act == "delay alone" else DelayScope.LATER
        return [Delayed(first.cycle, first.day, on, scope)] if days > 0 else []
    if act == "extend":
        return [Extended(1, "a wish", overridden=days > 20)]
    if act == "reduce":
        agent = regimen.agent(first.agent, first.phase)
        lower = next_level(agent, first.dose.mg_per_kg) if first.dose.mg_per_kg else None
        return [LevelChanged(first.agent, first.cycle, lower)] if lower else []
    return [Omitted(first.cycle, first.day, first.on, made_up=act == "make up")]


@settings(max_examples=1000, deadline=None)
@given(PLANS, ACTS)
def test_whatever_changes_given_stays_dates_increase_and_only_a_gap_loads_again(
    plan: tuple[Regimen, Policy], acts: Acts
) -> None:
    regimen, policy = plan
    facts = life(regimen, policy, acts)
    found = project(regimen, START, facts, today=FAR, policy=policy, horizon_weeks=1)
    check_given(facts, found)
    for agent in regimen.agents:
        own = [entry for entry in found.entries if entry.agent == agent]
        assert all(a.on < b.on for a, b in pairwise(own))
        assert [entry.cycle for entry in own] == list(range(1, len(own) + 1))
        check_loading([entry for entry in own if entry.state is not EntryState.OMITTED])
        check_levels(own)
    check_minimum_intervals(regimen, found)


def check_given(facts: list[Fact], found: Projection) -> None:
    given_on = {(e.cycle, e.day, e.agent): e.on for e in found.entries if e.state is EntryState.GIVEN}
    assert given_on == {(f.cycle, f.day, f.agent): f.on for f in facts if isinstance(f, Given)}


def check_loading(doses: list[Entry]) -> None:
    assert all(entry.kind is not DoseKind.LOADING for entry in doses[1:])
    for entry in doses[1:]:
        assert entry.judgement is not None
        # nothing loads again within a week of its day, nor anything that waited six weeks and has such a rule
        if entry.judgement.days_late <= 7 and entry.judgement.days_since_last < 42:
            assert entry.kind is DoseKind.MAINTENANCE
        if entry.agent in ("pertuzumab", "trastuzumab") and entry.judgement.days_since_last >= 42:
            assert entry.kind is DoseKind.RELOAD


def check_levels(own: list[Entry]) -> None:
    by_weight = [entry.dose.mg_per_kg for entry in own if entry.dose.mg_per_kg is not None]
    if own and own[0].agent in ("trastuzumab-emtansine", "trastuzumab-deruxtecan"):
        assert all(later <= earlier for earlier, later in pairwise(by_weight))


def check_minimum_intervals(regimen: Regimen, found: Projection) -> None:
    """What is planned never stands closer than the label allows, whatever was given early."""
    for agent in regimen.agents:
        minimum = regimen.agent(agent).minimum_interval
        for entry in found.entries:
            planned = entry.agent == agent and entry.state is EntryState.PLANNED
            if minimum and planned and entry.judgement:
                assert entry.judgement.days_since_last >= minimum.days


@settings(max_examples=200, deadline=None)
@given(PLANS, ACTS, st.integers(-2000, 2000))
def test_shifting_all_dates_shifts_all_answers_under_every_policy(
    plan: tuple[Regimen, Policy], acts: Acts, days: int
) -> None:
    regimen, policy = plan
    shift = timedelta(days)
    here = where(regimen, policy, life(regimen, policy, acts))
    there = where(regimen, policy, life(regimen, policy, acts, START + shift), START + shift)
    moved = [replace(e, on=e.on + shift, first_planned_on=e.first_planned_on + shift) for e in here.entries]
    assert moved == list(there.entries)


@settings(max_examples=200, deadline=None)
@given(
    PLANS,
    ACTS,
    st.sampled_from(["give", "omit", "make up", "delay", "delay alone", "extend", "reduce"]),
    st.integers(1, 60),
)
def test_undo_after_any_act_is_the_identity(plan: tuple[Regimen, Policy], acts: Acts, act: str, days: int) -> None:
    regimen, policy = plan
    facts = life(regimen, policy, acts)
    before = where(regimen, policy, facts)
    done = life(regimen, policy, [*acts, (act, days)])
    assert done[: len(facts)] == facts
    where(regimen, policy, done)  # done
    assert where(regimen, policy, done[: len(facts)]) == before  # and undone


@settings(max_examples=200, deadline=None)
@given(PLANS, ACTS, st.integers(1, 60))
def test_a_day_delayed_alone_moves_nothing_else_or_all_later_ones(
    plan: tuple[Regimen, Policy], acts: Acts, days: int
) -> None:
    """Never some of them: the later dates are those of the plan as it was, or of a delay of all."""
    regimen, policy = plan
    facts = life(regimen, policy, acts)
    before = where(regimen, policy, facts)
    due = [entry for entry in before.entries if entry.state is EntryState.PLANNED]
    if not due:
        return
    first, to = due[0], due[0].on + timedelta(days)

    def later(scope: DelayScope) -> list[date]:
        after = where(regimen, policy, [*facts, Delayed(first.cycle, first.day, to, scope)])
        return [entry.on for entry in (*after.entries, *after.past_cap) if entry.cycle > first.cycle]

    was = [entry.on for entry in (*before.entries, *before.past_cap) if entry.cycle > first.cycle]
    shortest = min(len(was), len(later(DelayScope.ONLY)))
    assert later(DelayScope.ONLY)[:shortest] in (was[:shortest], later(DelayScope.LATER)[:shortest])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(INFUSED), POLICIES, st.integers(1, 8), st.integers(1, 120))
def test_doses_given_elsewhere_count_under_every_policy(
    regimen: Regimen, policy: Policy, doses: int, days_ago: int
) -> None:
    last = START - timedelta(days_ago)
    credited = [Credit(agent, doses, last) for agent in regimen.agents]
    found = where(regimen, policy, [*credited, Extended(1, "a wish", overridden=True)])
    assert found.entries[0].cycle == doses + 1
    assert all(entry.kind is not DoseKind.LOADING for entry in found.entries)


def as_rows_have_them(facts: list[Fact]) -> list[Fact]:
    """The order in which a plan's rows give them back: what each cycle day holds, then decisions by kind."""
    kinds: tuple[type, ...] = (Given, Omitted)
    days = sorted((f for f in facts if isinstance(f, kinds)), key=lambda f: (f.cycle, f.day))  # type: ignore[union-attr]
    return [*days, *(f for kind in (Delayed, Extended, LevelChanged) for f in facts if isinstance(f, kind))]


@settings(max_examples=1000, deadline=None)
@given(PLANS, ACTS)
def test_a_preview_is_what_the_rows_then_say(plan: tuple[Regimen, Policy], acts: Acts) -> None:
    regimen, policy = plan
    facts = life(regimen, policy, acts)
    if not facts:
        return
    before = as_rows_have_them(facts[:-1])
    assert where(regimen, policy, [*before, facts[-1]]) == where(regimen, policy, as_rows_have_them(facts))
