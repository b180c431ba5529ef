"""The laboratory's own report beside a result, on the page and over HTTP."""

from __future__ import annotations

import base64
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from her2tracker.accounts.access import Denied
from her2tracker.audit.models import Act
from monitoring.actions import report_files
from monitoring.core import report_file
from monitoring.models import LvefAssessment, ReportFile
from tests import make

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\ninvented report"
START = date(2026, 1, 5)


def signed_in(who: str) -> Client:
    client = Client()
    client.force_login(make.person(who))
    return client


@pytest.fixture
def row() -> LvefAssessment:
    return make.lvef(make.patient(), 62, make.site().today() - timedelta(days=1))


def typed(**more: object) -> dict[str, object]:
    on = make.site().today() - timedelta(days=1)
    return {"lvef": "62", "performed_on": str(on), "modality": "echo-2d", "symptoms": "none", "lab": "Echo lab"} | more


def test_a_result_is_recorded_with_its_report_and_the_report_is_read_again():
    anna, cora = make.patient(), signed_in("cora")
    file = SimpleUploadedFile("C:\\scans\\Anna's echo.pdf", PDF, "application/octet-stream")
    answer = cora.post(reverse("assessment-new", args=[anna.uuid]), typed(report=file))
    assert answer.status_code == 302, answer.content.decode()[-500:]
    kept = ReportFile.objects.get()
    assert (kept.name, kept.format, kept.size) == ("Anna's echo.pdf", "pdf", len(PDF))
    assert "Anna&#x27;s echo.pdf" in cora.get(answer["Location"]).content.decode()
    omar = signed_in("omar")
    sent = omar.get(reverse("report-file", args=[kept.uuid]))
    assert sent.content == PDF
    assert sent["Content-Type"] == "application/pdf"
    assert sent["Content-Disposition"].startswith("attachment;")
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert Act.objects.get(verb="report.opened").by_name == str(make.person("omar"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script>", "Only a PDF, a PNG or a JPEG"),
        (b"PK\x03\x04 a zip called pdf", "Only a PDF, a PNG or a JPEG"),
        (PDF + b"x" * report_file.LARGEST_BYTES, "at most 5 MB"),
    ],
    ids=["empty", "html", "zip", "too large"],
)
def test_what_is_no_report_keeps_the_result_from_being_half_recorded(content: bytes, said: str):
    anna = make.patient()
    file = SimpleUploadedFile("echo.pdf", content, "application/pdf")
    answer = signed_in("cora").post(reverse("assessment-new", args=[anna.uuid]), typed(report=file))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not LvefAssessment.objects.filter(patient=anna).exists()


def test_a_file_is_added_later_once_and_five_at_most(row: LvefAssessment):
    cora, address = signed_in("cora"), reverse("report-attach", args=[row.uuid])
    for number in range(5):
        cora.post(address, {"report": SimpleUploadedFile("a.pdf", PDF + bytes([number]))})
    assert row.report_files.count() == 5
    page = cora.post(address, {"report": SimpleUploadedFile("a.pdf", PDF + b"\x00")}, follow=True).content.decode()
    assert "kept with this result already" in page
    page = cora.post(address, {"report": SimpleUploadedFile("a.pdf", PDF + b"more")}, follow=True).content.decode()
    assert "keeps 5 files at most" in page
    assert "Choose a file." in cora.post(address, {}, follow=True).content.decode()
    assert row.report_files.count() == 5


def test_a_program_keeps_and_reads_a_report(row: LvefAssessment):
    cora = signed_in("cora")
    body = {"name": "echo.pdf", "content": base64.b64encode(PDF).decode()}
    made = cora.post(f"/api/v1/lvef/{row.uuid}/reports/", body, content_type="application/json")
    assert made.status_code == 201
    again = cora.post(f"/api/v1/lvef/{row.uuid}/reports/", body, content_type="application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already-there")
    [listed] = cora.get(f"/api/v1/lvef/{row.uuid}/reports/").json()
    assert "content" not in listed
    read = cora.get(f"/api/v1/lvef-reports/{listed['uuid']}/").json()
    assert base64.b64decode(read["content"]) == PDF
    bad = cora.post(f"/api/v1/lvef/{row.uuid}/reports/", body | {"content": "§"}, content_type="application/json")
    assert bad.status_code == 400


def test_another_site_and_another_role_get_nothing(row: LvefAssessment):
    kept = report_files.attach(by=make.person("cora"), assessment=row, name="", content=PDF)
    assert kept.name == "report"
    elsewhere = Client()
    elsewhere.force_login(make.person("omar", make.site(name="Elsewhere")))
    assert elsewhere.get(reverse("report-file", args=[kept.uuid])).status_code == 404
    assert signed_in("ada").get(reverse("report-file", args=[kept.uuid])).status_code == 403
    with pytest.raises(Denied):
        report_files.attach(by=make.person("pia"), assessment=row, name="x", content=PDF + b"2")


def test_the_history_has_the_digest_and_not_the_bytes(row: LvefAssessment):
    report_files.attach(by=make.person("cora"), assessment=row, name="echo.pdf", content=PDF)
    event = ReportFile.pgh_event_model.objects.get()
    assert event.sha256 == ReportFile.objects.get().sha256
    assert not hasattr(event, "content")
