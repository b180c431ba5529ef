"""How a plan will end (C35), and what it may not be extended past (M105)."""

from __future__ import annotations

from datetime import date

import pytest

from scheduling import catalog
from scheduling.core.facts import Delayed, Extended, Fact, Given, Omitted
from scheduling.core.forecast import Forecast, forecast
from scheduling.core.lifecycle import PlanState, refuse_extend
from scheduling.core.projection import project

START = date(2026, 1, 5)
FOUR = [date(2026, 1, 5), date(2026, 1, 26), date(2026, 2, 16), date(2026, 3, 9)]


def four(regimen: str) -> list[Fact]:
    return [Given(n + 1, 1, agent, on) for n, on in enumerate(FOUR) for agent in catalog.regimen(regimen).agents]


def foretold(regimen: str, *facts: Fact, today: date = date(2026, 3, 9)) -> Forecast:
    core = catalog.regimen(regimen)
    return forecast(core, project(core, START, facts, today=today), catalog.year_limits())


def test_two_delays_of_seven_and_fourteen_days_add_up() -> None:
    found = foretold("trastuzumab-q3w-17", Delayed(5, 1, date(2026, 4, 6)), Delayed(8, 1, date(2026, 6, 22)))
    assert (found.delay_days, found.last_on, found.first_planned_last_on) == (21, date(2026, 12, 28), date(2026, 12, 7))
    assert (found.given, found.omitted, found.left) == (0, 0, 17)
    assert (found.year_ends_on, found.finishes_in_a_year) == (date(2027, 1, 4), True)


@pytest.mark.parametrize(("to", "finishes"), [(date(2026, 4, 27), True), (date(2026, 4, 28), False)])
def test_the_last_dose_on_day_364_is_within_the_year_and_on_day_365_is_not(to: date, finishes: bool) -> None:
    assert foretold("trastuzumab-q3w-17", Delayed(5, 1, to)).finishes_in_a_year is finishes


def test_doses_the_weeks_leave_no_room_for_are_not_a_finished_year() -> None:
    found = foretold("trastuzumab-q3w-18", Delayed(5, 1, date(2026, 4, 7)))
    assert (found.left_out, found.finishes_in_a_year, found.last_on) == (1, False, date(2026, 12, 15))


def test_without_a_sourced_year_or_an_end_nothing_is_foretold_of_it() -> None:
    assert foretold("t-dm1").finishes_in_a_year is None
    assert (foretold("thp").last_on, foretold("thp").finishes_in_a_year) == (None, None)
    assert foretold("neratinib").left == 0


@pytest.mark.parametrize(
    ("on", "beyond"), [(date(2026, 4, 12), None), (date(2026, 4, 13), 14), (date(2026, 4, 14), 15)]
)
def test_fourteen_days_beyond_the_plan_are_an_interruption(on: date, beyond: int | None) -> None:
    found = foretold("trastuzumab-q3w-17", *four("trastuzumab-q3w-17"), Given(5, 1, "trastuzumab", on))
    assert [one.days_beyond for one in found.interruptions] == ([beyond] if beyond else [])
    assert found.interrupted_days == (beyond or 0)


def test_an_omitted_dose_interrupts_for_its_whole_cycle() -> None:
    found = foretold("trastuzumab-q3w-17", *four("trastuzumab-q3w-17"), Omitted(5, 1, date(2026, 3, 30)))
    one = found.interruptions[0]
    assert (one.last_on, one.resumed_on, one.days_beyond, one.foreseen) == (FOUR[3], date(2026, 4, 20), 21, True)
    assert (found.omitted, found.interrupted_days) == (1, 0)


def test_one_agent_left_out_while_the_other_went_on_is_no_interruption() -> None:
    facts = [*four("trastuzumab-pertuzumab"), Given(5, 1, "trastuzumab", date(2026, 3, 30))]
    found = foretold("trastuzumab-pertuzumab", *facts, Omitted(5, 1, date(2026, 3, 30), agent="pertuzumab"))
    assert found.interruptions == ()


