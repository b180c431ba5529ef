"""Whole plans: their dates, what happened to them, and doses given before them."""

from __future__ import annotations

import pytest

from scheduling import catalog
from scheduling.core.expansion import Entry, expand
from scheduling.core.gaps import AskClinician
from scheduling.core.projection import Projection, project
from tests.core.scheduling_cases import Case, cases, credits_of, facts_of, policy_of


@pytest.mark.parametrize("case", cases("calendars"))
def test_a_plan_has_the_dates_and_doses_of_its_regimen(case: Case) -> None:
    entries = expand(catalog.regimen(case["regimen"]), case["start"])
    by_cycle = {entry.cycle: entry for entry in entries}
    assert len(by_cycle) == case["doses"]
    if "dates" in case:
        assert [entry.on for entry in by_cycle.values()] == case["dates"]
    for cycle, on in case.get("on", {}).items():
        assert by_cycle[int(cycle)].on == on
    for entry in entries:
        assert entry.kind == case.get("kinds", {}).get(str(entry.cycle), entry.kind)
        assert entry.dose.in_words() == case.get("dose", {}).get(str(entry.cycle), entry.dose.in_words())


@pytest.mark.parametrize("case", [*cases("plans"), *cases("changes")])
def test_a_plan_follows_what_happened(case: Case) -> None:
    regimen = catalog.regimen(case["regimen"])
    today = case.get("today", case["start"])
    projection = project(regimen, case["start"], facts_of(regimen, case), today=today, policy=policy_of(case))
    for row in case.get("rows", ()):
        _check(_entry(projection, row.get("agent", regimen.agents[0]), row["cycle"]), row)
    for name, expected in case.get("expect", {}).items():
        found = getattr(projection, name)
        assert (len(found) if isinstance(found, tuple) else found) == expected, name


def _entry(projection: Projection, agent: str, cycle: int) -> Entry:
    return next(entry for entry in projection.entries if (entry.cycle, entry.agent) == (cycle, agent))


def _check(entry: Entry, row: Case) -> None:
    assert (entry.on, entry.kind, entry.dose.in_words()) == (row["on"], row["kind"], row["dose"])
    assert entry.state == row.get("state", entry.state)
    assert entry.note == row.get("note", entry.note)
    if "since" in row:
        assert entry.judgement is not None
        assert entry.judgement.days_since_last == row["since"]
        assert entry.judgement.days_late == row.get("late", entry.judgement.days_late)


@pytest.mark.parametrize("case", cases("earlier_doses"))
def test_earlier_doses_count(case: Case) -> None:
    entries = expand(catalog.regimen(case["regimen"]), case["start"], credits=credits_of(case))
    assert [entries[0].cycle, entries[-1].cycle] == case["cycles"]
    assert entries[0].on == case["start"]
    first = {entry.agent: entry for entry in entries if entry.cycle == case["cycles"][0]}
    assert set(first) == {row["agent"] for row in case["first"]}
    for row in case["first"]:
        _check(first[row["agent"]], {"on": case["start"], **row})


@pytest.mark.parametrize("case", cases("earlier_doses", "ask"))
def test_a_change_no_document_describes_is_asked(case: Case) -> None:
    with pytest.raises(AskClinician, match="No document says how"):
        expand(catalog.regimen(case["regimen"]), case["start"], credits=credits_of(case))
