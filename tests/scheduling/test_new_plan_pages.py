"""The new-plan page: suggestions, questions, a preview that saves nothing, and the start."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from her2tracker.audit.models import Act
from scheduling.actions import patients, regimens
from scheduling.models import Patient, PriorTreatment, TreatmentPlan
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)
Q3W = "trastuzumab-q3w-17"
HP = "trastuzumab-pertuzumab"
ALL_KNOWN = {
    "her2": "positive",
    "er": "positive",
    "pr": "negative",
    "size_mm": 18,
    "nodes_positive": 0,
    "neoadjuvant_therapy": False,
    "residual_disease": "none",
    "surgery_on": date(2025, 11, 20),
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def library():
    make.published()


@pytest.fixture
def omar() -> Client:
    return signed_in("omar")


@pytest.fixture
def anna() -> Patient:
    """Weighed today at 70 kg, with a normal baseline."""
    anna = make.patient()
    make.weight(anna, 70, TODAY)
    make.lvef(anna, 62, date(2025, 12, 29))
    return anna


def signed_in(who: str) -> Client:
    client = Client()
    client.force_login(make.person(who))
    return client


def signed_off(key: str) -> None:
    regimens.sign_off(by=make.person("omar"), regimen=make.regimen(key), statement="Checked for this test.")


def describe(patient: Patient, **fields: Any) -> None:
    patients.describe_tumour(by=make.person("omar"), patient=patient, **fields)


def answers(patient: Patient, key: str = Q3W, **more: str) -> dict[str, str]:
    weight = patient.measurements.first()
    return {"regimen": key, "start_on": "2026-01-05", "weight": str(weight.uuid) if weight else "", **more}


def post(client: Client, patient: Patient, sent: dict[str, str], *, part: bool = False) -> Any:
    headers = {"hx-request": "true"} if part else {}
    return client.post(reverse("plan-new", args=[patient.uuid]), sent, headers=headers)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u2009", " ").split())


def preview(client: Client, patient: Patient, key: str = Q3W, **more: str) -> str:
    """What the right side says while somebody answers on the left."""
    response = post(client, patient, answers(patient, key, **more), part=True)
    assert response.status_code == 200
    assert not TreatmentPlan.objects.exists(), "a preview saves nothing"
    return text_of(response)


@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada", "xavier"])
def test_only_an_oncologist_starts_plans(who, anna):
    signed_off(Q3W)
    assert signed_in(who).get(reverse("plan-new", args=[anna.uuid])).status_code == 403
    assert post(signed_in(who), anna, answers(anna, act="start")).status_code == 403
    assert not TreatmentPlan.objects.exists()


def test_another_sites_patient_cannot_be_given_a_plan(omar):
    stranger = make.patient(make.site(name="Elsewhere"))
    assert omar.get(reverse("plan-new", args=[stranger.uuid])).status_code == 404


# What the tumour suggests


def test_a_tumour_nobody_described_is_asked_for(omar, anna):
    words = text_of(omar.get(reverse("plan-new", args=[anna.uuid])))
    assert "Is the tumour HER2 positive?" in words
    assert "Record</a>" not in words
    assert reverse("patient-tumour", args=[anna.uuid]) in words
    assert "Choose a regimen" in words


def test_a_small_node_negative_tumour_suggests_apt_and_previews_it(omar, anna):
    describe(anna, **ALL_KNOWN)
    words = text_of(omar.get(reverse("plan-new", args=[anna.uuid])))
    assert "Up to 20 mm and no positive node" in words
    assert "A positive node, or a tumour over 20 mm." in words, "what would change it"
    assert "25 infusions" in words
    assert "Mon 7 Dec 2026" in words, "the thirteenth three-weekly dose"


def test_residual_disease_offers_two_and_chooses_neither(omar, anna):
    describe(anna, **ALL_KNOWN | {"neoadjuvant_therapy": True, "residual_disease": "present"})
    words = text_of(omar.get(reverse("plan-new", args=[anna.uuid])))
    assert 'value="t-dm1">Choose' in words
    assert 'value="t-dxd">Choose' in words
    assert "Every date and dose appears here" in words


def test_a_missing_answer_is_asked_and_not_assumed(omar, anna):
    describe(anna, **ALL_KNOWN | {"nodes_positive": None})
    words = text_of(omar.get(reverse("plan-new", args=[anna.uuid])))
    assert "How many lymph nodes were positive?" in words
    assert "Choose APT" not in words


def test_a_tumour_that_is_not_her2_positive_gets_no_suggestion(omar, anna):
    describe(anna, **ALL_KNOWN | {"her2": "negative"})
    assert "HER2-positive tumours only" in text_of(omar.get(reverse("plan-new", args=[anna.uuid])))


def test_a_suggestion_is_chosen_with_one_click_and_the_other_answers_stay(omar, anna):
    sent = answers(anna, Q3W, choose=HP, start_on="2026-02-02", **{"pertuzumab-place": "Elsewhere"})
    words = text_of(post(omar, anna, sent))
    assert f'<option value="{HP}" selected>' in words
    assert 'value="2026-02-02"' in words
    assert 'value="Elsewhere"' in words
    assert not TreatmentPlan.objects.exists()


# The preview


def test_the_preview_shows_seventeen_dates_and_both_doses_with_their_arithmetic(omar, anna):
    signed_off(Q3W)
    words = preview(omar, anna)
    assert "17 infusions" in words
    assert "Mon 5 Jan 2026 to Mon 7 Dec 2026" in words
    assert "560 mg" in words
    assert "8 mg/kg × 70 kg = 560 mg" in words
    assert "6 mg/kg × 70 kg = 420 mg" in words
    assert "Mon 26 Jan 2026" in words
    assert "<html" not in words
    assert "Start plan" in words


def test_the_preview_says_how_long_the_chair_is_taken(omar, anna):
    words = preview(omar, anna, HP, setting="adjuvant")
    # 90 min trastuzumab, 60 min pertuzumab, then 30 min observed; later 30 + 30 + 30
    assert "180 min, 30 of them observation" in words
    assert "90 min, 30 of them observation" in words
    assert "840 mg" in words


def test_the_preview_says_when_echoes_will_be_due(omar, anna):
    words = preview(omar, anna)
    for due in ("Mon 23 Mar 2026", "Mon 15 Jun 2026", "Mon 7 Sep 2026", "Mon 30 Nov 2026"):
        assert due in words


def test_the_preview_says_what_runs_alongside(omar, anna):
    assert "Endocrine therapy" in preview(omar, anna)


def test_six_doses_before_surgery_leave_twelve_numbered_seven_to_eighteen(omar, anna):
    signed_off(HP)
    earlier = {"setting": "adjuvant"} | {
        f"{agent}-{name}": typed
        for agent in ("trastuzumab", "pertuzumab")
        for name, typed in (("doses", "6"), ("last_given_on", "2025-12-16"), ("place", "Elsewhere"))
    }
    words = preview(omar, anna, HP, **earlier)
    assert "12 infusions" in words
    assert "cycles 7 to 18" in words
    assert "Loading" not in words, "20 days since the last dose: maintenance"
    assert post(omar, anna, answers(anna, HP, act="start", **earlier)).status_code == 302
    plan = TreatmentPlan.objects.get()
    assert plan.cycle_days.count() == 12
    assert [(p.agent, p.doses, p.place) for p in plan.prior_treatments.order_by("agent")] == [
        ("pertuzumab", 6, "Elsewhere"),
        ("trastuzumab", 6, "Elsewhere"),
    ]


def test_a_gap_that_no_document_decides_is_asked_and_the_answer_is_kept(omar, anna):
    signed_off(Q3W)
    earlier = {"trastuzumab-emtansine-doses": "3", "trastuzumab-emtansine-last_given_on": "2025-12-15"}
    words = preview(omar, anna, **earlier)
    assert "the first dose here is" in words
    assert "Start plan" not in words
    assert post(omar, anna, answers(anna, act="start", **earlier)).status_code == 422
    answered = earlier | {"trastuzumab-emtansine-decided_kind": "maintenance"}
    words = preview(omar, anna, **answered)
    assert "the first dose here is" in words, "an answer can be changed"
    assert "Start plan" in words
    assert post(omar, anna, answers(anna, act="start", **answered)).status_code == 302
    assert PriorTreatment.objects.get().decided_kind == "maintenance"


def test_treatment_past_one_year_says_so_with_its_source(omar, anna):
    earlier = {
        "trastuzumab-doses": "2",
        "trastuzumab-last_given_on": "2025-12-15",
        "trastuzumab-first_given_on": "2025-06-02",
    }
    words = preview(omar, anna, **earlier)
    # 52 weeks from 2 Jun 2025 end on 1 Jun 2026; the last of 15 doses is on 26 Oct 2026
    assert "past one year (52 weeks)" in words
    assert "Why one year" in words


def test_a_missing_baseline_is_said_before_the_plan_is_started(omar):
    anna = make.patient()
    make.weight(anna, 70, TODAY)
    signed_off(Q3W)
    words = preview(omar, anna)
    assert "The plan can be started; the first infusion waits." in words
    assert "Start plan" in words


def test_without_a_weight_the_doses_wait_and_the_dates_do_not(omar):
    anna = make.patient()
    words = preview(omar, anna)
    assert "8 mg/kg" in words
    assert "Mon 7 Dec 2026" in words
    assert "Record a weight" in text_of(omar.get(reverse("plan-new", args=[anna.uuid])))


def test_an_unverified_regimen_links_to_its_sign_off(omar, anna):
    words = preview(omar, anna)
    assert "unverified figures" in words
    assert reverse("regimen", args=[Q3W, 1]) in words
    assert "Start plan" not in words


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"start_on": ""}, "First dose here on: This field is required"),
        ({"start_on": "2026-13-45"}, "Enter a date such as"),
        ({"trastuzumab-doses": "0", "trastuzumab-last_given_on": "2025-12-15"}, "greater than or equal to 1"),
        ({"trastuzumab-doses": "2"}, "When was the last one?"),
        ({"trastuzumab-last_given_on": "2025-12-15"}, "How many doses?"),
        ({"weight": "not-a-weight"}, "valid choice"),
        ({"setting": "palliative"}, "valid choice"),
        ({"weight": ""}, "Weight to calculate with: This field is required"),
        ({"regimen": "no-such"}, "valid choice"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named_in_the_preview(omar, anna, typed, told):
    assert told in preview(omar, anna, **typed)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"start_on": "2126-01-05"}, "more than two years away"),
        ({"trastuzumab-doses": "2", "trastuzumab-last_given_on": "2026-01-05"}, "before the start"),
        ({"trastuzumab-doses": "17", "trastuzumab-last_given_on": "2025-12-15"}, "17 doses were already given"),
        ({"setting": "metastatic"}, "is for the adjuvant setting"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_the_preview_and_at_the_start(omar, anna, typed, told):
    signed_off(Q3W)
    assert told in preview(omar, anna, **typed)
    response = post(omar, anna, answers(anna, act="start", **typed))
    assert response.status_code == 422
    assert told in text_of(response)
    assert not TreatmentPlan.objects.exists()


def test_a_regimen_of_two_settings_asks_which_and_guesses_neither(omar, anna):
    signed_off(HP)
    assert "Is it neoadjuvant or adjuvant?" in preview(omar, anna, HP)
    assert post(omar, anna, answers(anna, HP, act="start")).status_code == 422
    assert not TreatmentPlan.objects.exists()


def test_the_page_opens_without_pointing_at_mistakes(omar, anna):
    assert "This field is required" not in text_of(omar.get(reverse("plan-new", args=[anna.uuid])))


# The start


def test_the_plan_is_started_as_previewed_and_opens(omar, anna):
    signed_off(Q3W)
    response = post(omar, anna, answers(anna, act="start"))
    plan = TreatmentPlan.objects.get()
    assert response.url == reverse("plan", args=[plan.uuid])
    assert plan.cycle_days.count() == 17
    assert plan.cycle_days.last().planned_on == date(2026, 12, 7)
    assert plan.setting == "adjuvant"


def test_a_plan_started_twice_exists_once(omar, anna):
    signed_off(Q3W)
    post(omar, anna, answers(anna, act="start"))
    response = post(omar, anna, answers(anna, act="start"))
    assert response.status_code == 422
    assert "already has" in text_of(response) or "has an active plan" in text_of(response)
    assert TreatmentPlan.objects.count() == 1


def test_the_page_works_without_script(omar, anna):
    words = text_of(post(omar, anna, answers(anna, act="preview")))
    assert "<html" in words
    assert "17 infusions" in words
    assert 'name="act" value="preview"' in words


def test_a_preview_leaves_no_trace_in_the_record(omar, anna):
    before = Act.objects.count()
    signed_off(Q3W)
    preview(omar, anna)
    assert Act.objects.count() == before + 1, "the sign-off alone"
