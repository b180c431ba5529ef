"""The patient banner: the same few facts on every page about a patient, at a constant price."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.template import Context, Template

from monitoring.core.result import Symptoms
from scheduling.actions import holds, plans
from scheduling.words import CeaseReason, HoldReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-02-10T09:00:00Z", tick=False):
        yield


def banner(patient) -> str:
    text = Template("{% load chart %}{% patient_banner patient %}").render(Context({"patient": patient}))
    return " ".join(text.split())


def test_it_names_the_patient_twice_over_and_says_where_treatment_stands():
    plan = make.plan(start=START, given=2)
    text = banner(plan.patient)
    assert "TESTCASE, Anna" in text
    assert plan.patient.mrn in text
    assert "17 May 1970 (55 y)" in text
    assert "cycle 3 of 17" in text
    assert "Mon 16 Feb 2026" in text
    assert "62 %" in text
    assert "70 kg" in text


def test_a_patient_without_anything_is_said_to_have_nothing():
    text = banner(make.patient())
    assert "No treatment plan" in text
    assert "No LVEF recorded" in text
    assert "none recorded" in text


def test_only_a_real_allergy_is_set_in_bold():
    assert "<b>Penicillin</b>" in banner(make.patient(allergies="Penicillin"))
    assert "<b>" not in banner(make.patient(allergies="None known"))


def test_a_hold_shows_in_shape_and_word_and_hides_the_next_date():
    plan = make.plan(start=START, given=2)
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    text = banner(plan.patient)
    assert "patient-banner-hold" in text
    assert "On hold since Tue 10 Feb 2026" in text
    assert "Mon 16 Feb 2026" not in text


def test_an_undecided_withhold_finding_shows_with_the_fall():
    plan = make.plan(start=START, given=2)
    make.lvef(plan.patient, 46, date(2026, 2, 9), symptoms=Symptoms.NONE)
    text = banner(plan.patient)
    assert "Withhold advised" in text
    assert "16 points" in text


def test_a_fall_between_ranges_is_told_as_a_range():
    plan = make.plan(start=START, given=2)
    make.lvef(plan.patient, "50-55", date(2026, 2, 9))
    assert "7 to 12 points" in banner(plan.patient)


def test_an_lvef_above_the_baseline_is_no_fall():
    plan = make.plan(start=START, given=2)
    make.lvef(plan.patient, 66, date(2026, 2, 9))
    assert '<span class="label">fall</span> none' in banner(plan.patient)


def test_a_date_that_passed_undecided_is_said():
    plan = make.plan(start=START, given=1)
    assert "Cycle 2 of Mon 26 Jan 2026 is undecided" in banner(plan.patient)


def test_an_ended_plan_says_how_and_when():
    plan = make.plan(start=START, given=1)
    plans.cease(by=make.person("omar"), plan=plan, reason=CeaseReason.PATIENT_CHOICE)
    assert "Ceased on Tue 10 Feb 2026" in banner(plan.patient)


def test_it_costs_the_same_number_of_queries_for_a_long_plan(django_assert_max_num_queries):
    plan = make.plan("apt", start=START, given=3)
    make.lvef(plan.patient, 60, date(2026, 2, 2))
    make.lvef(plan.patient, 58, date(2026, 2, 9))
    banner(plan.patient)
    with django_assert_max_num_queries(12):
        banner(plan.patient)
