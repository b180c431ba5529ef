"""When two people's figures are the same dose, and what a second check needs before it counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2tracker.lib.sources import Confidence
from scheduling import catalog
from scheduling.core.second_check import (
    CheckState,
    First,
    changed,
    decide,
    differing,
    refuse_checker,
    refuse_figures,
    refuse_items,
    refuse_request,
)

ITEMS = catalog.chairside_items()
ALL = [item.id for item in ITEMS]
MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
ROUNDED = First("trastuzumab", Decimal(420), Decimal("421.8"), "mg")


@pytest.mark.parametrize(
    ("entered", "agrees"),
    [("420", True), ("420.00", True), ("421.8", True), ("421", False), ("422", False), ("42", False), ("4200", False)],
)
def test_only_the_exact_and_the_rounded_figure_agree(entered, agrees):
    assert ROUNDED.agrees(Decimal(entered)) is agrees


figures = st.decimals(min_value=1, max_value=2000, places=1)


@given(planned=figures, exact=figures, entered=figures)
def test_two_checks_never_agree_on_a_third_figure(planned, exact, entered):
    first = First("a", planned, exact, "mg")
    assert (not differing([first], {"a": entered})) == (entered in {planned, exact})


def test_an_agent_without_a_second_figure_differs():
    assert differing([ROUNDED], {}) == (ROUNDED,)


def test_the_nine_things_that_are_looked_at_at_the_chair_come_with_a_source_that_is_shown_as_unverified():
    assert ALL == ["identifiers", "drug", "dose", "volume", "rate", "route", "expiry", "appearance", "pump"]
    assert {item.citation.document for item in ITEMS} == {"asco-ons-2024"}
    assert {item.citation.confidence for item in ITEMS} == {Confidence.SECONDARY}


@pytest.mark.parametrize("missing", ALL)
def test_a_check_agrees_only_with_every_single_tick(missing):
    entered = {"trastuzumab": Decimal(420)}
    ticked = [one for one in ALL if one != missing]
    assert decide([ROUNDED], entered, ITEMS, ALL, "") is CheckState.AGREED
    assert decide([ROUNDED], entered, ITEMS, ticked, "") is CheckState.DIFFERED
    refused = refuse_items(ITEMS, ticked, "")
    assert refused
    assert refused.code == "not-confirmed"
    assert refuse_items(ITEMS, ticked, "It leaks.") is None


def test_what_is_said_against_it_makes_a_check_differ_though_the_figures_agree():
    assert decide([ROUNDED], {"trastuzumab": Decimal(420)}, ITEMS, ALL, "It is cloudy.") is CheckState.DIFFERED
    assert decide([ROUNDED], {"trastuzumab": Decimal(430)}, ITEMS, ALL, "") is CheckState.DIFFERED


def test_a_tick_that_is_not_on_the_list_is_refused():
    refused = refuse_items(ITEMS, [*ALL, "barcode"], "")
    assert refused
    assert refused.code == "unknown-item"


@pytest.mark.parametrize(
    ("entered", "agent"), [({}, "a"), ({"a": "0"}, "a"), ({"a": "-1"}, "a"), ({"a": "1", "b": "2"}, "b")]
)
def test_figures_that_lack_are_not_positive_or_belong_elsewhere_are_refused_by_agent(entered, agent):
    found = refuse_figures(["a"], {name: Decimal(figure) for name, figure in entered.items()})
    assert found
    assert found[0] == agent
    assert refuse_figures(["a"], {"a": Decimal("0.1")}) is None


@pytest.mark.parametrize(
    ("state", "is_asker", "code"),
    [
        (CheckState.ASKED, True, "same-person"),
        (CheckState.ASKED, False, None),
        (CheckState.AGREED, False, "not-open"),
        (CheckState.DIFFERED, False, "not-open"),
        (CheckState.WITHDRAWN, False, "not-open"),
        (CheckState.LAPSED, False, "not-open"),
    ],
)
def test_only_somebody_else_checks_and_only_what_waits(state, is_asker, code):
    refused = refuse_checker(asked_by="Nora", is_asker=is_asker, state=state, ended_by="")
    assert (refused.code if refused else None) == code


def test_a_check_is_asked_for_on_the_day_itself_for_what_can_be_calculated_and_is_not_stopped():
    def code(**more):
        facts = {"planned_on": MONDAY, "on": MONDAY, "today": MONDAY, "incalculable": "", "stopped_by": ""} | more
        refused = refuse_request(**facts)
        return refused.code if refused else None

    assert code() is None
    assert code(on=TUESDAY) == "not-today"
    assert code(planned_on=TUESDAY) == "not-due"
    assert code(incalculable="trastuzumab") == "no-figure"
    assert code(stopped_by="On hold") == "treatment-objection"
    assert code(planned_on=MONDAY, on=TUESDAY, today=TUESDAY) is None  # a late one


def test_what_is_due_now_against_what_was_checked_is_told_by_agent():
    now = First("trastuzumab", Decimal(560), Decimal(560), "mg")
    other = First("pertuzumab", Decimal(420), Decimal(420), "mg")
    assert changed([ROUNDED], [ROUNDED]) == ()
    assert changed([ROUNDED], [now]) == ("trastuzumab is now 560 mg, was 420 mg",)
    assert changed([ROUNDED, other], [ROUNDED]) == ("pertuzumab is no longer due",)
    assert changed([ROUNDED], [ROUNDED, other]) == ("pertuzumab is now due",)
