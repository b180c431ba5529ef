"""Nora's morning: the list at 07:27, an infusion recorded, a dose that must not be given."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from playwright.sync_api import expect

from scheduling.actions import cycles
from scheduling.words import DayState, DelayReason
from tests import make
from tests.browser.conftest import NewWindow, OpenAs, row_of

TODAY = date(2026, 1, 5)


def test_a_nurse_signs_in_and_lands_on_today(new_window: NewWindow) -> None:
    make.person("nora")
    page = new_window()
    page.goto("/")
    page.get_by_label("Email").fill("nora@test-clinic.example")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today, Mon 5 Jan 2026")
    expect(page.locator("summary").filter(has_text="Nora Nilsen")).to_contain_text("Infusion nurse")
    expect(page.get_by_text("No infusions on Mon 5 Jan 2026")).to_be_visible()


def test_a_wrong_password_is_told_on_top_and_takes_focus(new_window: NewWindow) -> None:
    make.person("nora")
    page = new_window()
    page.goto("/account/login/")
    page.get_by_label("Email").fill("nora@test-clinic.example")
    page.get_by_label("Password").fill("not her password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="You are not signed in")).to_be_focused()


def test_a_row_shows_identifiers_cycle_loading_milligrams_and_its_state_in_word_and_shape(open_as: OpenAs) -> None:
    plan = make.plan("trastuzumab-pertuzumab", start=TODAY, kg=68)
    cycles.set_time(by=make.person("nora"), cycle_day=make.cycle(plan, 1), starts_at=time(9, 0))
    row = row_of(open_as("nora"), plan.patient.mrn)
    for words in ("09:00", "TESTCASE, Anna", "17 May 1970", "cycle 1 of 18", "544\u2009mg", "840\u2009mg"):
        expect(row).to_contain_text(words)
    expect(row.get_by_text("Loading", exact=True)).to_have_count(2)
    expect(row.locator(".state-ready")).to_have_text("Ready")
    expect(row.locator(".state-ready svg")).to_be_visible()


def test_an_infusion_eight_days_late_says_reload(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 7), given=1, kg=70)  # the second was due on 28 Dec
    second = make.cycle(plan, 2)
    cycles.delay(by=make.person("nora"), cycle_day=second, to_on=TODAY, reason=DelayReason.OTHER)
    row = row_of(open_as("nora"), plan.patient.mrn)
    expect(row).to_contain_text("560\u2009mg")  # 8 mg/kg × 70 kg again
    expect(row.get_by_text("Re-load", exact=True)).to_be_visible()


def test_recording_a_late_infusion_moves_later_cycles_and_leaves_what_was_given(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 12), given=1, kg=70)  # the second was due on Fri 2 Jan
    page = open_as("nora")
    row = row_of(page, plan.patient.mrn)
    expect(row).to_contain_text("3 days late")
    row.get_by_role("link", name="Record …").click()
    expect(page.get_by_role("heading", name="Due on Mon 5 Jan 2026")).to_be_visible()
    page.get_by_label("Product", exact=True).select_option("Trazimera (trastuzumab-qyyp)")
    page.get_by_label("Lot").fill("LOT-4711")
    page.get_by_role("button", name="Record cycle 2 as given on Mon 5 Jan 2026").click()

    expect(page.get_by_text("Recorded cycle 2 as given on Mon 5 Jan 2026. Cycle 3 follows on")).to_contain_text(
        "Mon 26 Jan 2026"
    )
    dose = make.cycle(plan, 2).administrations.get()
    assert (dose.given_mg, dose.product, dose.lot) == (Decimal(420), "Trazimera (trastuzumab-qyyp)", "LOT-4711")
    days = list(plan.cycle_days.values_list("cycle", "state", "done_on", "planned_on")[:3])
    assert days[0] == (1, DayState.GIVEN, date(2025, 12, 12), date(2025, 12, 12))
    assert days[1][:3] == (2, DayState.GIVEN, TODAY)
    assert days[2] == (3, DayState.PLANNED, None, date(2026, 1, 26))


def test_a_withheld_infusion_shows_why_and_offers_nothing_to_record(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 15), given=1, kg=70, baseline=62)
    make.lvef(plan.patient, 45, date(2026, 1, 2))  # a fall of 17
    page = open_as("nora")
    row = row_of(page, plan.patient.mrn)
    expect(row.locator(".state-hold")).to_have_text("Withhold advised")
    expect(row).to_contain_text("45\u2009%")
    expect(row.get_by_role("link", name="Record …")).to_have_count(0)
    struck = row.locator(".amount .mg").first.evaluate("node => getComputedStyle(node).textDecorationLine")
    assert struck == "line-through"

    row.get_by_role("link", name="Open").click()
    expect(page.get_by_text("Do not give.")).to_be_visible()
    expect(page.get_by_role("button", name="Record cycle 2")).to_have_count(0)


def test_an_oncologists_override_lets_the_nurse_record(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 15), given=1, kg=70, baseline=62)
    make.lvef(plan.patient, 45, date(2026, 1, 2))
    address = f"/cycle-days/{make.cycle(plan, 2).uuid}/"
    omar = open_as("omar", address)
    omar.get_by_label("Reason for treating").select_option(label="Cardiology advises to continue")
    omar.get_by_label("Why treatment goes on").fill("Dr Vela agrees, LVEF stable on repeat.")
    omar.get_by_role("button", name="Override and treat").click()
    expect(omar.get_by_text("Objections to cycle 2 overridden. It may now be given.")).to_be_visible()

    nora = open_as("nora", address)
    expect(nora.get_by_text("Dr Vela agrees")).to_be_visible()
    nora.get_by_label("Product", exact=True).select_option("Herceptin (trastuzumab)")
    nora.get_by_role("button", name="Record cycle 2 as given on").click()
    expect(nora.get_by_text("Recorded cycle 2 as given on Mon 5 Jan 2026.")).to_be_visible()
    assert make.cycle(plan, 2).state == DayState.GIVEN
