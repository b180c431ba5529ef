"""A plan over the API, from preview to last act; figures are those of CLINICAL.md sections 1 and 2."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from scheduling.models import TreatmentPlan
from tests import api, make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False):
        yield


@pytest.fixture
def anna():
    """Weighed, measured and ready to be treated with a regimen that is signed off."""
    patient = make.patient()
    make.weight(patient, 70, START)
    make.lvef(patient, 62, START)
    make.regimen("trastuzumab-q3w-17")
    api.post("omar", "regimens/trastuzumab-q3w-17/1/sign-off/", 201, statement="Checked.")
    return patient


def doses(day):
    return [(one["kind"], one["planned_mg"]) for one in day["administrations"]]


def test_a_preview_shows_every_date_and_dose_and_saves_nothing(anna):
    shown = api.post(
        "omar", f"patients/{anna.uuid}/plans/preview/", 200, regimen="trastuzumab-q3w-17", start_on="2026-05-04"
    )
    days = shown["cycle_days"]
    assert [day["planned_on"] for day in days[:3]] == ["2026-05-04", "2026-05-25", "2026-06-15"]
    assert (doses(days[0]), doses(days[1]), len(days)) == ([("loading", "560")], [("maintenance", "420")], 17)
    assert days[0]["administrations"][0]["arithmetic"] == "8 mg/kg × 70 kg = 560 mg"
    assert (shown["projection"]["last_on"], shown["refusals"]) == ("2027-04-05", [])
    assert not TreatmentPlan.objects.exists()


def test_a_started_plan_is_what_its_preview_showed(anna):
    said = {"regimen": "trastuzumab-q3w-17", "start_on": "2026-05-04"}
    shown = api.post("omar", f"patients/{anna.uuid}/plans/preview/", 200, **said)
    plan = api.post("omar", f"patients/{anna.uuid}/plans/", 201, **said)
    keys = ("cycle", "day", "planned_on", "infusion_minutes", "chair_minutes")
    assert [{key: day[key] for key in keys} for day in plan["cycle_days"]] == [
        {key: day[key] for key in keys} for day in shown["cycle_days"]
    ]
    assert [doses(day) for day in plan["cycle_days"]] == [doses(day) for day in shown["cycle_days"]]
    assert plan == api.get("nora", f"plans/{plan['uuid']}/")


def test_a_second_plan_is_refused_while_one_is_active(anna):
    said = {"regimen": "trastuzumab-q3w-17", "start_on": "2026-05-04"}
    api.post("omar", f"patients/{anna.uuid}/plans/", 201, **said)
    assert api.post("omar", f"patients/{anna.uuid}/plans/", 409, **said)["error"]["code"] == "already-treated"
    shown = api.post("omar", f"patients/{anna.uuid}/plans/preview/", 200, **said)
    assert [refusal["code"] for refusal in shown["refusals"]] == ["already-treated"]
    assert TreatmentPlan.objects.count() == 1


def test_doses_given_elsewhere_shorten_the_plan_and_need_no_loading(anna):
    prior = [{"agent": "trastuzumab", "doses": 4, "last_given_on": "2026-04-13", "place": "Elsewhere"}]
    plan = api.post(
        "omar", f"patients/{anna.uuid}/plans/", 201, regimen="trastuzumab-q3w-17", start_on="2026-05-04", prior=prior
    )
    assert (len(plan["cycle_days"]), plan["cycle_days"][0]["cycle"]) == (13, 5)
    assert doses(plan["cycle_days"][0]) == [("maintenance", "420")]
    assert plan["prior"][0]["place"] == "Elsewhere"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"start_on": "3026-05-04"}, "start_on"),
        ({"start_on": "05/04/2026"}, "start_on"),
        ({"setting": "palliative"}, "setting"),
        ({"weight": "00000000-0000-4000-8000-000000000000"}, "weight"),
        ({"prior": [{"agent": "trastuzumab", "doses": 0, "last_given_on": "2026-04-13"}]}, "prior.0.doses"),
        ({"prior": [{"agent": "trastuzumab", "doses": 1, "last_given_on": "2026-04-13"}] * 2}, "prior"),
    ],
)
def test_a_faulty_plan_names_its_fault_and_saves_nothing(anna, wrong, field):
    said = {"regimen": "trastuzumab-q3w-17", "start_on": "2026-05-04"} | wrong
    answer = api.post("omar", f"patients/{anna.uuid}/plans/", 400, **said)
    assert list(answer["error"]["fields"]) == [field]
    assert not TreatmentPlan.objects.exists()


def test_a_regimen_nobody_published_cannot_be_ordered(anna):
    api.post("omar", f"patients/{anna.uuid}/plans/", 404, regimen="no-such-regimen", start_on="2026-05-04")


def test_a_hold_stops_until_it_is_resumed():
    plan = make.plan(start=START, given=4)
    held = api.post("omar", f"plans/{plan.uuid}/hold/", 200, reason="lvef-fall", repeat_assessment_by="2026-05-28")
    assert (held["holds"][0]["reason"], held["holds"][0]["ended_on"]) == ("lvef-fall", None)
    assert api.post("omar", f"plans/{plan.uuid}/hold/", 409, reason="other")["error"]["code"] == "already-held"
    resumed = api.post("omar", f"plans/{plan.uuid}/resume/", 200, note="LVEF is back.")
    assert resumed["holds"][0]["ended_by"] == "Omar Ortega"
    assert api.post("omar", f"plans/{plan.uuid}/resume/", 409, note="Again.")["error"]["code"] == "not-held"


def test_a_hold_without_a_known_reason_is_refused():
    plan = make.plan(start=START)
    answer = api.post("omar", f"plans/{plan.uuid}/hold/", 400, reason="holiday")
    assert "is not one of" in answer["error"]["fields"]["reason"][0]


def test_a_ceased_plan_keeps_what_was_given():
    plan = make.plan(start=START, given=4)
    ceased = api.post("omar", f"plans/{plan.uuid}/cease/", 200, reason="patient-choice")
    assert (ceased["state"], ceased["end_reason"], len(ceased["cycle_days"])) == ("ceased", "patient-choice", 4)
    assert api.post("omar", f"plans/{plan.uuid}/cease/", 409, reason="other")["error"]["code"] == "not-active"


def test_recalculating_changes_planned_milligrams_only():
    plan = make.plan(start=START, given=4)
    make.weight(plan.patient, 60, date(2026, 4, 29))
    changed = api.post("pia", f"plans/{plan.uuid}/recalculate/", 200)
    assert changed["dosing_weight_kg"] == "60"
    assert changed["cycle_days"][3]["administrations"][0]["given_mg"] == "420"
    assert changed["cycle_days"][6]["administrations"][0]["planned_mg"] == "360"


def test_a_stale_revision_is_refused_and_nothing_is_saved():
    plan = make.plan(start=START, given=4)
    seen = api.get("omar", f"plans/{plan.uuid}/")["revision"]
    api.post("omar", f"plans/{plan.uuid}/hold/", 200, reason="other", revision=seen)
    answer = api.post("omar", f"plans/{plan.uuid}/resume/", 409, note="Seen too early.", revision=seen)
    assert answer["error"]["code"] == "changed-meanwhile"
    assert api.get("omar", f"plans/{plan.uuid}/")["holds"][0]["ended_on"] is None


def test_a_patients_plans_are_listed_the_latest_first():
    plan = make.plan(start=START)
    (line,) = api.get("nora", f"patients/{plan.patient.uuid}/plans/")
    assert (line["uuid"], line["state"]) == (str(plan.uuid), "active")
    found = api.get("nora", "patients/", q=plan.patient.mrn)["results"][0]["plan"]
    assert (found["next_cycle"], found["of_cycles"], found["next_on"]) == (1, 17, "2026-01-05")
