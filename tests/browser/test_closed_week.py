"""Closed 24 to 26 December: the coordinator lists, each doctor confirms, a worker moves, the nurse sees it."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.management import call_command
from playwright.sync_api import Page, expect

from scheduling.actions import cycles, plans
from scheduling.models import Patient, SitePolicy, TreatmentPlan
from scheduling.words import DelayReason
from tests import make
from tests.browser.conftest import OpenAs, row_of

START = date(2026, 12, 3)  # a Thursday: cycle 2, 21 days on, falls on 24 December
THURSDAY, WEDNESDAY, TUESDAY = date(2026, 12, 24), date(2026, 12, 23), date(2026, 12, 29)


@pytest.fixture
def december(clock: time_machine.Traveller) -> None:
    clock.move_to("2026-12-07T09:00:00Z")
    SitePolicy.objects.create(site=make.site(), closed_weekdays=[5, 6])


def plan_of(doctor: str) -> TreatmentPlan:
    plan = make.plan(start=START, given=1)
    if doctor != "omar":
        plans.assign(by=make.person("omar"), plan=plan, to=make.person(doctor), reason="Her clinic day.")
    return plan


def line_of(page: Page, patient: Patient) -> str:
    return page.locator("tbody tr").filter(has_text=patient.mrn).inner_text()


def test_a_closed_week_is_prepared_confirmed_moved_and_seen(open_as: OpenAs, december: None) -> None:
    kept, changed, olivias = plan_of("omar"), plan_of("omar"), plan_of("olivia")
    cora = open_as("cora", "/closures/")
    cora.get_by_label("First closed day").fill("2026-12-24")
    cora.get_by_label("Last closed day").fill("2026-12-26")
    cora.get_by_label("Why, as plans will show it").fill("Christmas")
    cora.get_by_role("button", name="List what is affected").click()
    expect(cora.get_by_text("3 infusions affected")).to_be_visible()
    expect(cora.get_by_text("Not sent yet: no doctor was asked")).to_be_visible()
    for doctor in ("Omar Ortega, 2 infusions", "Olivia Osei, 1 infusion"):
        expect(cora.get_by_role("heading", name=doctor)).to_be_visible()
    cora.get_by_role("button", name="Close these days and ask the doctors").click()
    expect(cora.get_by_text("3 to be confirmed", exact=False)).to_be_visible()
    assert make.cycle(kept, 2).planned_on == THURSDAY, "nothing moves before its doctor confirms"

    confirm(open_as, "omar", "2 cycles of yours wait for a new date")
    # between his signature and the worker somebody delays one of them for a reason of her own
    cycles.delay(by=make.person("nora"), cycle_day=make.cycle(changed, 2), to_on=TUESDAY, reason=DelayReason.LABORATORY)
    confirm(open_as, "olivia", "1 cycle of yours waits for a new date")
    call_command("carry_out_moves")

    cora.reload()
    refused = line_of(cora, changed.patient)
    for words in ("Not moved", "was planned for Thu 24 Dec 2026, and is planned for Tue 29 Dec 2026 now"):
        assert words in refused
    assert "Nora Nilsen delayed cycle 2" in refused
    for plan in (kept, olivias):
        assert "Moved" in line_of(cora, plan.patient)

    nora = open_as("nora", "/today/?on=2026-12-23")
    for plan in (kept, olivias):
        expect(row_of(nora, plan.patient.mrn)).to_be_visible()
        assert make.cycle(plan, 2).planned_on == WEDNESDAY
    nora.goto("/today/?on=2026-12-24")
    expect(nora.get_by_text("Christmas").first).to_be_visible()
    for plan in (kept, changed, olivias):
        expect(row_of(nora, plan.patient.mrn)).to_have_count(0)


def confirm(open_as: OpenAs, who: str, waits: str) -> None:
    page = open_as(who, "/flags/")
    expect(page.get_by_text(waits)).to_be_visible()
    page.get_by_role("link", name="Christmas").click()
    page.get_by_role("button", name="Confirm these moves").click()
    expect(page.get_by_text("They move one by one")).to_be_visible()
