"""What a change moves, and how long a dose may wait. Figures: CLINICAL.md section 2."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling import catalog
from scheduling.core.comparison import Outlook, compare, outlook
from scheduling.core.facts import Delayed, Extended, Fact, Given, Omitted
from scheduling.core.projection import Projection, project

START = date(2026, 1, 5)
TODAY = date(2026, 3, 30)
GIVEN_ON = [date(2026, 1, 5), date(2026, 1, 26), date(2026, 2, 16), date(2026, 3, 9)]


def four_given(regimen: str, *more: Fact) -> Projection:
    core = catalog.regimen(regimen)
    given = [Given(n + 1, 1, agent, on) for n, on in enumerate(GIVEN_ON) for agent in core.agents]
    return project(core, START, (*given, *more), today=TODAY)


def look(regimen: str, agent: str, cycle: int = 5) -> Outlook:
    core = catalog.regimen(regimen)
    entry = next(e for e in four_given(regimen).entries if (e.cycle, e.agent) == (cycle, agent))
    return outlook(core.agent(agent, entry.phase), entry)


def test_a_delay_of_seven_days_moves_the_cycle_and_all_later_ones() -> None:
    change = compare(
        four_given("trastuzumab-q3w-17"), four_given("trastuzumab-q3w-17", Delayed(5, 1, date(2026, 4, 6)))
    )
    assert [day.cycle for day in change.days if day.moved] == list(range(5, 18))
    assert [(day.cycle, day.new_on) for day in change.changed][:2] == [(5, date(2026, 4, 6)), (6, date(2026, 4, 27))]
    fifth = change.changed[0]
    assert (fifth.old_on, fifth.days_since_last) == (date(2026, 3, 30), 28)
    assert fifth.consequences == ("28 days since the last dose, 7 late: trastuzumab continues at 6 mg/kg",)


def test_a_delay_of_eight_days_says_that_trastuzumab_re_loads_and_pertuzumab_does_not() -> None:
    change = compare(
        four_given("trastuzumab-pertuzumab"), four_given("trastuzumab-pertuzumab", Delayed(5, 1, date(2026, 4, 7)))
    )
    assert set(change.changed[0].consequences) == {
        "29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg",
        "29 days since the last dose, 8 late: pertuzumab continues at 420 mg",
    }


def test_an_omission_keeps_the_end_and_loses_a_dose() -> None:
    change = compare(four_given("trastuzumab-q3w-17"), four_given("trastuzumab-q3w-17", Omitted(5, 1, TODAY)))
    assert (change.doses_before, change.doses_after) == (17, 16)
    assert not any(day.moved for day in change.days)
    assert change.changed[0].consequences == ("not given",)
    assert change.changed[1].consequences == ("42 days since the last dose, 21 late: trastuzumab re-loads at 8 mg/kg",)


def test_an_omission_made_up_adds_a_cycle_at_the_end() -> None:
    change = compare(
        four_given("trastuzumab-q3w-17"), four_given("trastuzumab-q3w-17", Omitted(5, 1, TODAY, made_up=True))
    )
    last = change.days[-1]
    assert (change.doses_after, last.cycle, last.old_on, last.new_on) == (17, 18, None, date(2026, 12, 28))
    assert last.consequences[0] == "one more at the end, in place of the omitted dose"


def test_a_cycle_added_is_not_called_made_up() -> None:
    change = compare(four_given("trastuzumab-q3w-17"), four_given("trastuzumab-q3w-17", Extended(1, "a wish")))
    last = change.changed[0]
    assert (last.cycle, last.old_on, last.new_on, last.consequences) == (
        18, None, date(2026, 12, 28), ("one more at the end",),
    )  # fmt: skip


def test_a_delay_of_a_plan_without_an_end_loses_no_cycle() -> None:
    change = compare(four_given("t-dxd-metastatic"), four_given("t-dxd-metastatic", Delayed(5, 1, date(2026, 5, 4))))
    assert {day.cycle for day in change.changed} == set(range(5, 13))
    assert not any("no longer planned" in said for day in change.days for said in day.consequences)


def test_nothing_changes_when_nothing_is_changed() -> None:
    change = compare(four_given("t-dm1"), four_given("t-dm1"))
    assert change.changed == change.from_first_change == ()


@pytest.mark.parametrize(
    ("regimen", "agent", "reload_on"),
    [
        ("trastuzumab-q3w-17", "trastuzumab", date(2026, 4, 7)),  # 8 days late, 29 since the last
        ("trastuzumab-pertuzumab", "trastuzumab", date(2026, 4, 7)),
        ("trastuzumab-pertuzumab", "pertuzumab", date(2026, 4, 20)),  # 42 days since the last
        ("trastuzumab-sc", "trastuzumab-hyaluronidase", None),
        ("t-dm1", "trastuzumab-emtansine", None),
    ],
)
def test_the_first_day_of_re_loading_is_known_before_a_date_is_chosen(
    regimen: str, agent: str, reload_on: date | None
) -> None:
    assert look(regimen, agent).reload_on == reload_on


def test_the_outlook_says_both_sides_of_the_boundary() -> None:
    found = look("trastuzumab-q3w-17", "trastuzumab")
    assert found.sentence == (
        "Trastuzumab: 6 mg/kg until Mon 6 Apr 2026; from Tue 7 Apr 2026, 29 days after the last dose of "
        "Mon 9 Mar 2026, it re-loads at 8 mg/kg."
    )
    assert not found.reloads_on(date(2026, 4, 6))
    assert found.reloads_on(date(2026, 4, 7))


def test_an_agent_without_a_re_load_rule_stays_at_its_dose() -> None:
    found = look("t-dm1", "trastuzumab-emtansine")
    assert found.sentence == "Trastuzumab emtansine: stays at 3.6 mg/kg however late it is given."


def test_a_first_dose_has_no_gap_to_mind() -> None:
    core = catalog.regimen("trastuzumab-q3w-17")
    entry = project(core, START, (), today=START).entries[0]
    found = outlook(core.agent("trastuzumab"), entry)
    assert found.sentence == "Trastuzumab: the first dose of this plan, 8 mg/kg on whatever day it is given."
