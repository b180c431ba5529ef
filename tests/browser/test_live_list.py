"""Two people at two screens: what one decides is on the other's list, and never under her hand."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from scheduling.models import Hold
from tests import make
from tests.browser.conftest import OpenAs, row_of

WITHIN = 30_000  # milliseconds: the promise of N113


def test_a_hold_is_on_the_nurses_list_within_thirty_seconds_without_a_reload(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 15), given=1)
    nora = open_as("nora", "/today/")
    row = row_of(nora, plan.patient.mrn)
    expect(row).to_contain_text("Ready")
    row.locator("summary").click()
    nora.evaluate("window.stayed = true")

    omar = open_as("omar", f"/plans/{plan.uuid}/hold/")
    omar.get_by_label("Why treatment stops").select_option(label="Fall of LVEF")
    omar.get_by_role("button", name="Hold plan").click()
    expect(omar.get_by_text("Held the plan").first).to_be_visible()
    assert Hold.objects.get().plan == plan

    expect(row).to_contain_text("On hold: fall of LVEF", timeout=WITHIN)
    assert nora.evaluate("window.stayed") is True, "the page was not loaded again"
    expect(nora.get_by_role("status").filter(has_text="Just changed")).to_contain_text("On hold: fall of LVEF")
    expect(row.locator("details.panel")).to_have_attribute("open", "")
    expect(row.get_by_role("link", name="Record …")).to_have_count(0)


def test_the_list_is_not_exchanged_while_a_field_in_it_is_in_use(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 15), given=1)
    nora = open_as("nora", "/today/")
    day = nora.get_by_label("Day", exact=True)
    day.focus()
    make.lvef(plan.patient, 44, date(2026, 1, 5))
    nora.wait_for_timeout(17_000)  # longer than it waits between two questions
    row = row_of(nora, plan.patient.mrn)
    expect(row).to_contain_text("Ready")
    day.blur()
    expect(row).to_contain_text("Withhold advised", timeout=WITHIN)
