"""Which LVEF is the baseline: the last before this drug line's first dose (CLINICAL.md 3.2, edge case 6)."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from monitoring.models.standing import standing_of
from scheduling.actions.plans import Prior
from tests import make

pytestmark = pytest.mark.django_db
NEOADJUVANT = Prior("trastuzumab", 6, date(2026, 1, 20), first_given_on=date(2025, 10, 7), place="Before surgery")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-06-30T09:00:00Z", tick=False):
        yield


def test_t_dm1_after_trastuzumab_is_judged_from_the_lvef_before_t_dm1():
    anna = make.patient()
    make.lvef(anna, 66, date(2025, 10, 1))
    before_t_dm1 = make.lvef(anna, 58, date(2026, 2, 25))
    plan = make.plan("t-dm1", start=date(2026, 3, 2), of=anna, prior=[NEOADJUVANT], baseline=None, given=1)
    assert standing_of(plan).baseline == before_t_dm1


def test_trastuzumab_continued_after_surgery_keeps_the_lvef_before_its_first_dose():
    anna = make.patient()
    before_trastuzumab = make.lvef(anna, 66, date(2025, 10, 1))
    make.lvef(anna, 58, date(2026, 1, 5))
    plan = make.plan(start=date(2026, 2, 9), of=anna, prior=[NEOADJUVANT], baseline=None, given=1)
    assert standing_of(plan).baseline == before_trastuzumab


def test_a_result_after_the_first_dose_never_becomes_the_baseline():
    plan = make.plan(start=date(2026, 3, 2), baseline=None, given=0)
    make.lvef(plan.patient, 61, date(2026, 3, 1))
    make.give(make.cycle(plan, 1))
    make.lvef(plan.patient, 55, date(2026, 3, 20))
    assert str(standing_of(plan).baseline.lvef) == "61 %"  # type: ignore[union-attr]


def test_a_result_dated_on_the_first_dose_counts_only_when_it_was_on_record_before_it():
    plan = make.plan(start=date(2026, 3, 2), baseline=None)
    before = make.lvef(plan.patient, 62, date(2026, 3, 2))
    make.give(make.cycle(plan, 1))
    with time_machine.travel("2026-06-30T10:00:00Z", tick=False):
        after = make.lvef(plan.patient, 44, date(2026, 3, 2))
    standing = standing_of(plan)
    assert standing.baseline == before
    judgement = standing.judge(after)
    assert judgement is not None
    assert judgement.advice == "withhold"
    assert plan.flags.filter(assessment=after, advice="withhold", state="open").exists()