def extend(regimen: str, cycles: int, *facts: Fact, overridden: bool = False, reason: str = "a wish") -> str | None:
    core = catalog.regimen(regimen)
    extended = project(core, START, [*facts, Extended(cycles, reason, overridden=True)], today=START)
    limits = catalog.year_limits()
    refusal = refuse_extend(PlanState.ACTIVE, core, extended, limits, reason=reason, overridden=overridden)
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    ("regimen", "cycles", "code"),
    [
        ("trastuzumab-q3w-17", 1, None),  # 18 doses, day 357
        ("trastuzumab-q3w-17", 2, "past-one-year"),  # day 378
        ("trastuzumab-q3w-18", 1, "past-one-year"),
        ("trastuzumab-6-months", 9, None),
        ("trastuzumab-6-months", 10, "past-one-year"),
        ("apt", 1, None),  # the 14th of three weeks is on day 357
        ("apt", 2, "past-one-year"),
        ("t-dm1", 1, "past-its-doses"),
        ("t-dxd", 1, "past-its-doses"),
        ("thp", 1, "no-end"),
        ("neratinib", 1, "no-end"),
    ],
)
def test_a_plan_is_not_extended_past_a_year_or_its_doses(regimen: str, cycles: int, code: str | None) -> None:
    assert extend(regimen, cycles) == code


@pytest.mark.parametrize(("to", "code"), [(date(2026, 4, 6), None), (date(2026, 4, 7), "past-one-year")])
def test_day_364_is_within_52_weeks_and_day_365_past_them(to: date, code: str | None) -> None:
    """Dose 18 planned on day 357, and delayed by 7 or 8 days."""
    assert extend("trastuzumab-q3w-17", 1, Delayed(5, 1, to)) == code


@pytest.mark.parametrize(("cycles", "code"), [(0, None), (1, "past-its-doses")])
def test_eighteen_doses_are_the_most_even_when_given_early(cycles: int, code: str | None) -> None:
    """18 of 18 with an early fifth dose; the 19th, on day 358, would be within the year."""
    early = Given(5, 1, "trastuzumab", date(2026, 3, 10))
    limits, core = catalog.year_limits(), catalog.regimen("trastuzumab-pertuzumab")
    facts: list[Fact] = [*four("trastuzumab-pertuzumab"), early, Given(5, 1, "pertuzumab", date(2026, 3, 10))]
    more = [Extended(cycles, "a wish", overridden=True)] if cycles else []
    refusal = refuse_extend(
        PlanState.ACTIVE, core, project(core, START, [*facts, *more], today=START), limits, reason="a wish"
    )
    assert (refusal.code if refusal else None) == code


def test_an_override_extends_and_a_reason_is_needed() -> None:
    assert extend("t-dm1", 1, overridden=True) is None
    assert extend("trastuzumab-q3w-17", 1, reason=" ") == "no-reason"


def test_the_refusal_names_the_source() -> None:
    core, limits = catalog.regimen("trastuzumab-q3w-17"), catalog.year_limits()
    extended = project(core, START, [Extended(2, "a wish", overridden=True)], today=START)
    refusal = refuse_extend(PlanState.ACTIVE, core, extended, limits, reason="a wish")
    assert refusal is not None
    assert refusal.sentence == (
        "The last dose would be on day 378: more than 52 weeks is not recommended (herceptin-hcp#duration). "
        "It needs an override."
    )


def test_a_plan_that_is_over_is_not_extended() -> None:
    core = catalog.regimen("trastuzumab-q3w-17")
    extended = project(core, START, [Extended(1, "a wish")], today=START)
    refusal = refuse_extend(PlanState.CEASED, core, extended, catalog.year_limits(), reason="a wish")
    assert refusal is not None
    assert refusal.code == "plan-not-active"
