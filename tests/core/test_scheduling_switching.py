"""From one plan to another. CLINICAL.md section 2 (changes of form) and 4.2 (continuing after neoadjuvant)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduling import catalog
from scheduling.core.expansion import expand
from scheduling.core.facts import Credit, Fact, Given, Omitted
from scheduling.core.policy import CapPolicy
from scheduling.core.regimen import DoseKind
from scheduling.core.switching import Outcome, Verdict, asks_kind, credits_from, judge

START = date(2026, 1, 5)


def given(regimen: str, cycles: int, start: date = START) -> list[Fact]:
    core = catalog.regimen(regimen)
    return [Given(e.cycle, e.day, e.agent, e.on) for e in expand(core, start) if e.cycle <= cycles]


def switch(old: str, new: str, cycles: int, *more: Fact) -> Verdict:
    facts = (*more, *given(old, cycles))
    return judge(catalog.regimen(old), catalog.regimen(new), facts, catalog.switching_rules())


def test_credits_are_everything_given_with_its_first_and_last_date() -> None:
    facts = [*given("trastuzumab-pertuzumab", 6), Omitted(7, 1, date(2026, 5, 11))]
    expected = [Credit(agent, 6, date(2026, 4, 20), START) for agent in ("trastuzumab", "pertuzumab")]
    assert list(credits_from(facts)) == expected


def test_credits_of_the_ended_plan_count_on() -> None:
    earlier = Credit("trastuzumab", 6, date(2025, 12, 15), date(2025, 9, 1))
    assert credits_from([earlier, *given("trastuzumab-q3w-17", 2)]) == (
        Credit("trastuzumab", 8, date(2026, 1, 26), date(2025, 9, 1)),
    )


def test_a_first_date_nobody_knows_is_the_last_one_at_the_latest() -> None:
    assert credits_from([Credit("trastuzumab", 6, date(2025, 12, 15))])[0].first_given_on == date(2025, 12, 15)


def test_residual_disease_restarts_the_count_at_fourteen_with_a_new_baseline() -> None:
    verdict = switch("trastuzumab-pertuzumab", "t-dm1", 6)
    assert (verdict.outcome, verdict.new_baseline, verdict.questions) == (Outcome.RESTARTS, True, ())
    assert [(count.done, count.of, count.left) for count in verdict.counts] == [(0, 14, 14)]
    assert verdict.citation.key == "site-policy#residual-disease-is-a-new-line"
    entries = expand(catalog.regimen("t-dm1"), date(2026, 6, 1), credits=verdict.credits)
    assert [entries[0].cycle, entries[-1].cycle, len(entries)] == [1, 14, 14]


def test_the_same_agents_go_on_and_the_doses_count() -> None:
    verdict = switch("trastuzumab-q3w-18", "trastuzumab-q3w-17", 6)
    assert (verdict.outcome, verdict.new_baseline, verdict.questions) == (Outcome.CONTINUES, False, ())
    assert [(count.done, count.of, count.left) for count in verdict.counts] == [(6, 17, 11)]


def test_pertuzumab_added_is_loaded_and_trastuzumab_is_not() -> None:
    verdict = switch("trastuzumab-q3w-17", "trastuzumab-pertuzumab", 6)
    entries = expand(catalog.regimen("trastuzumab-pertuzumab"), date(2026, 5, 11), credits=verdict.credits)
    assert [(e.cycle, e.agent, e.kind) for e in entries[:2]] == [
        (7, "trastuzumab", DoseKind.MAINTENANCE),
        (7, "pertuzumab", DoseKind.LOADING),
    ]


def test_pertuzumab_dropped_is_told_and_not_counted_twice() -> None:
    verdict = switch("trastuzumab-pertuzumab", "trastuzumab-q3w-17", 6)
    assert [one.agent for one in verdict.credits] == ["trastuzumab"]
    assert [one.agent for one in verdict.not_counted] == ["pertuzumab"]
    assert expand(catalog.regimen("trastuzumab-q3w-17"), date(2026, 5, 11), credits=verdict.credits)[0].cycle == 7


@pytest.mark.parametrize(("days", "kind"), [(41, "maintenance"), (42, "reload")])
def test_both_antibodies_to_phesgo_has_a_rule_and_asks_nothing(days: int, kind: str) -> None:
    verdict = switch("trastuzumab-pertuzumab", "phesgo", 6)
    assert (verdict.outcome, verdict.questions) == (Outcome.CONTINUES, ())
    start = date(2026, 4, 20) + timedelta(days)
    first = expand(catalog.regimen("phesgo"), start, credits=verdict.credits)[0]
    assert (first.cycle, first.kind) == (7, kind)


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        ("trastuzumab-q3w-17", "trastuzumab-sc", ["trastuzumab-hyaluronidase"]),
        ("trastuzumab-sc", "trastuzumab-q3w-17", ["trastuzumab"]),
        ("phesgo", "trastuzumab-pertuzumab", ["trastuzumab", "pertuzumab"]),
        ("trastuzumab-pertuzumab", "trastuzumab-sc", ["trastuzumab-hyaluronidase"]),
    ],
)
def test_between_the_vein_and_the_skin_the_first_dose_is_asked_and_the_doses_count(
    old: str, new: str, asked: list[str]
) -> None:
    verdict = switch(old, new, 6)
    assert verdict.outcome is Outcome.CONTINUES
    assert [question.agent for question in verdict.questions] == asked
    assert verdict.questions[0].citation.key == "roche-medinfo#switching"
    entries = expand(catalog.regimen(new), date(2026, 5, 11), credits=verdict.answered(DoseKind.MAINTENANCE))
    assert entries[0].cycle == 7
    assert all(entry.kind is DoseKind.MAINTENANCE for entry in entries[: len(asked)])


def test_where_no_document_says_whether_doses_count_it_is_asked() -> None:
    verdict = switch("t-dm1", "t-dxd", 4)
    assert (verdict.outcome, verdict.counts_unknown, verdict.new_baseline) == (Outcome.UNKNOWN, True, True)
    assert verdict.reason == "No document says whether the 4 doses of trastuzumab-emtansine count: a clinician decides."


def test_t_dm1_stopped_early_completes_the_year_with_both_counts() -> None:
    """Five doses from 5 January; the last on 30 March is day 84, twelve weeks. Day 364 is 4 January 2027."""
    verdict = switch("t-dm1", "trastuzumab-q3w-18", 5)
    assert (verdict.outcome, verdict.cap, verdict.new_baseline) == (Outcome.COMPLETES, CapPolicy.WEEKS, True)
    assert [(count.done, count.of, count.left) for count in verdict.counts] == [(5, 14, 9), (12, 52, 40)]
    assert [question.after for question in verdict.questions] == ["trastuzumab-emtansine"]
    assert not verdict.citation.confidence.is_verified
    credits = verdict.answered(DoseKind.LOADING)  # noqa: A001
    entries = expand(catalog.regimen("trastuzumab-q3w-18"), date(2026, 4, 20), credits=credits)
    assert (entries[0].cycle, entries[0].dose.in_words()) == (6, "8 mg/kg")
    assert (entries[-1].cycle, entries[-1].on) == (18, date(2026, 12, 28))


def test_the_year_to_complete_begins_with_treatment_before_surgery() -> None:
    """Six doses of both from 1 September 2025: the year ends on 31 August 2026, whatever T-DM1 left."""
    before = [Credit(agent, 6, date(2025, 12, 15), date(2025, 9, 1)) for agent in ("trastuzumab", "pertuzumab")]
    verdict = switch("t-dm1", "trastuzumab-q3w-18", 5, *before)
    assert [one.agent for one in verdict.not_counted] == ["trastuzumab", "pertuzumab"]
    credits = verdict.answered(DoseKind.LOADING)  # noqa: A001
    policy = catalog.policy(cap=verdict.cap)
    entries = expand(catalog.regimen("trastuzumab-q3w-18"), date(2026, 4, 20), credits=credits, policy=policy)
    assert entries[-1].on == date(2026, 8, 24)


def test_nothing_given_is_nothing_to_switch() -> None:
    with pytest.raises(ValueError, match="nothing was given"):
        judge(catalog.regimen("t-dm1"), catalog.regimen("t-dxd"), [], catalog.switching_rules())


def test_a_drug_with_one_dose_has_no_first_dose_to_ask_about() -> None:
    assert not asks_kind(catalog.regimen("t-dxd"), switch("t-dm1", "t-dxd", 4))
    assert asks_kind(catalog.regimen("trastuzumab-q3w-18"), switch("t-dm1", "trastuzumab-q3w-18", 4))
    assert not asks_kind(catalog.regimen("phesgo"), switch("trastuzumab-pertuzumab", "phesgo", 6))
