"""A coordinator gives a card away and an oncologist elsewhere goes on with it; a lab's list with one bad line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitoring.models import LvefAssessment
from monitoring.tasks import import_results
from scheduling.models import TreatmentPlan
from tests import make
from tests.browser.conftest import OpenAs
from tests.monitoring.result_files import result, sheet

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_card_is_downloaded_here_and_taken_over_there(open_as: OpenAs, tmp_path: Path) -> None:
    today = make.site().today()
    plan = make.plan("trastuzumab-pertuzumab", start=today.replace(year=today.year - 1, month=12, day=1), given=1)
    second = make.site(name="Second hospital")
    make.signed_off("trastuzumab-pertuzumab", second)
    cora = open_as("cora", f"/plans/{plan.uuid}/")
    cora.get_by_role("link", name="Handover card").click()
    cora.get_by_role("heading", name="Handover card").wait_for()
    with cora.expect_download() as download:
        cora.get_by_role("link", name="Download the file").click()
    file = tmp_path / "card.json"
    download.value.save_as(file)

    omar = open_as(make.person("omar", second), "/cards/")
    omar.get_by_label("Card’s file").set_input_files(file)
    omar.get_by_role("button", name="Read the card").click()
    omar.get_by_role("heading", name="Card of Test clinic").wait_for()
    omar.get_by_role("button", name="Show what it does").click()
    omar.get_by_text("nobody is matched by a guess").first.wait_for()
    omar.get_by_label("A new patient").check()
    omar.get_by_label("MRN of the new patient here").fill("S-1")
    omar.get_by_role("button", name="Show what it does").click()
    omar.get_by_text("Every dose still to give is the same as on the card").wait_for()
    assert TreatmentPlan.objects.count() == 1
    omar.get_by_role("button", name="Take over").click()
    omar.get_by_text("Took over the card of Test clinic.").wait_for()
    made = TreatmentPlan.objects.get(patient__mrn="S-1")
    assert made.cycle_days.first().cycle == 2
    assert made.patient.assessments.get().reported_by == "Test clinic"


def test_a_list_with_one_bad_line_is_corrected_and_recorded(open_as: OpenAs, tmp_path: Path) -> None:
    anna, berta = make.patient(), make.patient()
    cora = open_as("cora", "/queue/")
    cora.get_by_role("link", name="Import LVEF results").click()
    day = {"performed_on": "2026-01-02"}
    _send(cora, tmp_path, result(anna, 61, **day), result(berta, 44, **day) | {"born_on": "1970-05-18"})
    cora.get_by_text("1 line is refused, so nothing can be recorded.").wait_for()
    cora.get_by_text("was born on another day by the record").wait_for()
    assert cora.get_by_role("button", name="Record").count() == 0
    cora.get_by_role("link", name="Import LVEF results").click()
    _send(cora, tmp_path, result(anna, 61, **day), result(berta, 44, **day))
    field = cora.get_by_label(f"Line 3: {berta}")
    field.fill("47")
    cora.get_by_role("button", name="Record 2 results").click()
    cora.get_by_text("The file says 44 %, and you typed 47 %").wait_for()
    cora.get_by_label(f"Line 3: {berta}").fill("44")
    cora.get_by_role("button", name="Record 2 results").click()
    cora.get_by_text("It begins within a quarter of a minute").wait_for()
    assert import_results() == 1
    cora.get_by_text("2 results recorded and judged").wait_for()  # the page looks again by itself
    assert LvefAssessment.objects.count() == 2


def _send(page: Any, folder: Path, *rows: dict[str, Any]) -> None:
    file = folder / "results.csv"
    file.write_text(sheet(*rows), encoding="utf-8")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
