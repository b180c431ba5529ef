"""Nora asks, Nils sees it on Today and checks blind; a wrong figure stops both, the right one opens the record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from playwright.sync_api import Page, expect

from scheduling.models import CycleDay, SitePolicy
from scheduling.words import DayState
from tests import make
from tests.browser.conftest import OpenAs

TODAY = date(2026, 1, 5)
GTIN = "09506000134352"  # the one GS1 keeps for examples


def due_today() -> CycleDay:
    """The second cycle: 6 mg/kg × 70 kg = 420 mg, 21 days after the first. The site asks for a second check."""
    row = make.cycle(make.plan(start=date(2025, 12, 15), given=1, kg=70), 2)
    SitePolicy.objects.update_or_create(site=make.site(), defaults={"second_check_required": True})
    return row


def do_the_check(page: Page, figure: str) -> None:
    page.get_by_label("Trastuzumab: your own figure in mg").fill(figure)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Sign the second check").click()


def test_two_nurses_check_one_infusion_and_only_agreement_opens_the_record(open_as: OpenAs) -> None:
    row = due_today()
    nils, nora = open_as("nils", "/today/"), open_as("nora", f"/cycle-days/{row.uuid}/")
    expect(nora.get_by_role("button", name="Record cycle 2")).to_have_count(0)
    nora.get_by_role("button", name="Request check").click()
    expect(nora.get_by_role("heading", name="Second check asked for")).to_be_visible()
    expect(nora.get_by_role("link", name="Do the second check …")).to_have_count(0)

    line = nils.locator(".checks-waiting li")
    expect(line).to_contain_text(row.plan.patient.mrn, timeout=30_000)  # without reloading
    expect(line).to_contain_text("17 May 1970")
    line.get_by_role("link", name="Check …").click()
    expect(nils.get_by_role("heading", name="What it follows from")).to_be_visible()
    expect(nils.locator("main")).to_contain_text("6 mg/kg")
    assert "420" not in nils.locator("main").inner_text()
    do_the_check(nils, "480")
    for page in (nils, nora):  # hers reads itself again
        expect(page.get_by_role("heading", name="The second check differs")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("region", name="Both figures")).to_contain_text("420 mg")
        expect(page.get_by_role("region", name="Both figures")).to_contain_text("480 mg")
        expect(page.get_by_role("button", name="Record cycle 2")).to_have_count(0)

    nora.get_by_role("button", name="Request a new check").click()
    nils.goto("/second-checks/")
    nils.get_by_role("link", name="Check …").click()
    do_the_check(nils, "420")
    expect(nils.get_by_text("The second check agrees")).to_be_visible()
    nora.get_by_label("Product", exact=True).select_option("Herceptin (trastuzumab)")  # the page opened by itself
    nora.get_by_role("button", name="Record cycle 2 as given on").click()
    expect(nora.get_by_text("Recorded cycle 2 as given on Mon 5 Jan 2026.")).to_be_visible()
    row.refresh_from_db()
    assert row.state == DayState.GIVEN
    assert row.administrations.get().given_mg == Decimal(420)


def scan(page: Page, code: str) -> None:
    """As a scanner does: keys, Ctrl + ] for the separator, Enter."""
    page.get_by_label("Scan wristband or bag").focus()
    for number, part in enumerate(code.split("\x1d")):
        if number:
            page.keyboard.press("Control+]")
        page.keyboard.type(part)
    page.keyboard.press("Enter")


def test_a_wrong_wristband_stops_it_the_right_one_opens_it_and_a_bag_fills_lot_and_expiry(open_as: OpenAs) -> None:
    row = make.cycle(make.plan(start=date(2025, 12, 15), given=1, kg=70), 2)
    patient, other = row.plan.patient, make.patient()
    page = open_as("nora", f"/cycle-days/{row.uuid}/")
    scan(page, other.mrn)
    told = page.get_by_role("alert").filter(has_text="Wrong patient.")
    expect(told).to_contain_text(f"it is not that of {patient}, MRN {patient.mrn}")
    expect(page.get_by_role("button", name="Record cycle 2")).to_have_count(0)
    scan(page, patient.mrn)
    expect(page.get_by_text("Identity: the wristband is the right one.")).to_be_visible()

    page.get_by_label("Started").fill("09:15")
    scan(page, f"]d201{GTIN}1727123110AB-77\x1d21S1")
    expect(page.get_by_label("Lot")).to_have_value("AB-77")
    expect(page.get_by_label("Expires on")).to_have_value("2027-12-31")
    expect(page.get_by_label("Started")).to_have_value("09:15")  # what was typed stays
    scan(page, f"(01){GTIN}(17)260104(10)OLD")
    expect(page.get_by_text("Expired: this bag says Sun 4 Jan 2026. Do not hang it.")).to_be_visible()
    expect(page.get_by_label("Lot")).to_have_value("AB-77")


def test_scanning_works_without_javascript(open_as: OpenAs) -> None:
    row = make.cycle(make.plan(start=date(2025, 12, 15), given=1, kg=70), 2)
    page = open_as("nora", f"/cycle-days/{row.uuid}/", java_script_enabled=False)
    page.get_by_label("Scan wristband or bag").fill(make.patient().mrn)
    page.get_by_role("button", name="Read code").click()
    expect(page.get_by_role("alert").filter(has_text="Wrong patient.").first).to_be_visible()
    page.get_by_label("Scan wristband or bag").fill(row.plan.patient.mrn)
    page.get_by_role("button", name="Read code").click()
    expect(page.get_by_text("Identity: the wristband is the right one.")).to_be_visible()
    expect(page.get_by_role("button", name="Record cycle 2 as given on")).to_be_visible()
