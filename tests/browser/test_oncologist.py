"""Omar between patients: a plan in under two minutes, a fall decided, a plan resumed with its eyes open."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from scheduling.actions import regimens
from scheduling.models import Patient, TreatmentPlan
from tests import make
from tests.browser.conftest import OpenAs, row_of

TODAY = date(2026, 1, 5)
# At an unhurried five seconds a press, two minutes are 24.
PRESSES_IN_TWO_MINUTES = 24


class Hand:
    """A hand on mouse and keyboard that counts what it does."""

    def __init__(self) -> None:
        self.presses = 0

    def press(self, what: Locator) -> None:
        self.presses += 1
        what.click()

    def write(self, field: Locator, words: str) -> None:
        self.presses += 1
        field.fill(words)

    def choose(self, field: Locator, label: str) -> None:
        self.presses += 1
        field.select_option(label=label)


@pytest.fixture
def anna() -> Patient:
    """Weighed at 70 kg, with a normal baseline; her regimens may be ordered."""
    for key in ("trastuzumab-q3w-17", "trastuzumab-pertuzumab"):
        statement = "Checked against the current label for this test."
        regimens.sign_off(by=make.person("omar"), regimen=make.regimen(key), statement=statement)
    anna = make.patient()
    make.weight(anna, 70, TODAY)
    make.lvef(anna, 62, date(2025, 12, 29))
    return anna


def describe_tumour(hand: Hand, page: Page) -> None:
    for label in ("HER2", "ER", "PR"):
        hand.choose(page.get_by_label(label, exact=True), "Positive")
    hand.write(page.get_by_label("Size"), "31")
    hand.write(page.get_by_label("Positive lymph nodes"), "2")
    hand.choose(page.get_by_label("Treated before surgery against HER2"), "No")
    hand.choose(page.get_by_label("Invasive disease left at surgery"), "None")
    hand.press(page.get_by_role("button", name="Save tumour profile"))


def test_a_new_plan_takes_less_than_two_minutes_from_the_chart(open_as: OpenAs, anna: Patient) -> None:
    hand, page = Hand(), open_as("omar", f"/patients/{anna.uuid}/")
    hand.press(page.get_by_role("link", name="New plan"))
    hand.press(page.get_by_role("link", name="Record the tumour profile"))
    describe_tumour(hand, page)
    with page.expect_navigation():
        hand.press(page.get_by_role("button", name="Choose Trastuzumab and pertuzumab"))
    hand.choose(page.get_by_label("Setting"), "Adjuvant")

    preview = page.locator("#preview")
    expect(preview).to_contain_text("18 infusions")
    expect(page.locator(".field-invalid")).to_have_count(0)
    expect(preview.get_by_role("heading", level=2).first).to_have_text("Mon 5 Jan 2026 to Mon 28 Dec 2026")
    expect(preview).to_contain_text("560\u2009mg")  # trastuzumab, 8 mg/kg × 70 kg
    expect(preview).to_contain_text("840\u2009mg")  # pertuzumab's loading dose
    hand.write(page.get_by_label("First dose here on"), "2026-01-12")
    page.get_by_label("First dose here on").blur()
    expect(preview.get_by_role("heading", level=2).first).to_have_text("Mon 12 Jan 2026 to Mon 4 Jan 2027")
    assert not TreatmentPlan.objects.exists(), "a preview saves nothing"

    hand.press(page.get_by_role("button", name="Start plan"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("pertuzumab")
    assert hand.presses <= PRESSES_IN_TWO_MINUTES
    expect(page.locator("svg").filter(has_text="Jan").first).to_be_visible()
    assert TreatmentPlan.objects.get().cycle_days.count() == 18
    for first_and_last in ("Mon 12 Jan 2026", "Mon 4 Jan 2027"):
        expect(page.locator("table").get_by_text(first_and_last).first).to_be_visible()


def test_one_year_of_trastuzumab_is_seventeen_dates_on_a_timeline(open_as: OpenAs) -> None:
    plan = make.plan(start=TODAY)
    page = open_as("omar", f"/plans/{plan.uuid}/")
    expect(page.get_by_role("table").filter(has_text="of 17").or_(page.locator("table")).first).to_be_visible()
    expect(page.get_by_text("Mon 7 Dec 2026").first).to_be_visible()  # 5 Jan + 16 × 21 days
    assert plan.cycle_days.count() == 17


def test_a_fall_is_judged_flagged_decided_and_the_nurse_sees_the_hold(open_as: OpenAs) -> None:
    plan = make.plan("trastuzumab-pertuzumab", start=date(2025, 12, 15), given=1, baseline=62)
    cora = open_as("cora", f"/patients/{plan.patient.uuid}/lvef/new/")
    cora.get_by_label("LVEF", exact=True).fill("47")
    cora.get_by_role("button", name="Record LVEF").click()
    expect(cora.get_by_label("LVEF again")).to_be_visible()  # below 50: typed twice
    cora.get_by_label("LVEF again").fill("74")
    cora.get_by_role("button", name="Record LVEF").click()
    expect(cora.get_by_text("look at the report and correct one").first).to_be_visible()
    cora.get_by_label("LVEF again").fill("47")
    cora.get_by_role("button", name="Record LVEF").click()
    expect(cora.get_by_role("heading", level=1)).to_contain_text("47")
    expect(cora.get_by_text("Withhold advised").first).to_be_visible()
    expect(cora.get_by_text("This flag waits for an oncologist's decision")).to_be_visible()

    omar = open_as("omar")
    card = omar.locator("article.flag").filter(has_text=plan.patient.mrn)
    for words in ("Withhold advised", "TODAY, Mon 5 Jan 2026", "62", "47"):
        expect(card).to_contain_text(words)
    card.get_by_text("Hold …").click()
    expect(card.get_by_text("Repeat LVEF due Mon 26 Jan 2026.")).to_be_visible()  # 3 weeks, the pertuzumab label
    card.get_by_label("Reason").first.select_option(label="Rule met")
    card.get_by_role("button", name="Hold plan").click()
    expect(omar.get_by_text("No flag waits for a decision")).to_be_visible()

    row = row_of(open_as("nora"), plan.patient.mrn)
    expect(row.locator(".state-hold")).to_contain_text("On hold")
    expect(row.get_by_role("link", name="Record …")).to_have_count(0)


def test_resuming_says_what_is_loaded_again(open_as: OpenAs, clock: time_machine.Traveller) -> None:
    plan = make.plan("trastuzumab-pertuzumab", start=date(2025, 12, 15), given=1, kg=70)
    held = open_as("omar", f"/plans/{plan.uuid}/hold/")
    held.get_by_label("Why treatment stops").select_option(label="Fall of LVEF")
    held.get_by_role("button", name="Hold plan").click()
    expect(held.get_by_text("On hold since Mon 5 Jan 2026").first).to_be_visible()

    clock.move_to("2026-01-26T08:00:00Z")  # 42 days after the last dose: both agents are loaded again
    make.lvef(plan.patient, 58, date(2026, 1, 26))
    omar = open_as("omar", f"/plans/{plan.uuid}/resume/")
    due = omar.get_by_role("table", name="What is due when treatment goes on")
    expect(due.get_by_role("row").filter(has_text="Trastuzumab").first).to_contain_text("560\u2009mg")
    expect(due.get_by_role("row").filter(has_text="Pertuzumab").first).to_contain_text("840\u2009mg")
    expect(due.get_by_text("Re-load").first).to_be_visible()
    omar.get_by_label("Why treatment may go on").fill("LVEF 58 % on repeat, cardiology agrees.")
    omar.get_by_role("button", name="Resume plan").click()
    expect(omar.get_by_role("button", name="Resume plan")).to_have_count(0)

    row = row_of(open_as("nora"), plan.patient.mrn)
    expect(row.get_by_text("Re-load", exact=True)).to_have_count(2)
