"""Patients, measurements, tumour, merge, regimens and suggestions over the API."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from her2tracker.audit.models import Act
from scheduling import catalog
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)
ANNA = {"mrn": "A-1", "family_name": "Ångström", "given_name": "Anna", "born_on": "1970-05-17"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False):
        yield


def test_a_registered_patient_is_found_by_a_name_typed_without_accents():
    made = api.post("cora", "patients/", 201, **ANNA, language="sv", phone="+46 1")
    found = api.get("nora", "patients/", q="angstrom")
    assert [row["uuid"] for row in found["results"]] == [made["uuid"]]
    assert found["results"][0]["plan"] is None


def test_a_taken_mrn_is_refused_beside_its_field():
    api.post("cora", "patients/", 201, **ANNA)
    answer = api.post("cora", "patients/", 409, **ANNA)
    assert answer["error"]["code"] == "mrn-taken"
    assert "already belongs" in answer["error"]["fields"]["mrn"][0]


def test_each_faulty_field_of_a_patient_is_named():
    answer = api.post("cora", "patients/", 400, family_name="", born_on="1070-05-17", sex="f", email="nobody")
    assert set(answer["error"]["fields"]) == {"mrn", "family_name", "given_name", "born_on", "sex", "email"}
    assert "Check the year" in answer["error"]["fields"]["born_on"][0]


def test_a_body_that_is_not_json_is_refused_in_the_one_shape():
    answer = api.client("cora").post("/api/v1/patients/", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parse-error")


def test_a_changed_mrn_still_finds_her():
    uuid = api.post("cora", "patients/", 201, **ANNA)["uuid"]
    changed = api.patch("cora", f"patients/{uuid}/", 200, mrn="B-2")
    assert (changed["mrn"], changed["previous_mrns"], changed["given_name"]) == ("B-2", ["A-1"], "Anna")
    assert api.get("nora", "patients/", q="A-1")["count"] == 1


def test_opening_a_record_is_recorded_and_told_in_its_history():
    patient = make.patient()
    api.get("nora", f"patients/{patient.uuid}/")
    acts = api.get("omar", f"patients/{patient.uuid}/history/")["results"]
    assert [(act["verb"], act["by"]) for act in acts][:2] == [
        ("chart.opened", "Nora Nilsen"),
        ("patient.registered", "Cora Castell"),
    ]
    assert acts[0]["sentence"]


def test_a_weight_is_recorded_as_it_was_sent():
    patient = make.patient()
    api.post("nora", f"patients/{patient.uuid}/measurements/", 201, measured_on="2026-04-30", weight_kg="62.5")
    (row,) = api.get("pia", f"patients/{patient.uuid}/measurements/")
    assert (row["weight_kg"], row["height_cm"], row["recorded_by"]) == ("62.5", None, "Nora Nilsen")


@pytest.mark.parametrize("kg", [-62, 6.2, 620, "sixty", "62.55", "NaN"])
def test_an_implausible_weight_is_refused_and_nothing_is_saved(kg):
    patient = make.patient()
    address = f"patients/{patient.uuid}/measurements/"
    answer = api.post("nora", address, 400, measured_on="2026-04-30", weight_kg=kg)
    assert list(answer["error"]["fields"]) == ["weight_kg"]
    assert api.get("nora", address) == []


def test_a_weight_of_tomorrow_is_refused():
    patient = make.patient()
    answer = api.post("nora", f"patients/{patient.uuid}/measurements/", 409, measured_on="2026-05-01", weight_kg=62)
    assert answer["error"]["code"] == "in-the-future"


def test_a_tumour_keeps_what_a_later_description_leaves_out():
    address = f"patients/{make.patient().uuid}/tumour/"
    assert api.get("nora", address)["her2"] == "unknown"
    api.patch("omar", address, 200, her2="positive", size_mm="18.5", nodes_positive=0)
    said = api.patch("omar", address, 200, er="negative")
    assert (said["her2"], said["er"], said["size_mm"], said["nodes_positive"]) == ("positive", "negative", "18.5", 0)


def test_a_negative_tumour_size_is_refused():
    answer = api.patch("omar", f"patients/{make.patient().uuid}/tumour/", 400, size_mm=-1)
    assert list(answer["error"]["fields"]) == ["size_mm"]


def test_a_merged_record_opens_the_one_that_lives_on():
    one, other = make.patient(), make.patient()
    merged = api.post("cora", f"patients/{one.uuid}/merge/", 200, into=str(other.uuid), reason="Same birth number.")
    assert merged["uuid"] == str(other.uuid)
    assert api.get("nora", f"patients/{one.uuid}/")["previous_mrns"] == [one.mrn]


def test_a_record_is_not_merged_into_itself():
    one = make.patient()
    answer = api.post("cora", f"patients/{one.uuid}/merge/", 409, into=str(one.uuid), reason="Slip.")
    assert answer["error"]["code"] == "cannot-merge"


def test_the_library_lists_every_published_version_with_its_confidence():
    make.published()
    listed = api.get("nora", "regimens/")
    assert listed["count"] == len(catalog.regimens())
    assert {"trastuzumab-q3w-17", "t-dm1", "phesgo"} <= {one["key"] for one in listed["results"]}


def test_a_regimen_shows_each_figure_with_its_source():
    make.published()
    shown = api.get("ada", "regimens/trastuzumab-q3w-17/1/")
    (agent,) = shown["phases"][0]["agents"]
    assert (agent["loading"]["words"], agent["maintenance"]["words"]) == ("8 mg/kg", "6 mg/kg")
    assert (agent["loading"]["source"], agent["loading"]["confidence"]) == ("herceptin-hcp#dosing", "verified")
    assert all(figure["source"] and figure["confidence"] for figure in shown["figures"])
    assert {one["id"] for one in shown["documents"]} == {figure["source"].split("#")[0] for figure in shown["figures"]}


def test_a_version_that_was_never_published_is_not_there():
    make.published()
    assert api.client("nora").get("/api/v1/regimens/trastuzumab-q3w-17/9/").status_code == 404


def test_an_unverified_regimen_is_signed_off_once_with_a_statement():
    make.published()
    address = "regimens/t-dxd/1/sign-off/"
    assert list(api.post("omar", address, 400, statement=" ")["error"]["fields"]) == ["statement"]
    api.post("omar", address, 201, statement="Checked against the label of May 2026.")
    assert api.post("omar", address, 409, statement="Again.")["error"]["code"] == "already-signed"
    shown = api.get("omar", "regimens/t-dxd/1/")
    assert (shown["signed_off"], shown["sign_off"]["recorded_by"]) == (True, "Omar Ortega")


def test_suggestions_ask_for_what_nobody_has_said_first():
    patient = make.patient()
    found = api.get("omar", f"patients/{patient.uuid}/suggestions/")
    assert [question["field"] for question in found["questions"]] == ["her2"]
    api.patch("omar", f"patients/{patient.uuid}/tumour/", 200, her2="negative")
    found = api.get("omar", f"patients/{patient.uuid}/suggestions/")
    assert [refusal["code"] for refusal in found["refusals"]] == ["not-her2-positive"]


def test_residual_disease_suggests_t_dm1_with_its_source():
    patient = make.patient()
    api.patch(
        "omar", f"patients/{patient.uuid}/tumour/", 200, her2="positive", neoadjuvant_therapy=True,
        residual_disease="present", nodes_positive=0, size_mm=12, er="positive", pr="positive",
        surgery_on="2026-04-01",
    )  # fmt: skip
    found = api.get("omar", f"patients/{patient.uuid}/suggestions/")["suggestions"]
    assert "t-dm1" in [one["regimen"] for one in found]
    assert all(reason["source"] and reason["would_change"] for one in found for reason in one["reasons"])


def test_the_list_costs_the_same_queries_for_two_patients_as_for_six(django_assert_max_num_queries):
    program = api.client("nora")
    counts = []
    for more in (2, 4):
        for _ in range(more):
            make.plan(start=START)
        with django_assert_max_num_queries(12) as queries:
            assert program.get("/api/v1/patients/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_who_am_i_says_what_my_role_may_do():
    me = api.get("nora", "me/")
    assert (me["full_name"], me["role"], me["site"]["today"]) == ("Nora Nilsen", "nurse", "2026-04-30")
    assert "record-administrations" in me["permissions"]
    assert api.get("xavier", "me/")["permissions"] == []


def test_a_token_is_on_record_when_it_is_made():
    api.client("nora")
    assert Act.objects.filter(verb="token.issued", by_name="Nora Nilsen").exists()
