"""The risk proforma, its level, the interval it proposes, and when the next LVEF is then due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from her2tracker.audit.models import Act
from monitoring.catalog.risk import proforma
from monitoring.models import RiskAssessment, SurveillanceInterval
from monitoring.models.standing import standing_of
from scheduling.models import Patient, TreatmentPlan
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
START = date(2026, 1, 5)
TODAY = date(2026, 4, 30)
SignIn = Callable[[str], Client]
QUESTIONS = [factor.id for factor in proforma().factors if not factor.is_measured]
HEALTHY = {"age_years": "50", "lvef": "62", "bmi": "24"}

# CLINICAL.md 5.1: its own test vectors. Yes to, figures, points, level.
VECTORS = [
    (["hypertension"], {}, 1, "low"),
    (["hypertension", "diabetes"], {}, 2, "medium"),
    (["smoking"], {"age_years": "70", "lvef": "52"}, 5, "high"),
    (["anthracycline-before", "hypertension"], {"age_years": "66", "bmi": "31"}, 5, "high"),
    (["trastuzumab-cardiotoxicity"], {}, 0, "very-high"),
]


def answered(yes: list[str], **figures: str) -> dict[str, str]:
    return {id_: "yes" if id_ in yes else "no" for id_ in QUESTIONS} | HEALTHY | figures


def assess(who: str, patient: Patient, sign_in: SignIn, yes: list[str], **figures: str) -> Any:
    return sign_in(who).post(reverse("risk-new", args=[patient.uuid]), answered(yes, **figures), follow=True)


def high(plan: TreatmentPlan) -> RiskAssessment:
    said = dict.fromkeys(QUESTIONS, False) | {"stable-angina": True}
    api.post("omar", f"patients/{plan.patient.uuid}/risk/", 201, said=said, measured=HEALTHY)
    return RiskAssessment.objects.get()


def due_on(plan: TreatmentPlan) -> date | None:
    return standing_of(plan).window(TODAY).due_on


@pytest.mark.parametrize(("yes", "figures", "points", "level"), VECTORS)
def test_each_published_vector_scores_the_same_on_the_page_and_in_the_api(
    sign_in: SignIn, yes: list[str], figures: dict[str, str], points: int, level: str
):
    patient = make.patient()
    page = assess("nora", patient, sign_in, yes, **figures).content.decode()
    row = RiskAssessment.objects.get()
    assert (row.points, row.level, row.could_be, row.version) == (points, level, level, 1)
    assert row.words in page
    said = {id_: id_ in yes for id_ in QUESTIONS}
    answer = api.post("nora", f"patients/{patient.uuid}/risk/", 201, said=said, measured=HEALTHY | figures)
    assert (answer["points"], answer["level"], answer["score"]["is_final"]) == (points, level, True)


def test_unknown_is_an_answer_and_a_missing_one_is_asked_for(sign_in: SignIn):
    patient = make.patient()
    nora, address = sign_in("nora"), reverse("risk-new", args=[patient.uuid])
    some = answered([])
    del some["diabetes"]
    refused = nora.post(address, some)
    assert refused.status_code == 422
    assert "Answer yes, no or unknown." in refused.content.decode()
    assert not RiskAssessment.objects.exists()
    page = nora.post(address, some | {"diabetes": "unknown", "smoking": "unknown"}, follow=True).content.decode()
    assert "Low risk at least" in page
    assert "If all were yes, it would be <strong>medium risk</strong>" in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [("age_years", "500"), ("lvef", "0.55"), ("bmi", "2.4"), ("systolic_mmhg", "14"), ("hba1c_percent", "53"),
     ("egfr", "-1"), ("diabetes", "perhaps")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_beside_its_field(sign_in: SignIn, field: str, typed: str):
    patient = make.patient()
    answer = sign_in("nora").post(reverse("risk-new", args=[patient.uuid]), answered([]) | {field: typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not RiskAssessment.objects.exists()


def test_what_is_on_record_is_filled_in_and_says_where_it_is_from(sign_in: SignIn):
    plan = make.plan(start=START, given=1, baseline=61)
    page = sign_in("nora").get(reverse("risk-new", args=[plan.patient.uuid])).content.decode()
    for words in (
        "On record: 55, from the date of birth.",
        "On record: 61 %, baseline LVEF, 2D echo of Mon 5 Jan 2026.",
        "On record: no, from the description of the tumour. Check it.",
        "unverified",
        "HFA-ICOS",
    ):
        assert words in page
    assert 'name="diabetes" value="no" checked' not in page


def test_a_high_risk_asks_for_biomarkers_and_proposes_six_weeks_unverified(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    row = high(plan)
    page = sign_in("omar").get(reverse("risk", args=[row.uuid])).content.decode()
    assert "Measure a natriuretic peptide and cardiac troponin at baseline" in page
    assert "Six-weekly by risk" in page
    assert "42 days" in page
    assert "unverified" in page
    assert reverse("interval", args=[plan.uuid]) in page
    assert (
        reverse("interval", args=[plan.uuid])
        not in sign_in("nora").get(reverse("risk", args=[row.uuid])).content.decode()
    )


def test_the_level_stands_on_chart_plan_and_every_patient_page(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    omar = sign_in("omar")
    assert "Cardiac risk not assessed" in omar.get(reverse("patient", args=[plan.patient.uuid])).content.decode()
    high(plan)
    for address in (
        reverse("patient", args=[plan.patient.uuid]),
        reverse("plan", args=[plan.uuid]),
        reverse("baseline", args=[plan.uuid]),
    ):
        assert "High risk" in omar.get(address).content.decode()


def test_a_high_risk_set_to_six_weekly_moves_the_due_date(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    assert due_on(plan) == date(2026, 3, 30)  # 84 days after the baseline of 5 Jan
    high(plan)
    assert due_on(plan) == date(2026, 3, 30)  # a level changes nothing by itself
    omar = sign_in("omar")
    sent = {"choice": "six-weekly", "reason": "High risk by HFA-ICOS: stable angina."}
    page = omar.post(reverse("interval", args=[plan.uuid]), sent, follow=True).content.decode()
    assert due_on(plan) == date(2026, 2, 16)  # 42 days after it
    assert "six-weekly by risk" in standing_of(plan).window(TODAY).because
    for words in ("Six-weekly by risk", "High risk by HFA-ICOS: stable angina.", "Mon 16 Feb 2026"):
        assert words in page
    assert Act.objects.filter(verb="interval.set").count() == 1
    assert api.get("nora", f"plans/{plan.uuid}/window/")["due_on"] == "2026-02-16"


def test_an_interval_ends_by_an_act_with_a_reason(sign_in: SignIn):
    plan = make.plan(start=START, given=5)
    omar, address = sign_in("omar"), reverse("interval", args=[plan.uuid])
    sent = {"choice": "own", "weeks": "6", "reason": "Cardiology advises every six weeks."}
    assert omar.post(address, sent).status_code == 302
    assert due_on(plan) == date(2026, 2, 16)
    assert omar.post(address, {"end": "1", "end-reason": ""}).status_code == 422
    assert omar.post(address, {"end": "1", "end-reason": "Cardiology is content."}).status_code == 302
    assert due_on(plan) == date(2026, 3, 30)
    row = SurveillanceInterval.objects.get()
    assert (row.ended_by, row.ended_because) == (make.person("omar"), "Cardiology is content.")
    assert "Cardiology is content." in omar.get(address).content.decode()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"choice": "own", "weeks": "", "reason": "x"}, "weeks"),
        ({"choice": "own", "weeks": "0", "reason": "x"}, "weeks"),
        ({"choice": "own", "weeks": "6", "reason": " "}, "reason"),
        ({"choice": "own", "weeks": "13", "reason": "x"}, "__all__"),  # 91 days: longer than the 84 that apply
        ({"choice": "own", "weeks": "6", "until": "2026-04-30", "reason": "x"}, "until"),
        ({"choice": "own", "weeks": "6", "results": "0", "reason": "x"}, "results"),
        ({"choice": "six-weekly", "reason": "x"}, "choice"),  # nobody assessed the risk
        ({"choice": "", "reason": "x"}, "choice"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(sign_in: SignIn, sent: dict[str, str], field: str):
    plan = make.plan(start=START, given=1)
    answer = sign_in("omar").post(reverse("interval", args=[plan.uuid]), sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not SurveillanceInterval.objects.exists()


def test_twelve_weeks_are_no_longer_than_what_applies(sign_in: SignIn):
    plan = make.plan(start=START, given=1)
    sent = {"choice": "own", "weeks": "12", "reason": "As the label asks."}
    assert sign_in("omar").post(reverse("interval", args=[plan.uuid]), sent).status_code == 302


def test_an_interval_for_two_results_is_used_up_by_the_second():
    plan = make.plan(start=START, given=5)
    with time_machine.travel("2026-01-06T09:00:00Z", tick=False):
        api.post("omar", f"plans/{plan.uuid}/interval/", 201, weeks=6, results=2, reason="Two more, then as before.")
    make.lvef(plan.patient, 61, date(2026, 2, 16))
    assert due_on(plan) == date(2026, 3, 30)  # 42 days after the first
    make.lvef(plan.patient, 61, date(2026, 3, 30))
    assert due_on(plan) == date(2026, 6, 22)  # 84 days after the second


def test_somebody_elses_interval_is_not_overwritten(sign_in: SignIn):
    plan = make.plan(start=START, given=1)
    api.post("omar", f"plans/{plan.uuid}/interval/", 201, weeks=6, reason="First.")
    refused = api.post("omar", f"plans/{plan.uuid}/interval/", 409, weeks=4, reason="Second.")
    assert api.error(refused)[0] == "changed-meanwhile"
    seen = api.get("omar", f"plans/{plan.uuid}/interval/")["current"]["uuid"]
    shown = api.post("omar", f"plans/{plan.uuid}/interval/", 201, weeks=4, reason="Second.", seen=seen)
    assert [one["name"] for one in shown["history"]] == ["every 4 weeks", "every 6 weeks"]
    assert shown["history"][1]["ended_because"] == "Replaced by another interval."


def test_a_low_risk_offers_four_months_and_refuses_them_where_a_label_asks_for_three(sign_in: SignIn):
    plan = make.plan(start=START, given=1)
    api.post("omar", f"patients/{plan.patient.uuid}/risk/", 201, said=dict.fromkeys(QUESTIONS, False), measured=HEALTHY)
    page = sign_in("omar").get(reverse("interval", args=[plan.uuid])).content.decode()
    assert "112 days is longer than the 84 days that apply here" in page
    answer = api.post("omar", f"plans/{plan.uuid}/interval/", 409, choice="four-monthly", reason="Low risk.")
    assert api.error(answer)[0] == "interval-longer"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"said": {"no-such-factor": True}}, None),
        ({"measured": {"shoe_size": "38"}}, "measured"),
        ({"measured": {"lvef": "0.55"}}, "measured"),
        ({"measured": {"age_years": "old"}}, "measured"),
        ({"said": {"diabetes": "perhaps"}}, "said.diabetes"),
    ],
)
def test_a_program_that_answers_nonsense_is_told_which(said: dict[str, Any], field: str | None):
    patient = make.patient()
    answer = api.post("nora", f"patients/{patient.uuid}/risk/", 400 if field else 409, **said)
    assert field is None or field in answer["error"]["fields"]
    assert not RiskAssessment.objects.exists()


def test_the_api_shows_the_proforma_and_what_is_known():
    plan = make.plan(start=START, given=1, baseline=61)
    shown = api.get("nora", "risk-proforma/")
    assert (shown["id"], shown["version"], len(shown["factors"])) == ("hfa-icos-her2", 1, len(proforma().factors))
    known = {one["about"]: one["value"] for one in api.get("nora", f"patients/{plan.patient.uuid}/risk/")["known"]}
    assert (known["age_years"], known["lvef"]) == ("55", "61 %")


@pytest.mark.parametrize(("who", "assesses", "sets"), [("omar", 200, 200), ("nora", 200, 403), ("pia", 403, 403)])
def test_who_assesses_and_who_sets_an_interval(sign_in: SignIn, who: str, assesses: int, sets: int):
    plan, client = make.plan(start=START, given=1), sign_in(who)
    assert client.get(reverse("risk-new", args=[plan.patient.uuid])).status_code == assesses
    assert client.get(reverse("interval", args=[plan.uuid])).status_code == sets
