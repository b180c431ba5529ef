"""Patients of published cases (CLINICAL.md 6), recorded as people would: rows, flags, pages and programs agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from her2tracker.lib.dates import add_days
from monitoring import tasks
from monitoring.actions import decisions
from monitoring.core.result import Modality, Symptoms
from monitoring.models import LvefAssessment
from monitoring.models.standing import standing_of
from monitoring.words import Decision, DecisionReason, FlagKind
from scheduling import clearance
from scheduling.actions import holds, plans
from scheduling.models import TreatmentPlan
from scheduling.words import CeaseReason
from tests import api, make

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
START = date(2026, 1, 5)


def at(clock: Any, day: date) -> None:
    clock.move_to(f"{day.isoformat()}T09:00:00Z")


def advice_of(row: LvefAssessment) -> dict[str, str]:
    """By protocol, as a program reads it."""
    judgement = api.get("nora", f"lvef/{row.uuid}/")["judgement"]
    return {one["protocol"]: one["advice"] for one in judgement["evaluations"]}


def finding(plan: TreatmentPlan) -> Any:
    return plan.flags.filter(kind=FlagKind.FINDING).latest("raised_at", "pk")


def decide(plan: TreatmentPlan, decision: Decision, reason: DecisionReason, **said: Any) -> None:
    decisions.decide(by=make.person("omar"), flag=finding(plan), decision=decision, reason=reason, **said)


# The quiz of the American College of Cardiology, 2020: 65 years, bypass; 58 %, after eight doses dyspnoea and 47 %


@pytest.fixture
def quiz(clock: Any) -> TreatmentPlan:
    """Eight doses of trastuzumab, the last on Mon 1 Jun 2026; seen on Mon 15 Jun."""
    at(clock, date(2026, 6, 15))
    return make.plan(start=START, given=8, baseline=58)


def test_dyspnoea_with_47_after_58_stops_trastuzumab_and_says_so_everywhere(quiz: TreatmentPlan, sign_in: SignIn):
    row = make.lvef(quiz.patient, 47, date(2026, 6, 15), symptoms=Symptoms.MODERATE)
    assert advice_of(row)["trastuzumab-us"] == "discontinue"
    assert (finding(quiz).advice, finding(quiz).state) == ("discontinue", "open")
    [stands] = clearance.objections([make.cycle(quiz, 9)], on=date(2026, 6, 22)).values()
    assert any(one.blocks for one in stands)
    omar = sign_in("omar")
    for place in (reverse("assessment", args=[row.uuid]), reverse("flags")):
        page = omar.get(place).content.decode()
        assert "Discontinue advised" in page
        assert "fall of 11 points" in page
        assert "moderate symptomatic heart failure" in page.lower()


@pytest.mark.parametrize(
    ("symptoms", "advice", "blocks"), [(Symptoms.NONE, "continue", False), (Symptoms.MODERATE, "discontinue", True)]
)
def test_on_t_dxd_the_same_figures_go_on_and_symptoms_override_them(
    clock: Any, symptoms: Symptoms, advice: str, blocks: bool
):
    at(clock, date(2026, 6, 15))
    plan = make.plan("t-dxd", start=START, given=8, baseline=58)
    row = make.lvef(plan.patient, 47, date(2026, 6, 15), symptoms=symptoms)
    assert advice_of(row)["t-dxd"] == advice
    assert finding(plan).advice == ("discontinue" if blocks else "review")  # below 50, somebody looks anyway
    [stands] = clearance.objections([make.cycle(plan, 9)], on=date(2026, 6, 22)).values()
    assert any(one.blocks for one in stands) is blocks


def test_not_recovered_five_weeks_later_and_at_the_eight_week_line_going_on_means_loading_again(
    quiz: TreatmentPlan, clock: Any, sign_in: SignIn
):
    make.lvef(quiz.patient, 47, date(2026, 6, 15), symptoms=Symptoms.MODERATE)
    decide(quiz, Decision.HOLD, DecisionReason.SYMPTOMS, repeat_by=date(2026, 7, 13))
    at(clock, date(2026, 7, 20))
    make.lvef(quiz.patient, 46, date(2026, 7, 20), symptoms=Symptoms.MILD)
    at(clock, date(2026, 7, 27))
    assert (date(2026, 7, 27) - date(2026, 6, 1)).days == 56
    page = sign_in("omar").get(reverse("plan-resume", args=[quiz.uuid])).content.decode()
    assert "8 mg/kg" in page
    window = api.get("omar", f"plans/{quiz.uuid}/window/")
    assert [one["resumption"] for one in window["hold_states"]] == ["not-met"]


# 21docs, 2021-22: 64 % and GLS -21, after the anthracycline 59 and -19, at three months 56 and -18


def test_her_baseline_is_the_one_after_the_anthracycline_and_nothing_is_held(clock: Any, sign_in: SignIn):
    at(clock, date(2026, 4, 6))
    anna = make.patient()
    make.lvef(anna, 64, date(2025, 9, 1), gls_percent=Decimal(-21))
    after = make.lvef(anna, 59, date(2025, 12, 29), gls_percent=Decimal(-19))
    plan = make.plan(start=START, of=anna, baseline=None, given=4)
    row = make.lvef(anna, 56, date(2026, 4, 6), gls_percent=Decimal(-18))
    assert standing_of(plan).baseline == after
    assert set(advice_of(row).values()) == {"continue"}
    assert not plan.flags.exists()
    page = sign_in("omar").get(reverse("assessment", args=[row.uuid])).content.decode()
    assert "No flag was needed" in page
    assert "relative fall 5.3 %" in page  # of GLS, from -19 to -18: 1 of 19, below the guideline's 15 %


# EventAct: 39 years; 66, then 42 with heart failure after nine months; 48; 57 at six months, by CMR


def test_a_fall_of_24_with_heart_failure_is_stopped_and_the_later_cmr_is_only_provisional(clock: Any, sign_in: SignIn):
    at(clock, date(2026, 9, 28))
    plan = make.plan(start=START, given=13, baseline=66)
    row = make.lvef(plan.patient, 42, date(2026, 9, 28), symptoms=Symptoms.SEVERE)
    assert advice_of(row)["trastuzumab-us"] == "discontinue"
    assert "24 points" in finding(plan).sentence
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.CARDIAC, note="Heart failure therapy begun.")
    at(clock, date(2027, 3, 29))
    by_cmr = make.lvef(plan.patient, 57, date(2027, 3, 29), modality=Modality.CMR)
    said = api.get("omar", f"lvef/{by_cmr.uuid}/")["judgement"]
    assert [one["provisional"] for one in said["evaluations"]] == [True] * len(said["evaluations"])
    page = sign_in("omar").get(reverse("assessment", args=[by_cmr.uuid])).content.decode()
    assert "Provisional: baseline by 2D echo, this by CMR" in page
    trend = sign_in("omar").get(reverse("lvef-trend", args=[plan.patient.uuid])).content.decode()
    assert "CMR" in trend


# MSK: of 60 below 50 %, 37 were interrupted and 15 of these rechallenged once above it


def test_interrupted_below_50_and_rechallenged_above_it_and_stopped_at_the_next_fall(clock: Any, sign_in: SignIn):
    at(clock, date(2026, 3, 30))
    plan = make.plan(start=START, given=4, baseline=62)
    make.lvef(plan.patient, 46, date(2026, 3, 30))
    decide(plan, Decision.HOLD, DecisionReason.RULE_MET, repeat_by=date(2026, 4, 27))
    at(clock, date(2026, 4, 27))
    make.lvef(plan.patient, 55, date(2026, 4, 27))
    assert [one["resumption"] for one in api.get("omar", f"plans/{plan.uuid}/window/")["hold_states"]] == ["met"]
    holds.resume(by=make.person("omar"), plan=plan, note="Rechallenge: 55 % on repeat, cardiology agrees.")
    fifth = make.cycle(plan, 5)
    given = make.give(fifth, date(2026, 4, 27))
    assert [row.given_mg for row in given.administrations.all()] == [Decimal(560)]  # 8 mg/kg x 70 kg, loaded again
    at(clock, add_days(date(2026, 4, 27), 42))
    again = make.lvef(plan.patient, 44, date(2026, 6, 8))
    assert advice_of(again)["trastuzumab-us"] == "withhold"
    decide(plan, Decision.HOLD, DecisionReason.RULE_MET, repeat_by=date(2026, 7, 6))
    page = sign_in("omar").get(reverse("plan", args=[plan.uuid])).content.decode()
    assert "Hold number 2 for the heart" in page
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.CARDIAC, note="Second fall after rechallenge.")
    at(clock, date(2026, 8, 10))  # day 63 after the second fall: nobody is told to stop what has been stopped
    tasks.flag_lvef_drops()
    assert not plan.flags.filter(fact__startswith="stop:").exists()
