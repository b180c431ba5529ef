"""Without a mouse, and without JavaScript: the same work gets done."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from scheduling.actions import regimens
from scheduling.models import TreatmentPlan
from scheduling.words import DayState
from tests import make
from tests.browser.conftest import OpenAs, row_of

TODAY = date(2026, 1, 5)
TABS_AT_MOST = 60


def tab_to(page: Page, words: str) -> int:
    """Press Tab until the focus stands on what says these words; how often."""
    for pressed in range(1, TABS_AT_MOST):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.innerText || ''"):
            return pressed
    raise AssertionError(f"Tab does not reach “{words}”")


def test_a_slash_goes_to_search_and_enter_finds_the_patient(open_as: OpenAs) -> None:
    plan = make.plan(start=TODAY, of=make.patient(family_name="Rowanberry"))
    page = open_as("nora")
    page.keyboard.press("/")
    expect(page.get_by_label("Find a patient by name, MRN or phone")).to_be_focused()
    page.keyboard.type("rowanb")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/?q=rowanb")
    expect(page.get_by_text(plan.patient.mrn).first).to_be_visible()


def test_an_infusion_is_recorded_with_the_keyboard_alone(open_as: OpenAs) -> None:
    plan = make.plan(start=TODAY, kg=70)
    page = open_as("nora")
    tab_to(page, "Record …")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is visible"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Due on Mon 5 Jan 2026")).to_be_visible()
    page.get_by_label("Product", exact=True).focus()
    page.keyboard.press("ArrowDown")  # the first of the list; no mouse
    tab_to(page, "Record cycle 1 as given on Mon 5 Jan 2026")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Recorded cycle 1 as given on Mon 5 Jan 2026.")).to_be_visible()
    assert make.cycle(plan, 1).state == DayState.GIVEN


def test_the_first_tab_skips_to_the_page(open_as: OpenAs) -> None:
    page = open_as("nora")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_without_javascript_an_infusion_is_recorded(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 15), given=1, kg=70)
    page = open_as("nora", java_script_enabled=False)
    row_of(page, plan.patient.mrn).get_by_role("link", name="Record …").click()
    page.get_by_label("Lot").fill("LOT-4711")
    page.get_by_label("Product", exact=True).select_option("Herceptin (trastuzumab)")
    page.get_by_role("button", name="Record cycle 2 as given on Mon 5 Jan 2026").click()
    expect(page.get_by_text("Recorded cycle 2 as given on Mon 5 Jan 2026.")).to_be_visible()


def test_without_javascript_a_delay_is_looked_at_and_made(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 15), given=1, kg=70)
    page = open_as("cora", f"/cycle-days/{make.cycle(plan, 2).uuid}/delay/", java_script_enabled=False)
    page.get_by_label("Another date").fill("2026-01-13")
    page.get_by_role("button", name="Show what moves").click()
    expect(page.get_by_role("table", name="What moves")).to_contain_text("Re-load")
    page.get_by_label("Why it is delayed").select_option(label="Patient choice")
    page.get_by_role("button", name="Delay cycle 2 to Tue 13 Jan 2026").click()
    assert make.cycle(plan, 2).planned_on == date(2026, 1, 13)


@pytest.mark.parametrize(("start", "last"), [("2026-01-05", "Mon 7 Dec 2026"), ("2026-01-07", "Wed 9 Dec 2026")])
def test_without_javascript_a_new_plan_is_previewed_and_started(open_as: OpenAs, start: str, last: str) -> None:
    statement = "Checked against the current label for this test."
    version = make.regimen("trastuzumab-q3w-17")
    regimens.sign_off(by=make.person("omar"), regimen=version, statement=statement)
    anna = make.patient()
    make.weight(anna, 70, TODAY)
    make.lvef(anna, 62, date(2025, 12, 29))
    page = open_as("omar", f"/patients/{anna.uuid}/plans/new/", java_script_enabled=False)
    page.get_by_label("Regimen").select_option(value="trastuzumab-q3w-17")
    page.get_by_label("Setting").select_option(label="Adjuvant")
    page.get_by_label("First dose here on").fill(start)
    page.get_by_role("button", name="Preview plan").last.click()
    expect(page.locator("#preview h2").first).to_contain_text(f"to {last}")
    assert not TreatmentPlan.objects.exists()
    page.get_by_role("button", name="Start plan").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Trastuzumab")
    assert TreatmentPlan.objects.get().cycle_days.count() == 17
