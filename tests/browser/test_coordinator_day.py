"""Cora's day from the first look at the queue to a day that is closed: calls, no-shows, owners, a new plan."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import make
from tests.browser.conftest import OpenAs, row_of


def point_of(page: Page, name: str) -> Locator:
    """One point of the checklist."""
    return page.locator(".checklist > li").filter(has=page.get_by_role("heading", name=name, exact=True))


@pytest.mark.timeout(300)
def test_the_coordinators_day_leaves_nothing_unowned(open_as: OpenAs) -> None:
    # Baseline on 22 Sep: overdue since 5 Jan. The other plan's second infusion is today's.
    late = make.plan(start=date(2025, 9, 22), given=5, baseline=62, of=make.patient(phone="555 0147"))
    today = make.plan(start=date(2025, 12, 15), given=1, of=make.patient(family_name="Absent", phone="555 0150"))
    fresh = make.plan(start=date(2026, 1, 5), of=make.patient(family_name="Newcomer"))

    # 12:30, at the chair: somebody did not come
    nora = open_as("nora")
    row_of(nora, today.patient.mrn).get_by_role("link", name="Did not attend …").click()
    nora.get_by_label("What is known").fill("Not at the desk by noon.")
    nora.get_by_role("button", name="Record “did not attend”").click()
    expect(nora.locator("#main, main")).to_contain_text("Did not attend")

    # 14:00, at the desk: three calls, then the doctor is told
    page = open_as("cora")
    line = row_of(page, today.patient.mrn)
    expect(line).to_contain_text("Did not attend the infusion")
    expect(line).to_contain_text("Not at the desk by noon.")
    for number in range(3):
        line.get_by_text("Log a call").click()
        line.get_by_label("No answer").check()
        line.get_by_label("In a sentence").fill(f"Rang, try {number + 1}.")
        line.get_by_role("button", name="Keep this call").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    expect(line).to_contain_text("Last contacts:")
    expect(line).to_contain_text("3 calls reached nobody: the oncologist was told")

    omar = open_as("omar")
    omar.get_by_role("link", name="1 patient could not be reached by telephone").click()
    omar.get_by_label("What is to be done").fill("Ask the family doctor.")
    omar.get_by_role("button", name="Answer the coordinators").click()
    expect(omar.get_by_text("Everybody was reached")).to_be_visible()
    page.reload()
    expect(line).to_contain_text("Ask the family doctor.")

    # 10:30, a new plan's checklist
    row_of(page, fresh.patient.mrn).get_by_role("link", name="Open checklist").click()
    for point in ("Telephone and e-mail", "Language", "Consent to e-mail", "First three dates"):
        point_of(page, point).get_by_role("button", name="Settled").click()
        expect(point_of(page, point).get_by_role("button", name="Open again")).to_be_visible()
    point_of(page, "Echo lab").get_by_role("button", name="Not needed").click()
    expect(page.get_by_text("Say in a sentence why this is not needed.")).to_be_visible()
    page.locator("#id_words_echo-lab").fill("The echo is done here.")
    point_of(page, "Echo lab").get_by_role("button", name="Not needed").click()
    expect(page.get_by_text("Complete", exact=True)).to_be_visible()

    # 17:00, the day closes
    page.goto("/queue/?whose=unowned")
    row_of(page, late.patient.mrn).get_by_role("button", name="Take").click()
    expect(page.get_by_text("Yours: ")).to_be_visible()
    page.goto("/queue/")
    page.get_by_role("link", name="Close the day").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Close the day")
    for field in page.get_by_label("Next step on").all():
        field.fill("2026-01-06")
    page.get_by_role("button", name="Save all rows").first.click()
    expect(page.get_by_text("Nothing is left open")).to_be_visible()
    page.goto("/queue/?whose=unowned")
    expect(page.get_by_text("Nothing of this kind")).to_be_visible()


def test_a_full_day_is_seen_two_weeks_ahead_and_the_report_names_its_week(open_as: OpenAs) -> None:
    make.plan(start=date(2025, 12, 15), given=1)
    page = open_as("cora", "/chairs/")
    page.get_by_role("link", name="Two weeks").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two weeks of chairs")
    expect(page.get_by_text("No day of these two weeks is full.")).to_be_visible()
    page.goto("/reports/adherence/")
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Operations")
    expect(page.get_by_role("row").filter(has_text="Mon 15 Dec")).to_contain_text("100 %")
