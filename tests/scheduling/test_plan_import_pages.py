"""The pages of a file of patients and plans: sent, answered, confirmed, and seen through."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from her2tracker.lib import sheets
from scheduling.actions import plan_imports
from scheduling.core import intake
from scheduling.models import Patient, PlanImport, TreatmentPlan
from scheduling.tasks import import_plans
from scheduling.words import ImportState
from tests import make
from tests.scheduling.pages import signed_in, words
from tests.scheduling.sheets import ANNA, person, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-01-05 09:00", tick=False)
    make.signed_off("trastuzumab-q3w-17", make.site())


def send(content: str | bytes, name: str = "plans.csv", who: str = "omar"):
    data = content.encode() if isinstance(content, str) else content
    return signed_in(who).post(reverse("plans-import"), {"file": SimpleUploadedFile(name, data, "text/csv")})


def page(row: PlanImport, query: str = "", **headers: str):
    return signed_in("omar").get(reverse("plan-import", args=[row.uuid]) + query, headers=headers)


def received(*rows: dict[str, object]) -> PlanImport:
    return plan_imports.receive(by=make.person("omar"), text=sheet(*rows), file_name="plans.csv")


def test_from_the_file_to_the_plans():
    assert "Import plans …" in words(signed_in("omar").get(reverse("patients")))
    sent = send("\ufeff" + sheet(ANNA, person(2)))
    row = PlanImport.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (302, reverse("plan-import", args=[row.uuid]))
    said = words(page(row))
    assert "Nothing is saved yet. 2 plans would start and 2 patients be registered." in said
    assert "Arnold, Anna 17 May 1970 · MRN I-1 · new" in said
    assert "version 1 Mon 5 Jan 2026 Mon 7 Dec 2026 17" in said
    assert "No baseline LVEF." in said
    assert not Patient.objects.exists()
    signed_in("omar").post(reverse("plan-import-confirm", args=[row.uuid]))
    assert "Confirmed. It begins within a quarter of a minute" in words(page(row))
    import_plans()
    said = words(page(row))
    assert "Imported Mon 5 Jan 2026 09:00: 2 plans started, 2 patients registered." in said
    plan = TreatmentPlan.objects.get(patient__mrn="I-1")
    assert reverse("plan", args=[plan.uuid]) in page(row).content.decode()


def test_refused_lines_are_shown_first_and_leave_nothing_to_press():
    row = received(ANNA, person(2, born_on="17.5.1970"))
    said = words(page(row))
    assert "1 line is refused, so nothing can be imported." in said
    assert "born_on: “17.5.1970” is no date as it is read here." in said
    assert "Arnold" not in said
    assert reverse("plan-import-confirm", args=[row.uuid]) not in page(row).content.decode()
    assert "Arnold" in words(page(row, "?show=all"))
    answer = signed_in("omar").post(reverse("plan-import-confirm", args=[row.uuid]), follow=True)
    assert "Nothing is imported while one line is refused." in words(answer)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b"mrn\n\0\n", "NUL byte"),
        ("mrn,name\n1,2\n", "Missing: family_name"),
        ('mrn\n"1\n', "No such"),
        (b"x" * (sheets.LARGEST_BYTES + 1), "at most 5 MB are read. Divide it."),
        (sheet(*(ANNA,) * (sheets.MOST_ROWS + 1)), "more than 10 000 rows"),
    ],
    ids=["empty", "utf-16", "nul", "columns", "quotes", "large", "long"],
)
def test_a_poisoned_file_is_refused_in_a_sentence_and_not_kept(content, said):
    answer = send(content)
    assert answer.status_code == 422
    told = words(answer)
    assert said in told or "quotation marks do not match" in told or "Missing:" in told
    assert "nothing was saved" in told
    assert not PlanImport.objects.exists()


def test_no_file_at_all_is_asked_for():
    answer = signed_in("omar").post(reverse("plans-import"))
    assert (answer.status_code, "Choose a file." in words(answer)) == (422, True)


def test_a_large_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr(sheets, "decode", lambda _: pytest.fail("it was read"))
    assert send(b"x" * (sheets.LARGEST_BYTES + 1)).status_code == 422


def test_while_it_is_busy_the_page_looks_again_and_shows_how_far_it_is():
    row = received(ANNA, person(2))
    plan_imports.confirm(by=make.person("omar"), plan_import=row)
    PlanImport.objects.filter(pk=row.pk).update(state=ImportState.RUNNING, done_rows=1)
    part = page(row, **{"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert 'hx-trigger="every 3s"' in part.content.decode()
    assert "1 of 2 plans written" in words(part)
    PlanImport.objects.filter(pk=row.pk).update(state=ImportState.DONE, ended_at=row.recorded_at)
    assert "hx-trigger" not in page(row, **{"HX-Request": "true"}).content.decode()


def test_what_was_refused_as_it_ran_says_why():
    row = plan_imports.confirm(by=make.person("omar"), plan_import=received(ANNA))
    make.patient(mrn="I-1", family_name="Other")
    import_plans()
    said = words(page(row))
    assert "Nothing was imported." in said
    assert "Line 2, MRN I-1: MRN I-1 is on record as Other" in said


def test_withdrawn_it_shows_nobody_any_more():
    row = received(ANNA)
    signed_in("omar").post(reverse("plan-import-withdraw", args=[row.uuid]))
    said = words(page(row))
    assert "Withdrawn: nothing was imported, and the file is forgotten." in said
    assert "Arnold" not in said
    assert "Withdrawn" in words(signed_in("omar").get(reverse("plans-import")))


def test_the_same_file_again_says_that_there_is_nothing_to_do():
    plan_imports.confirm(by=make.person("omar"), plan_import=received(ANNA))
    import_plans()
    said = words(page(received(ANNA)))
    assert "Every plan of this file is there already: nothing to do." in said
    assert "There already" in said


def test_the_report_can_be_opened_in_a_spreadsheet_without_running_anything():
    row = received(person(2, given_name="=cmd|' /C calc'!A0", born_on="x"))
    answer = signed_in("omar").get(reverse("plan-import-report", args=[row.uuid]))
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="import-report.csv"'
    assert (lines[0]["line"], lines[0]["outcome"]) == ("2", "refused")
    assert "born_on: “x” is no date" in lines[0]["refusals"]
    formula = received(person(2, family_name="=1+1", given_name="@x"))
    text = signed_in("omar").get(reverse("plan-import-report", args=[formula.uuid])).content.decode()
    assert "'=1+1, @x" in text
    assert formula.lines[0]["name"] == "=1+1, @x"


def test_the_example_is_a_file_that_can_be_imported():
    example = signed_in("omar").get(reverse("plans-import-example")).content.decode()
    send(example, "example.csv")
    row = PlanImport.objects.get()
    assert [line["refusals"] for line in row.lines] == [[], []]
    assert [line["cycle_days"] for line in row.lines] == [17, 11]


def test_the_page_and_the_guide_name_every_column():
    shown = words(signed_in("omar").get(reverse("plans-import")))
    with open("docs/how-to/import-plans.md", encoding="utf-8") as file:
        guide = file.read()
    for column in (*intake.REQUIRED, *intake.OPTIONAL):
        assert f"`{column}`" in guide, column
        if not column.endswith("_2"):
            assert column in shown, column


def test_another_sites_file_does_not_exist():
    other = make.site(name="Other clinic")
    make.signed_off("trastuzumab-q3w-17", other)
    row = plan_imports.receive(by=make.person("omar", other), text=sheet(ANNA))
    assert page(row).status_code == 404
    assert "plans.csv" not in words(signed_in("omar").get(reverse("plans-import")))


def test_who_may_not_start_plans_sees_no_way_there():
    assert "Import plans" not in words(signed_in("cora").get(reverse("patients")))
    assert signed_in("cora").get(reverse("plans-import")).status_code == 403


def test_the_list_asks_the_same_however_many_files_there_are():
    omar = signed_in("omar")
    received(ANNA)
    with CaptureQueriesContext(connection) as one:
        omar.get(reverse("plans-import"))
    for number in range(4):
        received(person(number))
    with CaptureQueriesContext(connection) as five:
        omar.get(reverse("plans-import"))
    assert len(five) == len(one)
    assert not any('"text"' in query["sql"] and "planimport" in query["sql"] for query in five.captured_queries)
