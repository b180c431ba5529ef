"""Recording an LVEF, seeing its judgement at once, and choosing the baseline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from monitoring.core.result import Modality
from monitoring.models import BaselineChoice, CardiacFlag, CardiacPolicy, LvefAssessment
from scheduling.models import Patient
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
START = date(2026, 1, 5)
SignIn = Callable[[str], Client]


def typed(**fields: Any) -> dict[str, Any]:
    return {"lvef": "60", "performed_on": "2026-04-28", "modality": "echo-2d", "symptoms": "none"} | fields


def send(client: Client, patient: Patient, **fields: Any) -> Any:
    return client.post(reverse("assessment-new", args=[patient.uuid]), typed(**fields), follow=True)


def test_a_result_within_the_rules_is_judged_at_once_and_needs_no_flag(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    answer = send(sign_in("nora"), plan.patient, lvef="58,5")
    page = answer.content.decode()
    assert "LVEF 58.5 %" in page
    assert "No flag was needed." in page
    assert not CardiacFlag.objects.exists()


def test_a_fall_shows_rule_arithmetic_source_version_and_leads_to_its_flag(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    page = send(sign_in("nora"), plan.patient, lvef="47", lvef_again="47").content.decode()
    for words in ("Withhold advised", "62 % → 47 %", "fall of 15 points", "version 1", "Source:"):
        assert words in page
    assert "What would the other rule sets say?" in page
    assert "Trastuzumab deruxtecan" in page
    assert reverse("flag", args=[CardiacFlag.objects.get().uuid]) in page


@pytest.mark.parametrize(
    ("lvef", "sentence"),
    [
        ("0.55", "looks like a fraction"),
        ("550", "cannot be an LVEF"),
        ("good", "is not an LVEF"),
        ("", "This field is required"),
        ("55-50", "Write the lower figure first"),
    ],
)
def test_what_is_no_lvef_is_refused_beside_its_field(sign_in: SignIn, lvef: str, sentence: str):
    plan = make.plan(start=START, given=1)
    answer = send(sign_in("nora"), plan.patient, lvef=lvef)
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors["lvef"])
    assert LvefAssessment.objects.count() == 1


@pytest.mark.parametrize(
    ("lvef", "asked"),
    [("50", True), ("49.9", True), ("52", True), ("52.1", False), ("62", False), ("52-60", True), (">55", False)],
)
def test_a_figure_below_fifty_or_ten_points_below_the_last_is_typed_twice(sign_in: SignIn, lvef: str, asked: bool):
    plan = make.plan(start=START, given=1, baseline=62)
    answer = send(sign_in("nora"), plan.patient, lvef=lvef)
    assert (answer.status_code == 422) is asked
    assert LvefAssessment.objects.count() == (1 if asked else 2)


def test_the_second_entry_must_agree_with_the_first(sign_in: SignIn):
    plan = make.plan(start=START, given=1)
    nora = sign_in("nora")
    wrong = send(nora, plan.patient, lvef="36", lvef_again="63")
    assert "First 36 %, then 63 %" in str(wrong.context["form"].errors["lvef_again"])
    assert send(nora, plan.patient, lvef="36", lvef_again="36,0").status_code == 200


def test_a_site_sets_its_own_limits_of_double_entry(sign_in: SignIn):
    plan = make.plan(start=START, given=1)
    CardiacPolicy.objects.create(site=make.site(), double_entry_below=40, double_entry_fall=30)
    assert send(sign_in("nora"), plan.patient, lvef="45").status_code == 200


@pytest.mark.parametrize("day", ["2026-05-01", "2126-04-28", "1960-01-01", "yesterday", ""])
def test_an_impossible_date_is_refused(sign_in: SignIn, day: str):
    plan = make.plan(start=START, given=1)
    assert send(sign_in("nora"), plan.patient, performed_on=day).status_code == 422
    assert LvefAssessment.objects.count() == 1


def test_the_same_result_twice_is_one_result(sign_in: SignIn):
    plan = make.plan(start=START, given=1)
    nora = sign_in("nora")
    send(nora, plan.patient)
    answer = send(nora, plan.patient)
    assert answer.status_code == 422
    assert "on record already" in answer.content.decode()


def test_a_range_keeps_both_ends_and_asks_a_clinician(sign_in: SignIn):
    plan = make.plan(start=START, given=1, baseline=60)
    page = send(sign_in("nora"), plan.patient, lvef="48-52", lvef_again="48 – 52 %").content.decode()
    assert "a clinician must decide" in page


def test_a_change_of_modality_is_told_as_provisional(sign_in: SignIn):
    plan = make.plan(start=START, given=1, baseline=61)
    page = send(sign_in("nora"), plan.patient, lvef="54", modality="muga").content.decode()
    assert "Provisional: baseline by 2D echo, this by MUGA" in page


def test_unverified_rules_say_so(sign_in: SignIn):
    plan = make.plan("t-dm1", start=START, given=1, baseline=60)
    page = send(sign_in("nora"), plan.patient, lvef="44", lvef_again="44").content.decode()
    assert "unverified" in page


def test_a_patient_without_a_plan_has_a_result_that_is_not_judged(sign_in: SignIn):
    patient = make.patient()
    page = send(sign_in("nora"), patient).content.decode()
    assert "Not judged" in page


@pytest.mark.parametrize(
    ("who", "sees", "records"),
    [
        ("nora", 200, 200),
        ("omar", 200, 200),
        ("cora", 200, 200),
        ("pia", 200, 403),
        ("ada", 403, 403),
        ("xavier", 403, 403),
    ],
)
def test_who_sees_and_who_records(sign_in: SignIn, who: str, sees: int, records: int):
    plan = make.plan(start=START, given=1)
    row, client = plan.patient.assessments.get(), sign_in(who)
    assert client.get(reverse("assessment", args=[row.uuid])).status_code == sees
    assert client.get(reverse("lvef-trend", args=[plan.patient.uuid])).status_code == sees
    assert client.get(reverse("assessment-new", args=[plan.patient.uuid])).status_code == records


def test_only_an_oncologist_declares_a_result_not_valid(sign_in: SignIn):
    plan = make.plan(start=START, given=1)
    row = make.lvef(plan.patient, 47, date(2026, 4, 28))
    address = reverse("assessment", args=[row.uuid])
    assert sign_in("nora").post(address, {"because": "typo"}).status_code == 403
    omar = sign_in("omar")
    assert omar.post(address, {"because": " "}).status_code == 422
    assert omar.post(address, {"because": "Entered for the wrong patient."}).status_code == 302
    page = omar.get(address).content.decode()
    assert "Declared not valid by Omar Ortega" in page


def test_the_trend_has_a_table_with_every_result(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    make.lvef(plan.patient, "50-55", date(2026, 4, 28), modality=Modality.MUGA)
    page = sign_in("nora").get(reverse("lvef-trend", args=[plan.patient.uuid])).content.decode()
    assert "<svg" in page
    assert page.count("<title>Infusion ") == 5
    for words in ("50–55 %", "MUGA", "Tue 28 Apr 2026", "baseline 62 %"):
        assert words in page


def test_the_trend_of_nobody_measured_says_what_is_missing(sign_in: SignIn):
    page = sign_in("nora").get(reverse("lvef-trend", args=[make.patient().uuid])).content.decode()
    assert "No LVEF on record" in page


def test_a_baseline_is_chosen_with_its_reason_and_judges_again(sign_in: SignIn):
    patient = make.patient()
    first = make.lvef(patient, 70, date(2025, 12, 1))
    plan = make.plan(start=START, given=5, of=patient, baseline=62)
    make.lvef(patient, 54, date(2026, 4, 28))
    assert not CardiacFlag.objects.filter(advice="withhold").exists()  # 62 to 54: a fall of 8
    omar, address = sign_in("omar"), reverse("baseline", args=[plan.uuid])
    page = omar.get(address).content.decode()
    assert "the default: last before the first dose" in page
    assert omar.post(address, {"assessment": str(first.uuid), "reason": ""}).status_code == 422
    assert omar.post(address, {"assessment": str(first.uuid), "reason": "Before any anthracycline."}).status_code == 302
    assert BaselineChoice.objects.get().assessment == first
    assert CardiacFlag.objects.filter(advice="withhold").exists()  # 70 to 54: a fall of 16


def test_a_result_on_treatment_is_not_offered_as_baseline(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    later = make.lvef(plan.patient, 50, date(2026, 4, 28))
    omar, address = sign_in("omar"), reverse("baseline", args=[plan.uuid])
    assert str(later.uuid) not in omar.get(address).content.decode()
    assert omar.post(address, {"assessment": str(later.uuid), "reason": "Newer."}).status_code == 422
    assert sign_in("nora").get(address).status_code == 403


def test_a_low_baseline_shows_what_the_start_rules_object(sign_in: SignIn):
    plan = make.plan("trastuzumab-pertuzumab", start=date(2026, 4, 30), baseline=None)
    make.lvef(plan.patient, 52, date(2026, 4, 28))
    page = sign_in("omar").get(reverse("baseline", args=[plan.uuid])).content.decode()
    assert "Baseline LVEF 52 % is below 55 %" in page


def test_a_booking_is_shown_and_warned_about_when_it_comes_too_late(sign_in: SignIn):
    plan = make.plan(start=START, given=5)  # due 30 Mar, overdue from 8 Apr; next infusion 20 Apr, then 11 May
    cora, address = sign_in("cora"), reverse("echo-book", args=[plan.uuid])
    assert cora.post(address, {"booked_for": "2026-04-29", "lab": "Echo lab"}).status_code == 422
    assert cora.post(address, {"booked_for": "2026-05-20", "lab": ""}).status_code == 422
    answer = cora.post(address, {"booked_for": "2026-05-20", "lab": "Echo lab"}, follow=True)
    assert "overdue at the infusion of Mon 11 May 2026" in answer.content.decode()
    assert sign_in("nora").get(address).status_code == 403
