"""Files of patients and plans over the API: the same answers as on the page, by the same actions."""

from __future__ import annotations

import pytest

from scheduling.models import PlanImport, TreatmentPlan
from scheduling.tasks import import_plans
from tests import api, make
from tests.scheduling.sheets import ANNA, person, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-01-05 09:00", tick=False)
    make.signed_off("trastuzumab-q3w-17", make.site())


def test_sent_confirmed_and_carried_out():
    sent = api.post("omar", "plan-imports/", 201, text=sheet(ANNA, person(2)), file_name="ours.csv")
    assert (sent["state"], sent["file_name"], sent["sent_by"]) == ("checked", "ours.csv", "Omar Ortega")
    assert sent["counts"] == {"rows": 2, "start": 2, "there": 0, "refused": 0, "new": 2, "warned": 2}
    line = sent["lines"][0]
    assert (line["line"], line["mrn"], line["outcome"], line["is_new"]) == (2, "I-1", "start", True)
    assert (line["start_on"], line["last_on"], line["cycle_days"]) == ("2026-01-05", "2026-12-07", 17)
    assert not TreatmentPlan.objects.exists()
    confirmed = api.post("omar", f"plan-imports/{sent['uuid']}/confirm/", 200)
    assert (confirmed["state"], confirmed["confirmed_by"]) == ("waiting", "Omar Ortega")
    import_plans()
    done = api.get("omar", f"plan-imports/{sent['uuid']}/")
    assert (done["state"], done["done_rows"]) == ("done", 2)
    assert done["lines"][0]["plan"] == str(TreatmentPlan.objects.get(patient__mrn="I-1").uuid)
    listed = api.get("omar", "plan-imports/")["results"]
    assert [one["uuid"] for one in listed] == [sent["uuid"]]
    assert "lines" not in listed[0]


def test_a_refused_line_is_a_409_to_confirm_and_can_be_withdrawn():
    sent = api.post("omar", "plan-imports/", 201, text=sheet(person(2, start_on="soon")))
    assert "start_on: “soon” is no date" in sent["lines"][0]["refusals"][0]
    error = api.post("omar", f"plan-imports/{sent['uuid']}/confirm/", 409)["error"]
    assert error["code"] == "lines-refused"
    assert api.post("omar", f"plan-imports/{sent['uuid']}/withdraw/", 200)["state"] == "withdrawn"
    assert api.post("omar", f"plan-imports/{sent['uuid']}/withdraw/", 409)["error"]["code"] == "import-moved-on"


@pytest.mark.parametrize("text", ["", "mrn\n", "mrn,name\n1,2\n", "a\0b", 'mrn\n"1', 7, None, ["x"]])
def test_what_is_no_table_is_a_400_that_names_the_field(text):
    error = api.post("omar", "plan-imports/", 400, text=text)["error"]
    assert "text" in error["fields"]
    assert not PlanImport.objects.exists()


def test_half_a_character_is_a_400():
    answer = api.client("omar").post("/api/v1/plan-imports/", r'{"text": "\ud800"}', content_type="application/json")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["text"])


def test_a_text_that_is_too_long_is_a_400():
    assert "text" in api.post("omar", "plan-imports/", 400, text="x" * (5 * 1024 * 1024 + 1))["error"]["fields"]
