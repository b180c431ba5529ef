"""Nora's round on a tablet: five infusions taken, one from its start to its discharge, a wrong entry mended."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import time_machine
from playwright.sync_api import Page, expect

from scheduling.actions import cycles, holds
from scheduling.models import ChairsideAmendment, Reaction, VitalSigns
from scheduling.words import DayState, HoldReason
from tests import make
from tests.browser.conftest import TABLET, OpenAs, row_of

TODAY = date(2026, 1, 5)


def at(clock: time_machine.Traveller, hour: int, minute: int) -> None:
    clock.move_to(f"2026-01-05T{hour:02}:{minute:02}:10Z", tick=False)  # minutes are counted here


def fill_vitals(page: Page, pulse: str) -> None:
    page.get_by_label("Pulse").fill(pulse)
    page.get_by_role("button", name="Record vital signs").click()
    expect(page.get_by_text("Recorded the vital signs of")).to_be_visible()


def test_nora_takes_five_and_brings_one_from_its_start_to_its_discharge(
    open_as: OpenAs, clock: time_machine.Traveller
) -> None:
    first = make.plan("t-dm1", start=TODAY, kg=70)  # 90 min, then watched for 90 min: CLINICAL.md 1.1
    make.labs(make.cycle(first, 1), TODAY)
    cycles.set_time(by=make.person("nora"), cycle_day=make.cycle(first, 1), starts_at=time(9))
    for _ in range(4):
        make.plan(start=TODAY, kg=70)

    # 07:55: five taken
    at(clock, 7, 55)
    page = open_as("nora", viewport=TABLET)
    page.get_by_role("link", name="Assign …").click()
    expect(page.get_by_role("checkbox")).to_have_count(5)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_text("5 infusions taken: Nora Nilsen has them.")).to_be_visible()
    expect(page.get_by_role("list", name="What each nurse has")).to_contain_text("5 infusions, acuity 10")
    page.get_by_role("link", name="Back to the list").click()
    page.get_by_role("link", name="Mine 5").click()
    expect(page.get_by_role("heading", name="Mine, acuity 10")).to_be_visible()

    # 09:00: started
    at(clock, 9, 0)
    row_of(page, first.patient.mrn).get_by_role("link", name="Start …").click()
    page.get_by_label("Product", exact=True).select_option(index=1)
    page.get_by_label("Lot").fill("LOT-4711")
    page.get_by_role("button", name="Start trastuzumab emtansine").click()
    row = row_of(page, first.patient.mrn)
    expect(row).to_contain_text("09:00 until 10:30")

    # vital signs by the prompt, in two taps and a figure
    row.get_by_role("link", name="Vital signs due 09:00").click()
    fill_vitals(page, "78")
    at(clock, 9, 19)
    page.reload()
    prompt = row.get_by_role("link", name="Vital signs due 09:15, 4 min late")
    box = prompt.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    prompt.click()
    fill_vitals(page, "188")
    expect(row_of(page, first.patient.mrn)).to_contain_text("Vital signs next at 09:30")

    # a reaction, reached from the row
    row.get_by_role("link", name="Reaction …").click()
    page.get_by_label("Grade 1").check()
    page.get_by_label("Flushing").check()
    page.get_by_label("Slowed, then completed").check()
    page.get_by_role("button", name="Record reaction").click()
    expect(page.get_by_text("Recorded a reaction of grade 1")).to_be_visible()
    assert Reaction.objects.get().grade == 1

    # 10:40: stopped with less, and why
    at(clock, 10, 40)
    page.reload()
    expect(row).to_contain_text("Planned end passed 10 min ago")
    row.get_by_role("link", name="Stop …").click()
    page.get_by_label("Given").fill("200")
    page.get_by_role("button", name="Stop trastuzumab emtansine").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("choose a reason")
    page.get_by_label("Why it differs").select_option(label="Reaction")
    page.get_by_role("button", name="Stop trastuzumab emtansine").click()
    expect(page.get_by_text("Recorded cycle 1 as given.")).to_be_visible()
    dose = make.cycle(first, 1).administrations.get()
    assert (dose.given_mg, dose.started_at, dose.stopped_at) == (Decimal(200), time(9), time(10, 40))
    expect(row_of(page, first.patient.mrn)).to_contain_text("Observe until 12:10")

    # 12:11: the observation is over, its vital signs taken
    at(clock, 12, 11)
    page.reload()
    expect(row).to_contain_text("Observed until 12:10: may leave")
    row.get_by_role("link", name="Vital signs due").click()
    fill_vitals(page, "80")
    expect(row_of(page, first.patient.mrn)).not_to_contain_text("Vital signs due")

    # the wrong pulse is mended, the old one in sight
    row.get_by_role("link", name="Open").click()
    page.get_by_role("link", name="Amend the vital signs of 09:19").click()
    page.get_by_label("Pulse").fill("88")
    page.get_by_label("Why the entry is amended").fill("Mistyped.")
    page.get_by_role("button", name="Amend the vital signs").click()
    expect(page.get_by_text("Amended the vital signs of 09:19.")).to_be_visible()
    expect(page.get_by_text("188/min").first).to_be_visible()
    assert ChairsideAmendment.objects.get().after == {"pulse_bpm": "88"}
    assert VitalSigns.objects.get(seen_at=time(9, 19)).pulse_bpm == 88

    # and the patient goes home with the next dates
    page.get_by_role("link", name="Next infusion and echo, to take home …").click()
    expect(page.get_by_text("Mon 26 Jan 2026").first).to_be_visible()
    assert make.cycle(first, 1).state == DayState.GIVEN


def test_a_hold_placed_while_it_runs_reaches_an_open_list_and_the_stop_stays_in_reach(
    open_as: OpenAs, clock: time_machine.Traveller
) -> None:
    plan = make.plan(start=TODAY, kg=70)
    at(clock, 9, 0)
    page = open_as("nora", viewport=TABLET)
    row = row_of(page, plan.patient.mrn)
    row.get_by_role("link", name="Start …").click()
    page.get_by_label("Product", exact=True).select_option(index=1)
    page.get_by_role("button", name="Start trastuzumab").click()
    expect(row).to_contain_text("Running since 09:00")
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.CARDIAC_SYMPTOMS)
    expect(row.locator(".state-hold")).to_have_text("On hold: cardiac symptoms", timeout=30_000)
    expect(row.get_by_role("link", name="Stop …")).to_be_visible()
    expect(row.get_by_role("link", name="Start …")).to_have_count(0)


def test_each_doctor_is_asked_once_for_the_next_days(open_as: OpenAs) -> None:
    for day in (6, 7):
        patient = make.patient()
        make.weight(patient, 70, TODAY)
        make.lvef(patient, 62, TODAY)
        make.plan(start=date(2026, 1, day), of=patient, kg=None, baseline=None)
    page = open_as("nora", viewport=TABLET)
    page.get_by_role("link", name="Next days …").click()
    page.get_by_role("button", name="Ask for release of all 2").click()
    expect(page.get_by_text("Asked Omar Ortega to release 2 infusions.")).to_be_visible()
