"""Doses calculated anew from another weight: old and new side by side, confirmed by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from scheduling.actions.rows import Ordering
from scheduling.models import BodyMeasurement
from scheduling.models.standing import projection_of
from tests import make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    plan = make.plan("trastuzumab-pertuzumab", start=START, given=4)
    make.weight(plan.patient, 77, date(2026, 3, 24))  # +10 % of 70: CLINICAL.md 1.4
    return plan


def weighed(plan, kg) -> BodyMeasurement:
    return plan.patient.measurements.get(weight_kg=kg)


def said(plan, kg=77, **more):
    plan.refresh_from_db()
    return {"weight": weighed(plan, kg).uuid, "revision": plan.revision} | more


def test_old_and_new_milligrams_stand_side_by_side(plan):
    page = words(signed_in("pia").get(url("plan-recalculate", plan)))
    assert "70 kg, weighed Mon 5 Jan 2026" in page
    assert "77 kg , weighed Tue 24 Mar 2026 (+10.0 %)" in page
    assert "The change of weight asks for new arithmetic." in page
    assert "Maintenance 420 mg 462 mg 6 mg/kg × 77 kg = 462 mg" in page
    assert "Maintenance 420 mg 420 mg 420 mg, whatever the weight" in page


def test_planned_doses_change_and_given_ones_stay(plan):
    response = signed_in("pia").post(url("plan-recalculate", plan), said(plan))
    assert response.status_code == 302
    planned, given = (make.cycle(plan, n).administrations.get(agent="trastuzumab") for n in (5, 4))
    assert (planned.planned_mg, given.given_mg, given.planned_mg) == (Decimal(462), Decimal(420), Decimal(420))


def test_an_older_weight_can_be_chosen(plan):
    page = words(signed_in("nora").get(url("plan-recalculate", plan, f"?weight={weighed(plan, 70).uuid}")))
    assert "No dose changes with this weight." in page
    assert "Calculate doses with" not in page


def test_an_unknown_weight_in_the_address_shows_the_newest(plan):
    assert "462 mg" in words(signed_in("nora").get(url("plan-recalculate", plan, "?weight=nonsense")))


def test_a_weight_of_another_patient_is_refused(plan):
    other = make.patient()
    make.weight(other, 99, date(2026, 3, 24))
    response = signed_in("nora").post(
        url("plan-recalculate", plan), said(plan) | {"weight": other.measurements.get().uuid}
    )
    assert response.status_code == 422
    assert "Choose a weight of this patient." in words(response)


def test_a_stale_recalculation_saves_nothing(plan):
    response = signed_in("pia").post(url("plan-recalculate", plan), said(plan, revision=1))
    assert response.status_code == 422
    assert "Nothing of yours was saved" in words(response)
    plan.refresh_from_db()
    assert plan.dosing_weight_kg == 70


def test_a_plan_without_a_weight_says_what_to_do():
    plan = make.plan(start=date(2026, 3, 23), kg=None)
    assert "No weight on record" in words(signed_in("pia").get(url("plan-recalculate", plan)))


def test_a_coordinator_does_not_recalculate(plan):
    assert signed_in("cora").get(url("plan-recalculate", plan)).status_code == 403
    assert signed_in("cora").post(url("plan-recalculate", plan), said(plan)).status_code == 403


def test_what_one_weight_worked_out_is_not_told_of_another():
    plan = make.plan(start=date(2026, 1, 5), kg=70)
    entry = projection_of(plan, today=date(2026, 1, 5)).entries[0]
    light = Ordering.of(plan)
    assert light.dose_values(entry)["planned_mg"] == Decimal(560)  # 8 mg/kg × 70 kg
    assert replace(light, weight_kg=Decimal(80)).dose_values(entry)["planned_mg"] == Decimal(640)
