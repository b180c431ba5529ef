"""From a pharmacist's file to a patient's plan: written by one, signed by two others, and nothing a string hides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, expect

from scheduling.models import RegimenDraft, TreatmentPlan
from tests import make
from tests.browser.conftest import OpenAs

TODAY = date(2026, 1, 5)
KEY = "own-trastuzumab"


def upload(page: Page, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    page.get_by_label("Upload a TOML file").set_input_files(path)
    page.get_by_role("button", name="Save draft").click()


def sign(page: Page) -> None:
    page.get_by_role("link", name="Read and sign the rehearsal").click()
    page.get_by_label("What you checked it against").fill("The current label, read today.")
    page.get_by_role("button", name="Sign the rehearsal").click()


def test_a_file_becomes_a_regimen_that_a_patient_is_started_on(open_as: OpenAs, tmp_path: Path) -> None:
    make.published()
    pia = open_as("pia", "/regimens/")
    pia.get_by_role("link", name="Drafts").click()
    expect(pia.get_by_text("Nothing is being written")).to_be_visible()
    pia.get_by_role("link", name="New regimen").click()

    good = make.file("trastuzumab-q3w-17", own=KEY)
    upload(pia, tmp_path / "bad.toml", good.replace("mg_per_kg = 6\n", 'mg_per_kg = "6(8) mg/kg"\n', 1))
    expect(pia.get_by_text("holds the text “6(8) mg/kg”").first).to_be_visible()
    assert not RegimenDraft.objects.exists(), "nothing is kept of a file that is not understood"
    upload(pia, tmp_path / "own-trastuzumab.toml", good)
    expect(pia.get_by_role("heading", name="Submit for review")).to_be_visible()
    expect(pia.get_by_text("Nobody can be started on it.")).to_be_visible()

    pia.get_by_label("What changes, and why").fill("The shipped regimen under our own name.")
    pia.get_by_role("button", name="Submit for review").click()
    expect(pia.get_by_text("Under review.")).to_be_visible()
    pia.get_by_role("link", name="Read the rehearsal").click()
    for heaviness in ("40 kg", "68 kg", "120 kg"):
        expect(pia.get_by_text(heaviness).first).to_be_visible()
    # 8 mg/kg of 68 kg, then 6; a delay of eight days loads again
    for words in ("544\u2009mg", "408\u2009mg"):
        expect(pia.get_by_text(words).first).to_be_visible()
    expect(pia.get_by_text("Re-load").first).to_be_visible()
    expect(pia.get_by_role("button", name="Sign the rehearsal")).to_have_count(0)

    address = f"/regimens/drafts/{RegimenDraft.objects.get().uuid}/"
    omar, olivia = open_as("omar", address), open_as("olivia", address)
    sign(omar)
    expect(omar.get_by_role("definition").filter(has_text="Omar Ortega, Mon 5 Jan 2026")).to_be_visible()
    olivia.reload()
    expect(olivia.get_by_text("Waits for one more signature", exact=False)).to_be_visible()
    sign(olivia)
    expect(olivia.get_by_text("Published").first).to_be_visible()
    pia.goto(address)
    expect(pia.get_by_text("Published as")).to_be_visible()

    order(omar)


def order(omar: Page) -> None:
    """Figures no document bears are signed off; then the plan is as the file says."""
    anna = make.patient()
    make.weight(anna, 70, TODAY)
    make.lvef(anna, 62, date(2025, 12, 29))
    make.ready(anna, TODAY)
    omar.goto(f"/regimens/{KEY}/1/")
    omar.get_by_label("What you checked").fill("Checked with the pharmacy, 2026.")
    omar.get_by_role("button", name="Sign off").click()
    expect(omar.get_by_text("it can be ordered here")).to_be_visible()

    omar.goto(f"/patients/{anna.uuid}/plans/new/?regimen={KEY}")
    expect(omar.get_by_role("button", name="Start plan")).to_be_visible()
    omar.get_by_role("button", name="Start plan").click()
    expect(omar.get_by_role("heading", level=1)).to_contain_text("Trastuzumab")
    plan = TreatmentPlan.objects.get()
    assert (plan.regimen.key, plan.cycle_days.count()) == (KEY, 17)
    first = plan.cycle_days.get(cycle=1).administrations.get()
    assert first.planned_mg == Decimal(560)  # 8 mg/kg of 70 kg
