"""Patients on pages: listed, registered, changed, weighed, described, merged."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduling.actions import holds
from scheduling.models import Patient, TumourProfile
from scheduling.words import HoldReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)

WHO = {
    "mrn": "004-1187",
    "family_name": "Márquez",
    "given_name": "Alicia",
    "born_on": "1972-03-12",
    "sex": "female",
    "language": "es",
    "allergies": "none known",
}
UNKNOWN_TUMOUR = {"her2": "unknown", "er": "unknown", "pr": "unknown", "residual_disease": "unknown"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False):
        yield


def signed_in(who: str) -> Client:
    client = Client()
    client.force_login(make.person(who))
    return client


def page(client: Client, name: str, *args: Any, **query: Any) -> Any:
    return client.get(reverse(name, args=args), query)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


# The list


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia"])
def test_clinicians_see_the_list(who):
    make.patient(family_name="Lindqvist")
    assert "LINDQVIST" in text_of(page(signed_in(who), "patients"))


@pytest.mark.parametrize("who", ["ada", "xavier"])
@pytest.mark.parametrize("name", ["patients", "patient-new"])
def test_who_sees_no_patient_gets_no_list(who, name):
    assert page(signed_in(who), name).status_code == 403


@pytest.mark.parametrize("who", ["nora", "pia"])
def test_only_who_edits_patients_may_register_them(who):
    client = signed_in(who)
    assert "Register a patient" not in text_of(page(client, "patients"))
    assert client.post(reverse("patient-new"), WHO).status_code == 403
    assert not Patient.objects.exists()


def test_the_list_says_where_each_plan_stands():
    plan = make.plan(start=START, given=4)
    words = text_of(page(signed_in("nora"), "patients"))
    assert "Trastuzumab 17" in words
    assert "5 of 17" in words
    assert "Mon 30 Mar 2026" in words
    assert "Missed" in words, "the date has passed and nobody decided"
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    assert "On hold" in text_of(page(signed_in("nora"), "patients"))


def test_a_patient_without_a_plan_is_listed_as_such():
    make.patient()
    assert "No treatment plan" in text_of(page(signed_in("nora"), "patients"))


def test_the_list_asks_as_many_queries_for_thirty_patients_as_for_three():
    client = signed_in("nora")
    counts = []
    for number in (3, 27):
        for _ in range(number):
            make.plan(start=START)
        page(client, "patients")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, "patients")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_is_paged():
    for number in range(52):
        make.patient(family_name=f"Page{'abcdefghijklmnopqrstuvwxyz'[number % 26]}", given_name=f"N{number}")
    words = text_of(page(signed_in("nora"), "patients"))
    assert "52 patients" in words
    assert "page=2" in words


def test_an_empty_clinic_says_what_to_do():
    assert "No patient is registered yet" in text_of(page(signed_in("cora"), "patients"))
    assert "A coordinator or an oncologist registers patients" in text_of(page(signed_in("nora"), "patients"))


def test_another_sites_patients_are_not_listed():
    make.patient(make.site(name="Elsewhere"), family_name="Stranger")
    assert "STRANGER" not in text_of(page(signed_in("nora"), "patients"))


# Registering and changing


def test_a_patient_is_registered_and_her_chart_opens():
    response = signed_in("cora").post(reverse("patient-new"), WHO)
    patient = Patient.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("patient", args=[patient.uuid])
    assert (patient.mrn, patient.born_on, patient.language) == ("004-1187", date(1972, 3, 12), "es")


def test_a_taken_mrn_is_refused_beside_its_field():
    make.patient(mrn="004-1187")
    response = signed_in("cora").post(reverse("patient-new"), WHO)
    assert response.status_code == 422
    assert "already belongs to another patient" in text_of(response)
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("born_on", "2126-03-12", "in the future"),
        ("born_on", "12 March", "Enter a date such as"),
        ("mrn", "", "required"),
        ("mrn", "x" * 41, "at most 40"),
        ("family_name", "a\x00b", "Null characters"),
        ("sex", "blue", "valid choice"),
        ("email", "nobody", "valid email"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_saved(field, typed, told):
    response = signed_in("cora").post(reverse("patient-new"), WHO | {field: typed})
    assert response.status_code == 422
    assert told in text_of(response)
    assert not Patient.objects.exists()


def test_details_are_changed_and_the_old_mrn_still_finds_her():
    patient = make.patient(mrn="OLD-1")
    response = signed_in("cora").post(reverse("patient-edit", args=[patient.uuid]), WHO | {"mrn": "NEW-1"})
    assert response.status_code == 302
    patient.refresh_from_db()
    assert (patient.mrn, patient.allergies) == ("NEW-1", "none known")
    assert page(signed_in("nora"), "patients", q="OLD-1").url == reverse("patient", args=[patient.uuid])
    assert "OLD-1" in text_of(page(signed_in("cora"), "patient-edit", patient.uuid))


def test_a_language_nobody_listed_survives_a_change():
    patient = make.patient(language="gsw")
    assert (
        signed_in("cora").post(reverse("patient-edit", args=[patient.uuid]), WHO | {"language": "gsw"}).status_code
        == 302
    )
    patient.refresh_from_db()
    assert patient.language == "gsw"


@pytest.mark.parametrize("name", ["patient-edit", "patient-merge", "patient-measure", "patient-tumour"])
def test_another_sites_patient_does_not_exist_here(name):
    stranger = make.patient(make.site(name="Elsewhere"))
    assert page(signed_in("omar"), name, stranger.uuid).status_code == 404


# Weighing


@pytest.mark.parametrize(("who", "status"), [("nora", 200), ("omar", 200), ("pia", 200), ("cora", 403), ("ada", 403)])
def test_who_may_weigh(who, status):
    assert page(signed_in(who), "patient-measure", make.patient().uuid).status_code == status


def test_a_weight_with_a_decimal_comma_is_recorded():
    patient = make.patient()
    response = signed_in("nora").post(
        reverse("patient-measure", args=[patient.uuid]), {"weight_kg": "68,4", "measured_on": "2026-04-30"}
    )
    assert response.status_code == 302
    assert response.url == reverse("patient", args=[patient.uuid])
    assert patient.measurements.get().weight_kg == Decimal("68.4")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"weight_kg": "-70"}, "outside 20 to 400 kg"),
        ({"weight_kg": "684"}, "outside 20 to 400 kg"),
        ({"weight_kg": "seventy"}, "Enter a number"),
        ({"weight_kg": "NaN"}, "Enter a number"),
        ({"height_cm": "1.65"}, "no more than 1 decimal place"),
        ({"height_cm": "16"}, "outside 90 to 250 cm"),
        ({}, "a weight, a height, or both"),
        ({"weight_kg": "70", "measured_on": "2126-01-01"}, "in the future"),
        ({"weight_kg": "70", "measured_on": "yesterday"}, "Enter a date such as"),
    ],
)
def test_an_impossible_measurement_is_refused(typed, told):
    patient = make.patient()
    sent = {"measured_on": "2026-04-30"} | typed
    response = signed_in("nora").post(reverse("patient-measure", args=[patient.uuid]), sent)
    assert response.status_code == 422
    assert told in text_of(response)
    assert not patient.measurements.exists()


def test_eleven_percent_lighter_asks_for_recalculation_and_stays_on_the_page():
    plan = make.plan(start=START, given=4)  # doses calculated with 70 kg
    address = reverse("patient-measure", args=[plan.patient.uuid])
    client = signed_in("nora")
    response = client.post(address, {"weight_kg": "62", "measured_on": "2026-04-30"})
    assert response.url == address
    words = text_of(client.get(address))
    assert "−11.4 %" in words
    assert "recalculate before the next dose" in words
    assert reverse("plan-recalculate", args=[plan.uuid]) in words


def test_under_nine_percent_lighter_asks_for_nothing():
    plan = make.plan(start=START, given=4)
    address = reverse("patient-measure", args=[plan.patient.uuid])
    client = signed_in("nora")
    response = client.post(address, {"weight_kg": "64", "measured_on": "2026-04-30"})
    assert response.url == reverse("patient", args=[plan.patient.uuid])
    words = text_of(client.get(address))
    assert "−8.6 %" in words
    assert "recalculate before" not in words


def test_a_weight_being_typed_is_compared_before_it_is_saved():
    plan = make.plan(start=START)
    address = reverse("patient-measure", args=[plan.patient.uuid])
    part = signed_in("nora").get(address, {"weight_kg": "62"}, headers={"hx-request": "true"})
    words = text_of(part)
    assert "−11.4 %" in words
    assert "<html" not in words
    assert "Enter a weight" in text_of(
        signed_in("nora").get(address, {"weight_kg": "6"}, headers={"hx-request": "true"})
    )


def test_fixed_doses_do_not_depend_on_the_weight():
    plan = make.plan("phesgo", start=START)
    address = reverse("patient-measure", args=[plan.patient.uuid])
    part = signed_in("nora").get(address, {"weight_kg": "50"}, headers={"hx-request": "true"})
    assert "do not depend on this weight" in text_of(part)


def test_a_next_address_elsewhere_is_not_followed():
    patient = make.patient()
    response = signed_in("nora").post(
        reverse("patient-measure", args=[patient.uuid]),
        {"weight_kg": "70", "measured_on": "2026-04-30", "next": "https://elsewhere.example/"},
    )
    assert response.url == reverse("patient", args=[patient.uuid])


# The tumour


def test_the_tumour_is_described_and_unknown_stays_unknown():
    patient = make.patient()
    sent = UNKNOWN_TUMOUR | {"her2": "positive", "size_mm": "18,5", "nodes_positive": "0", "neoadjuvant_therapy": "no"}
    response = signed_in("omar").post(reverse("patient-tumour", args=[patient.uuid]), sent)
    assert response.status_code == 302
    profile = TumourProfile.objects.get(patient=patient)
    assert (profile.size_mm, profile.nodes_positive, profile.neoadjuvant_therapy) == (Decimal("18.5"), 0, False)
    assert (profile.er, profile.chemotherapy_cycles, profile.surgery_on) == ("unknown", None, None)


def test_an_answer_taken_back_is_unknown_again():
    patient = make.patient()
    client = signed_in("omar")
    address = reverse("patient-tumour", args=[patient.uuid])
    client.post(address, UNKNOWN_TUMOUR | {"neoadjuvant_therapy": "yes"})
    client.post(address, UNKNOWN_TUMOUR | {"neoadjuvant_therapy": ""})
    assert TumourProfile.objects.get(patient=patient).neoadjuvant_therapy is None


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("size_mm", "-3", "greater than or equal to 0"),
        ("nodes_positive", "-1", "greater than or equal to 0"),
        ("nodes_positive", "2.5", "whole number"),
        ("surgery_on", "1960-01-01", "before the date of birth"),
        ("her2", "2+", "valid choice"),
    ],
)
def test_an_impossible_tumour_is_refused(field, typed, told):
    patient = make.patient()
    response = signed_in("omar").post(reverse("patient-tumour", args=[patient.uuid]), UNKNOWN_TUMOUR | {field: typed})
    assert response.status_code == 422
    assert told in text_of(response)
    assert not TumourProfile.objects.exists()


@pytest.mark.parametrize("who", ["nora", "pia", "ada"])
def test_only_who_edits_patients_describes_the_tumour(who):
    assert page(signed_in(who), "patient-tumour", make.patient().uuid).status_code == 403


# Merging


def test_both_records_stand_side_by_side_before_they_are_merged():
    goes, stays = make.patient(mrn="A-1", given_name="Ann"), make.patient(mrn="B-2", given_name="Anne")
    words = text_of(page(signed_in("cora"), "patient-merge", goes.uuid, into=str(stays.uuid)))
    assert "Merge A-1 into B-2" in words
    assert words.count("differs</span>") == 1, "the name; numbers always differ, and nothing else is recorded twice"
    assert "Swap" in words


def test_two_records_become_one_with_all_its_facts():
    plan = make.plan(start=START, given=2)
    goes, stays = plan.patient, make.patient(mrn="B-2")
    response = signed_in("cora").post(
        reverse("patient-merge", args=[goes.uuid]),
        {"into": str(stays.uuid), "reason": "Registered twice"},
    )
    assert response.url == reverse("patient", args=[stays.uuid])
    plan.refresh_from_db()
    assert plan.patient == stays
    assert stays.measurements.exists()
    assert stays.previous_mrns.get().mrn == goes.mrn
    assert page(signed_in("nora"), "patients", q=goes.mrn).url == reverse("patient", args=[stays.uuid])


def test_a_merge_needs_a_reason():
    goes, stays = make.patient(), make.patient()
    response = signed_in("cora").post(reverse("patient-merge", args=[goes.uuid]), {"into": str(stays.uuid)})
    assert response.status_code == 422
    goes.refresh_from_db()
    assert goes.merged_into is None


def test_two_treated_records_are_not_merged():
    goes, stays = make.plan(start=START).patient, make.plan(start=START).patient
    response = signed_in("cora").post(
        reverse("patient-merge", args=[goes.uuid]), {"into": str(stays.uuid), "reason": "Same person"}
    )
    assert response.status_code == 422
    assert "Both records have treatment plans" in text_of(response)


def test_a_record_with_a_similar_name_is_offered_and_never_the_record_itself():
    goes = make.patient(family_name="Okafor", given_name="Ngozi", mrn="A-1")
    make.patient(family_name="Okafor", given_name="Ngosi", mrn="B-2")
    words = text_of(page(signed_in("cora"), "patient-merge", goes.uuid))
    assert "B-2" in words
    assert 'Compare <span class="visually-hidden">with A-1' not in words


@pytest.mark.parametrize("into", ["", "nonsense", "self"])
def test_no_record_chosen_shows_the_search(into):
    patient = make.patient()
    chosen = str(patient.uuid) if into == "self" else into
    response = page(signed_in("cora"), "patient-merge", patient.uuid, into=chosen)
    assert response.status_code == 200
    assert "Find the other record" in text_of(response)
