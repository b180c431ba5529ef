"""The pages and the API of LVEF results from a file: sent, answered, typed again, recorded."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from her2tracker.lib import sheets
from monitoring.models import LvefAssessment, ResultImport
from monitoring.tasks import import_results
from tests import api, make
from tests.monitoring.result_files import result, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-04-30 09:00", tick=False)


@pytest.fixture
def cora() -> Client:
    client = Client()
    client.force_login(make.person("cora"))
    return client


def upload(client: Client, content: str | bytes):
    content = content if isinstance(content, bytes) else content.encode()
    return client.post("/lvef/import/", {"file": SimpleUploadedFile("results.csv", content)}, follow=True)


def test_a_file_is_answered_line_by_line_and_recorded(cora):
    anna = make.patient()
    shown = upload(cora, sheet(result(anna))).content.decode()
    row = ResultImport.objects.get()
    assert "Nothing is recorded yet. 1 result would be recorded and judged at once" in shown
    assert anna.mrn in shown
    waiting = cora.post(f"/lvef/import/{row.uuid}/confirm/", follow=True).content.decode()
    assert "It begins within a quarter of a minute" in waiting
    import_results()
    assert "1 result recorded and judged" in cora.get(f"/lvef/import/{row.uuid}/").content.decode()
    assert LvefAssessment.objects.get().patient == anna


def test_a_figure_that_is_not_typed_again_is_said_beside_its_field(cora):
    anna = make.patient()
    upload(cora, sheet(result(anna, 44)))
    row = ResultImport.objects.get()
    address = f"/lvef/import/{row.uuid}/confirm/"
    for typed, said in (
        ("", "type the figure again from the report"),
        ("47", "The file says 44 %, and you typed 47 %"),
    ):
        answer = cora.post(address, {"line-2": typed})
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert cora.post(address, {"line-2": "44"}).status_code == 302
    assert import_results() == 1


def test_a_refused_line_leaves_no_button_to_record(cora):
    shown = upload(cora, sheet(result("NOBODY"))).content.decode()
    assert "1 line is refused, so nothing can be recorded" in shown
    assert "result-import-confirm" not in shown
    assert 'form="confirm"' not in shown


def test_the_report_runs_no_formula(cora):
    upload(cora, sheet(result('=HYPERLINK("x")', name="@SUM(1)")))
    report = cora.get(f"/lvef/import/{ResultImport.objects.get().uuid}/report.csv")
    assert report["Content-Type"] == "text/csv; charset=utf-8"
    cells = [cell for line in csv.reader(io.StringIO(report.content.decode())) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert '\'=HYPERLINK("x")' in cells


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"mrn,lvef\n\xff\n", "not UTF-8"), (b"a\0b", "NUL"), (b"", "The file is empty"),
        (b"PK\x03\x04" + b"\0" * 40, "NUL"),  # a spreadsheet's own format, or anything else that is packed
    ],
    ids=["not utf-8", "nul", "empty", "zip"],
)  # fmt: skip
def test_a_poisoned_file_is_refused_beside_its_field(cora, content, said):
    answer = upload(cora, content)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not ResultImport.objects.exists()


def test_a_large_file_is_refused_unread(cora, monkeypatch):
    monkeypatch.setattr(sheets, "decode", lambda _: pytest.fail("it was read"))
    answer = upload(cora, b"x" * (sheets.LARGEST_BYTES + 1))
    assert answer.status_code == 422
    assert "at most 5 MB are read" in answer.content.decode()


def test_the_example_can_be_read(cora):
    text = cora.get("/lvef/import/example.csv").content.decode()
    assert "2 lines are refused" in upload(cora, text).content.decode()  # nobody has its MRNs


def test_the_queue_and_the_patients_lead_there(cora):
    for address in ("/queue/", "/patients/"):
        assert 'href="/lvef/import/"' in cora.get(address).content.decode()


def test_the_same_over_the_api():
    anna = make.patient()
    make.lvef(anna, 62, date(2026, 1, 2))
    sent = api.post("cora", "result-imports/", 201, text=sheet(result(anna, 51)), file_name="ours.csv")
    assert (sent["state"], sent["counts"]["again"]) == ("checked", 1)
    line = sent["lines"][0]
    assert (line["outcome"], line["lvef"], line["patient"]) == ("new", "51 %", str(anna.uuid))
    address = f"result-imports/{sent['uuid']}/"
    refused = api.post("cora", f"{address}confirm/", 409)["error"]
    assert (refused["code"], list(refused["fields"])) == ("type-again", ["line-2"])
    api.post("cora", f"{address}confirm/", 200, again=[{"line": 2, "lvef": "51"}])
    import_results()
    assert api.get("cora", address)["state"] == "done"
    assert [one["uuid"] for one in api.get("cora", "result-imports/")["results"]] == [sent["uuid"]]
    assert api.post("cora", f"{address}withdraw/", 409)["error"]["code"] == "import-moved-on"
    assert "text" in api.post("cora", "result-imports/", 400, text="mrn\n1\n")["error"]["fields"]
