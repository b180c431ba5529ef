"""Choices where the labels disagree, and the acts whose refusal depends on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from scheduling import catalog
from scheduling.core import dosing
from scheduling.core.comparison import outlook
from scheduling.core.expansion import NoPolicy, agent_of, expand
from scheduling.core.facts import Delayed, DelayScope, Extended, Given, LevelChanged
from scheduling.core.lifecycle import PlanState, refuse_delay_alone, refuse_level
from scheduling.core.policy import Anchor, CapPolicy
from scheduling.core.projection import ImpossibleLevel, UnknownCycleDay, project

START = date(2026, 1, 5)
FIFTH = date(2026, 3, 30)
T_DM1, T_DXD = "trastuzumab-emtansine", "trastuzumab-deruxtecan"


def test_the_defaults_are_the_label_the_actual_date_and_the_regimens_end() -> None:
    policy = catalog.policy()
    assert (policy.pair_reload, policy.anchor, policy.cap) == (None, Anchor.ACTUAL, CapPolicy.REGIMEN)
    assert [(one.question, one.value) for one in policy.chosen] == [
        ("reload-with-pertuzumab", "label"),
        ("anchor", "actual"),
        ("cap", "regimen"),
    ]


def test_the_eu_table_is_shown_as_unverified() -> None:
    chosen = catalog.policy(reload_with_pertuzumab="eu-hp").chosen[0]
    assert (chosen.value, chosen.citation.key, chosen.citation.confidence) == (
        "eu-hp", "perjeta-smpc#missed-dose", "unverified",
    )  # fmt: skip


@pytest.mark.parametrize("regimen", sorted({id_ for id_, _ in catalog.regimens()}))
def test_the_default_policy_changes_no_plan(regimen: str) -> None:
    core = catalog.regimen(regimen)
    assert expand(core, START, policy=catalog.policy()) == expand(core, START)


@pytest.mark.parametrize(
    "choice", [{"reload_with_pertuzumab": "eu"}, {"anchor": "none"}, {"cap": "never"}, {"minimum_gap_days": 0}]
)
def test_a_choice_there_is_not_is_an_error(choice: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"not a valid|at least one day"):
        catalog.policy(**choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("regimen", ["t-dm1", "t-dxd"])
def test_weeks_end_only_what_a_source_gives_a_year(regimen: str) -> None:
    with pytest.raises(ValueError, match="no source ends it after a number of weeks"):
        expand(catalog.regimen(regimen), START, policy=catalog.policy(cap="weeks"))


def test_one_day_delayed_alone_needs_the_smallest_gap_to_be_known() -> None:
    with pytest.raises(NoPolicy, match="smallest gap"):
        project(catalog.regimen("thp"), START, [Delayed(2, 1, FIFTH, DelayScope.ONLY)], today=START)


def alone(regimen: str, to: date, cycle: int = 5, **policy: int) -> str | None:
    core = catalog.regimen(regimen)
    days = {entry.cycle: entry for entry in reversed(expand(core, START))}
    grid = catalog.policy(**policy).grid  # type: ignore[arg-type]
    refusal = refuse_delay_alone(
        PlanState.ACTIVE, core, days[cycle], days.get(cycle + 1), to=to, today=START, grid=grid
    )  # fmt: skip
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    ("regimen", "to", "code"),
    [
        ("trastuzumab-q3w-17", date(2026, 4, 1), None),  # leaves 19 days
        ("trastuzumab-q3w-17", date(2026, 4, 2), None),  # 18
        ("trastuzumab-q3w-17", date(2026, 4, 3), "gap-too-short"),  # 17
        ("trastuzumab-pertuzumab", date(2026, 4, 2), None),
        ("trastuzumab-sc", date(2026, 3, 31), "counts-from-actual"),
        ("phesgo", date(2026, 3, 31), "counts-from-actual"),
        ("t-dm1", date(2026, 3, 31), "counts-from-actual"),
        ("t-dxd", date(2026, 3, 31), "counts-from-actual"),
        ("thp", date(2026, 3, 31), "counts-from-actual"),
        ("trastuzumab-q3w-17", FIFTH, "not-later"),
    ],
)
def test_a_day_is_delayed_alone_only_when_the_gap_left_is_long_enough(regimen: str, to: date, code: str | None) -> None:
    assert alone(regimen, to) == code


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (date(2026, 4, 5), None),
        (date(2026, 4, 6), None),
        (date(2026, 4, 7), "too-late-for-the-grid"),
    ],
)
def test_whatever_gap_a_site_allows_a_dose_over_a_week_late_moves_the_others(to: date, code: str | None) -> None:
    assert alone("trastuzumab-q3w-17", to, minimum_gap_days=10) == code


def test_the_last_cycle_has_none_after_it_to_keep() -> None:
    assert alone("trastuzumab-q3w-17", date(2026, 12, 31), cycle=17) is None


def test_the_refusal_to_delay_alone_tells_what_to_do() -> None:
    core = catalog.regimen("trastuzumab-q3w-17")
    fifth, sixth = expand(core, START)[4:6]
    grid = catalog.policy().grid
    refusal = refuse_delay_alone(
        PlanState.ACTIVE, core, fifth, sixth, to=date(2026, 4, 3), today=START, grid=grid
    )  # fmt: skip
    assert refusal is not None
    assert refusal.sentence == (
        "Only 17 days would be left to the next dose, and at least 18 are asked for: move all later ones too."
    )


def test_a_minimum_interval_longer_than_the_sites_gap_leads() -> None:
    agent = catalog.regimen("trastuzumab-sc").agent("trastuzumab-hyaluronidase")
    grid = replace(catalog.policy(minimum_gap_days=10).grid, agents=(agent.name,))
    codes = [grid.refuse([agent], days_late=1, days_to_next=days) for days in (20, 21, 22)]
    assert [refusal.code if refusal else None for refusal in codes] == ["gap-too-short", None, None]


def test_the_outlook_follows_the_policy_and_the_level() -> None:
    core, policy = catalog.regimen("trastuzumab-pertuzumab"), catalog.policy(reload_with_pertuzumab="eu-hp")
    entry = next(e for e in expand(core, START, policy=policy) if (e.cycle, e.agent) == (5, "trastuzumab"))
    assert outlook(agent_of(core, entry, policy=policy), entry).reload_on == date(2026, 4, 20)
    assert outlook(agent_of(core, entry), entry).reload_on == date(2026, 4, 7)
    t_dm1 = catalog.regimen("t-dm1")
    facts = [LevelChanged(T_DM1, 5, Decimal("3.0"))]
    fifth = project(t_dm1, START, facts, today=START).entries[4]
    assert outlook(agent_of(t_dm1, fifth, facts), fifth).sentence.endswith("stays at 3 mg/kg however late it is given.")


# Dose levels: T-DM1 3.6, 3.0, 2.4, stop; T-DXd 5.4, 4.4, 3.2, stop (CLINICAL.md 1.3)
@pytest.mark.parametrize(
    ("regimen", "agent", "ladder"),
    [
        ("t-dm1", T_DM1, ["3.6", "3.0", "2.4", None]),
        ("t-dxd", T_DXD, ["5.4", "4.4", "3.2", None]),
        ("trastuzumab-q3w-17", "trastuzumab", ["6", None]),
    ],
)
def test_the_ladder_goes_down_and_ends(regimen: str, agent: str, ladder: list[str | None]) -> None:
    core = catalog.regimen(regimen).agent(agent)
    for now, expected in pairwise(ladder):
        found = dosing.next_level(core, Decimal(now or 0))
        assert found == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    "levels", [[("3.0", 5), ("3.6", 6)], [("2.4", 5), ("3.0", 6)], [("3.0", 5), ("3.0", 6)], [("2.9", 5)]]
)
def test_a_level_that_is_not_further_down_the_ladder_is_an_error(levels: list[tuple[str, int]]) -> None:
    facts = [LevelChanged(T_DM1, cycle, Decimal(mg)) for mg, cycle in levels]
    with pytest.raises(ImpossibleLevel):
        project(catalog.regimen("t-dm1"), START, facts, today=START)


def test_antibodies_have_no_level_and_strangers_none_at_all() -> None:
    regimen = catalog.regimen("trastuzumab-q3w-17")
    with pytest.raises(ImpossibleLevel, match="has no reduced dose: hold or stop only"):
        project(regimen, START, [LevelChanged("trastuzumab", 5, Decimal(4))], today=START)
    with pytest.raises(UnknownCycleDay, match=f"has no {T_DM1} to reduce"):
        project(regimen, START, [LevelChanged(T_DM1, 5, Decimal("3.0"))], today=START)


@pytest.mark.parametrize(
    ("to", "cycle", "code"),
    [
        ("3.0", 5, None),
        ("2.4", 5, None),
        ("3.0", 4, "already-given"),
        ("3.0", 15, "no-such-cycle"),
        ("3.6", 5, "not-a-level"),
        ("1.8", 5, "not-a-level"),
    ],
)
def test_a_level_is_chosen_for_cycles_not_given_yet(to: str, cycle: int, code: str | None) -> None:
    core = catalog.regimen("t-dm1")
    given = [Given(entry.cycle, 1, T_DM1, entry.on) for entry in expand(core, START)[:4]]
    entries = project(core, START, given, today=START).entries
    refusal = refuse_level(
        PlanState.ACTIVE, core.agent(T_DM1), entries, to_mg_per_kg=Decimal(to), from_cycle=cycle
    )  # fmt: skip
    assert (refusal.code if refusal else None) == code


def test_nobody_goes_up_again_or_changes_a_plan_that_is_over() -> None:
    core = catalog.regimen("t-dm1")
    entries = project(core, START, [LevelChanged(T_DM1, 5, Decimal("2.4"))], today=START).entries
    up = refuse_level(PlanState.ACTIVE, core.agent(T_DM1), entries, to_mg_per_kg=Decimal("3.0"), from_cycle=8)
    over = refuse_level(PlanState.CEASED, core.agent(T_DM1), entries, to_mg_per_kg=Decimal("2.4"), from_cycle=8)
    assert [refusal.code if refusal else None for refusal in (up, over)] == ["no-way-up", "plan-not-active"]


def test_a_reduced_dose_keeps_its_arithmetic_and_its_source() -> None:
    core = catalog.regimen("t-dm1")
    entry = project(core, START, [LevelChanged(T_DM1, 5, Decimal("3.0"))], today=START).entries[4]
    made = dosing.calculate_each(core, [entry], Decimal(68))[0]
    assert (made.arithmetic, made.planned_mg) == ("3 mg/kg × 68 kg = 204 mg", 204)
    assert made.citation.key == "kadcyla-hcp#dose-reduction"


@pytest.mark.parametrize("cycles", [0, -1])
def test_an_extension_adds_something(cycles: int) -> None:
    with pytest.raises(ValueError, match="at least 1 cycle"):
        Extended(cycles, "a wish")
