"""Dates that move: seen before they are confirmed, and never moved twice without knowing."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect

from scheduling.models import TreatmentPlan
from scheduling.words import DayState
from tests import make
from tests.browser.conftest import OpenAs

TODAY = date(2026, 1, 5)


def second_due_today() -> TreatmentPlan:
    """Seventeen from 15 Dec; the second is due today, the last on Mon 16 Nov 2026."""
    return make.plan(start=date(2025, 12, 15), given=1, kg=70)


def look_at(page: Page, on: str) -> None:
    page.get_by_label("Another date").fill(on)
    page.get_by_label("Another date").blur()


def test_seven_days_keep_the_dose_and_eight_load_again_and_nothing_is_saved_by_looking(open_as: OpenAs) -> None:
    plan = second_due_today()
    page = open_as("cora", f"/cycle-days/{make.cycle(plan, 2).uuid}/delay/")
    look_at(page, "2026-01-12")
    moves = page.get_by_role("table", name="What moves")
    second = moves.get_by_role("row").filter(has_text="Cycle 2")
    for words in ("Mon 5 Jan 2026", "Mon 12 Jan 2026", "420\u2009mg"):
        expect(second).to_contain_text(words)
    expect(moves.get_by_text("Re-load")).to_have_count(0)
    expect(moves.get_by_role("row").filter(has_text="Cycle 17")).to_contain_text("Mon 23 Nov 2026")

    look_at(page, "2026-01-13")
    expect(second).to_contain_text("560\u2009mg")
    expect(second.get_by_text("Re-load", exact=True)).to_be_visible()
    expect(second).to_contain_text("29 days since the last dose, 8 late")
    assert make.cycle(plan, 2).planned_on == TODAY, "looking saves nothing"

    page.get_by_label("Why it is delayed").select_option(label="Patient choice")
    page.get_by_role("button", name="Delay cycle 2 to Tue 13 Jan 2026").click()
    expect(page.get_by_text("The last dose is now Tue 24 Nov 2026.")).to_be_visible()
    assert make.cycle(plan, 2).planned_on == date(2026, 1, 13)
    assert make.cycle(plan, 1).done_on == date(2025, 12, 15)


def test_a_delay_without_a_reason_is_refused_beside_the_field(open_as: OpenAs) -> None:
    plan = second_due_today()
    page = open_as("nora", f"/cycle-days/{make.cycle(plan, 2).uuid}/delay/?to_on=2026-01-12")
    page.get_by_role("button", name="Delay cycle 2 to Mon 12 Jan 2026").click()
    expect(page.get_by_role("alert").filter(has_text="Choose a reason")).to_be_focused()
    assert make.cycle(plan, 2).planned_on == TODAY


def test_omitting_asks_for_a_reason_and_leaves_the_dose_out(open_as: OpenAs) -> None:
    plan = second_due_today()
    page = open_as("nora", f"/cycle-days/{make.cycle(plan, 2).uuid}/omit/")
    page.get_by_label("Why it is not given").select_option(label="Intercurrent illness")
    page.get_by_role("button", name="Omit cycle 2").click()
    expect(page.get_by_text("Omitted cycle 2. Next: Mon 26 Jan 2026.")).to_be_visible()
    omitted = make.cycle(plan, 2)
    assert (omitted.state, omitted.omission_reason) == (DayState.OMITTED, "intercurrent-illness")


def test_the_second_to_record_the_same_infusion_is_told_who_was_first_and_when(open_as: OpenAs) -> None:
    plan = second_due_today()
    address = f"/cycle-days/{make.cycle(plan, 2).uuid}/"
    nora, omar = open_as("nora", address), open_as("omar", address)
    for page in (nora, omar):
        expect(page.get_by_role("button", name="Record cycle 2 as given on Mon 5 Jan 2026")).to_be_visible()
    nora.get_by_label("Product", exact=True).select_option("Herceptin (trastuzumab)")
    omar.get_by_label("Product", exact=True).select_option("Herceptin (trastuzumab)")
    nora.get_by_role("button", name="Record cycle 2").click()
    expect(nora.get_by_text("Recorded cycle 2 as given on Mon 5 Jan 2026.")).to_be_visible()
    omar.get_by_role("button", name="Record cycle 2").click()
    told = omar.get_by_text("Changed since you opened this page.").locator("xpath=ancestor::div[1]").first
    expect(told).to_contain_text("Nora Nilsen")
    expect(told).to_contain_text("07:2")
    assert make.cycle(plan, 2).decided_by == make.person("nora")


def test_the_second_to_delay_a_plan_is_refused_and_sees_what_the_first_did(open_as: OpenAs) -> None:
    plan = second_due_today()
    address = f"/cycle-days/{make.cycle(plan, 2).uuid}/delay/?to_on=2026-01-"
    nora, cora = open_as("nora", address + "07"), open_as("cora", address + "12")
    nora.get_by_label("Why it is delayed").select_option(label="No chair free")
    nora.get_by_role("button", name="Delay cycle 2").click()
    expect(nora.get_by_text("Delayed cycle 2 to Wed 7 Jan 2026.")).to_be_visible()
    cora.get_by_label("Why it is delayed").select_option(label="Patient choice")
    cora.get_by_label("Note").fill("She rang: her sister marries on Friday.")
    cora.get_by_role("button", name="Delay cycle 2").click()
    expect(cora.get_by_text("Changed since you opened this page.")).to_be_visible()
    expect(cora.get_by_label("Note"), "nothing she typed is lost").to_have_value(
        "She rang: her sister marries on Friday."
    )
    expect(cora.get_by_label("Why it is delayed")).to_have_value("patient-choice")
    expect(cora.locator("#moves")).to_contain_text("Nora Nilsen")
    second = cora.get_by_role("table", name="What moves").get_by_role("row").filter(has_text="Cycle 2")
    expect(second).to_contain_text("Wed 7 Jan 2026")
    assert make.cycle(plan, 2).planned_on == date(2026, 1, 7)
