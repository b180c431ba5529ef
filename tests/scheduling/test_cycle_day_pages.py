"""The page of one infusion: what is due, what stands against it, and recording it."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
import time_machine

from scheduling.actions import cycles, holds
from scheduling.models import Administration
from scheduling.words import DayState, DelayReason, HoldReason
from tests import make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-07T09:00:00Z", tick=False):
        yield


@pytest.fixture
def fifth():
    return make.cycle(make.plan(start=START, given=4), 5)


def test_a_nurse_reads_the_gap_the_kind_and_the_milligrams(fifth):
    page = words(signed_in("nora").get(url("cycle-day", fifth)))
    assert "Cycle 5 of 17" in page
    assert "29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg" in page
    assert "8 mg/kg × 70 kg = 560 mg" in page
    assert "Missed" in page
    assert "Record cycle 5 as given on Tue 7 Apr 2026" in page


def test_another_date_shows_what_is_due_on_it(fifth):
    page = words(signed_in("nora").get(url("cycle-day", fifth, "?on=2026-04-06")))
    assert "28 days since the last dose, 7 late: trastuzumab continues at 6 mg/kg" in page
    assert "6 mg/kg × 70 kg = 420 mg" in page
    assert "Record cycle 5 as given on Mon 6 Apr 2026" in page


def test_htmx_gets_only_the_part_that_changes(fifth):
    response = signed_in("nora").get(url("cycle-day", fifth, "?on=2026-04-06"), headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    assert "Record cycle 5 as given on Mon 6 Apr 2026" in words(response)


def test_a_dose_is_recorded_with_its_product_lot_and_times(fifth):
    data = record_data(fifth, FIFTH, trastuzumab="420") | {
        "trastuzumab-product": "Ogivri (trastuzumab-dkst)",
        "trastuzumab-lot": "B12345",
        "trastuzumab-expires_on": "2027-01-31",
        "trastuzumab-started_at": "09:05",
        "trastuzumab-stopped_at": "09:37",
        "note": "left arm",
    }
    response = signed_in("nora").post(url("cycle-day", fifth), data, follow=True)
    page = words(response)
    assert response.status_code == 200
    assert "Recorded cycle 5 as given on Mon 30 Mar 2026. Cycle 6 follows on Mon 20 Apr 2026." in page
    assert "Ogivri (trastuzumab-dkst), lot B12345, expires Sun 31 Jan 2027" in page
    assert "By Nora Nilsen on Tue 7 Apr 2026 at 09:00" in page
    dose = Administration.objects.get(cycle_day=fifth)
    assert (dose.given_mg, dose.given_on, dose.started_at) == (Decimal(420), FIFTH, time(9, 5))


def test_a_partial_dose_asks_for_its_reason_and_counts_as_given(fifth):
    nora, data = signed_in("nora"), record_data(fifth, FIFTH, trastuzumab="200")
    refused = nora.post(url("cycle-day", fifth), data)
    assert refused.status_code == 422
    assert "200 differs by 52.4 % from the 420" in words(refused)
    assert 'value="200"' in refused.content.decode()
    nora.post(url("cycle-day", fifth), data | {"trastuzumab-difference_reason": "reaction"})
    dose = Administration.objects.get(cycle_day=fifth)
    assert (dose.given_mg, dose.difference_reason) == (Decimal(200), "reaction")


def test_a_combination_is_recorded_in_millilitres():
    row = make.cycle(make.plan("phesgo", start=FIFTH), 1)
    page = words(signed_in("nora").get(url("cycle-day", row, f"?on={FIFTH}")))
    assert "15 mL (1200 mg pertuzumab + 600 mg trastuzumab)" in page
    data = record_data(row, FIFTH, pertuzumab_trastuzumab_hyaluronidase="15")
    signed_in("nora").post(url("cycle-day", row), data)
    assert Administration.objects.get(cycle_day=row).given_ml == 15


def test_one_agent_of_two_can_be_left_out_with_a_reason():
    row = make.cycle(make.plan("trastuzumab-pertuzumab", start=FIFTH), 1)
    data = record_data(row, FIFTH, trastuzumab="560", pertuzumab="840") | {"pertuzumab-omission_reason": "supply"}
    page = words(signed_in("nora").post(url("cycle-day", row), data, follow=True))
    assert "Not given Product not available" in page
    assert Administration.objects.get(cycle_day=row, agent="pertuzumab").given_mg is None


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("trastuzumab-amount", "-5", "greater than or equal to 0"),
        ("trastuzumab-amount", "lots", "Enter a number"),
        ("trastuzumab-amount", "", "Enter how much trastuzumab was given"),
        ("trastuzumab-expires_on", "2026-01-01", "had expired on that day"),
        ("trastuzumab-started_at", "25:00", "Enter a time such as 09:30"),
        ("given_on", "2126-03-30", "Check the year"),
        ("given_on", "0026-03-30", "Check the year"),
        ("given_on", "2026-04-08", "has not come yet"),
        ("given_on", "yesterday", "Enter a date"),
        ("revision", "", "required"),
    ],
)
def test_a_slip_is_told_and_nothing_is_recorded(fifth, field, value, sentence):
    response = signed_in("nora").post(
        url("cycle-day", fifth), record_data(fifth, FIFTH, trastuzumab="420") | {field: value}
    )
    assert response.status_code == 422
    assert sentence in words(response)
    fifth.refresh_from_db()
    assert fifth.state == DayState.PLANNED


@pytest.mark.parametrize("on", ["9999-12-31", "0001-01-01", "2026-13-45", "", "2025-01-05"])
def test_an_impossible_date_in_the_address_is_told(fifth, on):
    response = signed_in("nora").get(url("cycle-day", fifth, f"?on={on}"))
    assert response.status_code == 200
    assert "Check the year" in words(response) or "Enter a date" in words(response) or "required" in words(response)


def test_a_coming_infusion_shows_its_dose_but_no_record_form(fifth):
    make.give(fifth)
    page = words(signed_in("nora").get(url("cycle-day", make.cycle(fifth.plan, 6))))
    assert "Mon 20 Apr 2026 has not come yet" in page
    assert "420" in page
    assert "Record cycle 6 as given" not in page


def test_an_earlier_undecided_cycle_is_named_before_anything_is_typed(fifth):
    page = words(signed_in("nora").get(url("cycle-day", make.cycle(fifth.plan, 6), "?on=2026-04-07")))
    assert "Cycle 5 of Mon 30 Mar 2026 is undecided: record or omit it first" in page
    assert "Record cycle 6 as given" not in page


def test_the_second_of_two_nurses_sees_who_recorded_it_and_loses_nothing_silently(fifth):
    data = record_data(fifth, FIFTH, trastuzumab="420")
    make.give(fifth)
    response = signed_in("nora").post(url("cycle-day", fifth), data)
    page = words(response)
    assert response.status_code == 422
    assert "Cycle 5 was recorded as given by Nora Nilsen on Tue 7 Apr 2026 at 09:00" in page
    assert "Nora Nilsen recorded cycle 5 as given on Mon 30 Mar 2026: trastuzumab 420 mg" in page
    assert Administration.objects.get(cycle_day=fifth).given_mg == 420


def test_a_change_meanwhile_is_shown_and_the_form_is_then_about_the_plan_as_it_is(fifth):
    stale = record_data(fifth, date(2026, 4, 7), trastuzumab="560")
    cycles.delay(
        by=make.person("cora"),
        cycle_day=fifth,
        to_on=date(2026, 4, 7),
        reason=DelayReason.PATIENT_CHOICE,
        note="wedding",
    )
    nora = signed_in("nora")
    response = nora.post(url("cycle-day", fifth), stale)
    assert response.status_code == 422
    assert "Cora Castell delayed cycle 5 from Mon 30 Mar 2026 to Tue 7 Apr 2026: patient choice (wedding)" in words(
        response
    )
    fifth.plan.refresh_from_db()
    assert f'name="revision" value="{fifth.plan.revision}"' in response.content.decode()
    fifth.refresh_from_db()
    assert fifth.state == DayState.PLANNED


def test_an_objection_takes_the_form_from_the_nurse_and_says_whose_it_is(fifth):
    make.lvef(fifth.plan.patient, 45, date(2026, 4, 2))
    page = words(signed_in("nora").get(url("cycle-day", fifth)))
    assert "Do not give." in page
    assert "Oncologist decides" in page
    assert "Record cycle 5 as given" not in page
    assert "Override and treat" not in page


def test_posting_past_an_objection_is_refused(fifth):
    make.lvef(fifth.plan.patient, 45, date(2026, 4, 2))
    response = signed_in("nora").post(url("cycle-day", fifth), record_data(fifth, FIFTH, trastuzumab="420"))
    assert response.status_code == 422
    assert "An oncologist must decide" in words(response)
    fifth.refresh_from_db()
    assert fifth.state == DayState.PLANNED


def test_a_hold_names_who_decides_and_cannot_be_overridden(fifth):
    holds.begin(by=make.person("omar"), plan=fifth.plan, reason=HoldReason.LVEF_FALL, note="repeat first")
    page = words(signed_in("omar").get(url("cycle-day", fifth)))
    assert "On hold since Tue 7 Apr 2026: fall of LVEF. repeat first. Omar Ortega decides" in page
    assert "Resume plan" in page
    assert "Override and treat" not in page


@pytest.mark.parametrize("who", ["cora", "pia"])
def test_who_does_not_record_sees_the_infusion_without_a_form(fifth, who):
    client = signed_in(who)
    assert "Record cycle 5 as given" not in words(client.get(url("cycle-day", fifth)))
    assert client.post(url("cycle-day", fifth), record_data(fifth, FIFTH, trastuzumab="420")).status_code == 403


@pytest.mark.parametrize("who", ["ada", "xavier"])
def test_who_sees_no_patient_sees_no_infusion(fifth, who):
    assert signed_in(who).get(url("cycle-day", fifth)).status_code == 403


def test_an_infusion_of_another_site_does_not_exist_here(fifth):
    stranger = make.person("nora", make.site(name="Elsewhere"))
    client = signed_in("nora")
    client.force_login(stranger)
    assert client.get(url("cycle-day", fifth)).status_code == 404


def test_the_hour_is_set_and_cleared_without_moving_a_date(fifth):
    client = signed_in("cora")
    page = words(client.post(url("cycle-time", fifth), {"starts_at": "10:30"}, follow=True))
    assert "Cycle 5 on Mon 30 Mar 2026 starts at 10:30" in page
    fifth.refresh_from_db()
    assert (fifth.starts_at, fifth.planned_on) == (time(10, 30), FIFTH)
    client.post(url("cycle-time", fifth), {"starts_at": ""})
    fifth.refresh_from_db()
    assert fifth.starts_at is None


def test_a_time_that_is_none_is_told(fifth):
    response = signed_in("cora").post(url("cycle-time", fifth), {"starts_at": "half past"})
    assert response.status_code == 422
    assert "Enter a time such as 09:30" in words(response)


def test_a_pharmacist_does_not_set_the_hour(fifth):
    assert signed_in("pia").post(url("cycle-time", fifth), {"starts_at": "10:30"}).status_code == 403


def test_the_last_infusion_says_that_the_plan_is_complete():
    plan = make.plan("trastuzumab-6-months", start=date(2025, 10, 6), given=8)
    last = plan.cycle_days.get(cycle=9)
    response = signed_in("nora").post(
        url("cycle-day", last), record_data(last, last.planned_on, trastuzumab="420"), follow=True
    )
    assert "This was the last one: the plan is complete." in words(response)


def test_products_hung_before_are_offered(fifth):
    make.give(fifth)
    Administration.objects.filter(cycle_day=fifth).update(product="Kanjinti (trastuzumab-anns)")
    page = signed_in("nora").get(url("cycle-day", make.cycle(fifth.plan, 6))).content.decode()
    assert "Kanjinti" not in page  # no form yet, so nothing to offer
    with time_machine.travel("2026-04-20T09:00:00Z", tick=False):
        page = signed_in("nora").get(url("cycle-day", make.cycle(fifth.plan, 6))).content.decode()
    assert '<option value="Kanjinti (trastuzumab-anns)">' in page
