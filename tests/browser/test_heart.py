"""The heart at several screens: from a fall to the dose that is loaded again, and what nobody may forget between."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from her2tracker.audit.models import Act
from monitoring import tasks
from monitoring.actions import urgent
from monitoring.models import CardiacFlag, FlagDecision, Reminder
from monitoring.words import Decision, DecisionReason, ReminderKind
from scheduling.models import Patient, TreatmentPlan
from scheduling.words import DayState
from tests import make
from tests.browser.conftest import NewWindow, OpenAs, row_of

WITHIN = 30_000  # milliseconds: the promise of N113
FIRST_DOSE = date(2025, 12, 15)  # three weeks before this morning


def record_lvef(open_as: OpenAs, patient: Patient, lvef: str, symptoms: str = "No symptoms") -> None:
    """Cora types a report; below 50 she is asked for the figure twice."""
    page = open_as("cora", f"/patients/{patient.uuid}/lvef/new/")
    page.get_by_label("LVEF", exact=True).fill(lvef)
    page.get_by_role("button", name="Record LVEF").click()
    again = page.get_by_label("LVEF again")
    expect(again.or_(page.get_by_role("heading", level=1, name=f"LVEF {lvef}"))).to_be_visible()
    if again.is_visible():
        again.fill(lvef)
        page.get_by_role("button", name="Record LVEF").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(lvef)


def opened(where: Locator | Page, summary: str) -> Locator:
    """The decision with that button, opened."""
    where.locator("summary").filter(has_text=summary).click()
    return where.locator("details[open].decision")


def card_of(page: Page, plan: TreatmentPlan) -> Locator:
    return page.locator("article.flag").filter(has_text=plan.patient.mrn)


def test_from_the_fall_to_the_dose_that_is_loaded_again(open_as: OpenAs, clock: time_machine.Traveller) -> None:
    plan = make.plan("trastuzumab-pertuzumab", start=FIRST_DOSE, given=1, kg=70, baseline=62)
    nora = open_as("nora", "/today/")
    row = row_of(nora, plan.patient.mrn)
    expect(row.locator(".state-ready")).to_have_text("Ready")
    nora.evaluate("window.stayed = true")

    record_lvef(open_as, plan.patient, "47")
    hold = opened(card_of(open_as("omar", "/flags/"), plan), "Hold …")
    expect(hold).to_contain_text("Repeat LVEF due Mon 26 Jan 2026.")  # 3 weeks, the pertuzumab label
    hold.get_by_label("Repeat the LVEF by").fill("2026-01-26")
    hold.get_by_label("Reason").select_option(label="Rule met")
    hold.get_by_role("button", name="Hold plan").click()

    expect(row.locator(".state-hold")).to_have_text("On hold: fall of LVEF", timeout=WITHIN)
    struck = row.locator(".amount .mg").first.evaluate("node => getComputedStyle(node).textDecorationLine")
    assert struck == "line-through"
    expect(row.get_by_role("link", name="Record …")).to_have_count(0)
    assert nora.evaluate("window.stayed") is True, "the page was not loaded again"

    clock.move_to("2026-01-26T08:00:00Z")  # 42 days after the last dose
    record_lvef(open_as, plan.patient, "58")
    omar = open_as("omar", f"/plans/{plan.uuid}/resume/")
    due = omar.get_by_role("table", name="What is due when treatment goes on")
    for agent, mg in (("Trastuzumab", "560\u2009mg"), ("Pertuzumab", "840\u2009mg")):  # 8 mg/kg x 70 kg; loading
        expect(due.get_by_role("row").filter(has_text=agent).first).to_contain_text(mg)
    omar.get_by_label("Why treatment may go on").fill("58 % on repeat, cardiology agrees.")
    omar.get_by_role("button", name="Resume plan").click()
    expect(omar.get_by_role("button", name="Resume plan")).to_have_count(0)

    nora = open_as("nora", "/today/")
    row = row_of(nora, plan.patient.mrn).filter(has_text="cycle 2 of 18")
    expect(row.get_by_text("Re-load", exact=True)).to_have_count(2)
    row.get_by_role("link", name="Record …").click()
    for agent in ("trastuzumab", "pertuzumab"):
        nora.locator(f"#id_{agent}-product").select_option(index=1)
    nora.get_by_role("button", name="Record cycle 2 as given on Mon 26 Jan 2026").click()
    expect(nora.get_by_text("Recorded cycle 2 as given on Mon 26 Jan 2026.")).to_be_visible()
    given = dict(make.cycle(plan, 2).administrations.values_list("agent", "given_mg"))
    assert given == {"trastuzumab": Decimal(560), "pertuzumab": Decimal(840)}
    flag = CardiacFlag.objects.get()
    assert (flag.state, flag.resolved_because[:25]) == ("resolved", "A later result is on reco")


def test_going_on_at_45_under_cardioprotection_is_a_decision_with_a_name_and_a_day(open_as: OpenAs) -> None:
    plan = make.plan(start=FIRST_DOSE, given=1, kg=70, baseline=62)
    record_lvef(open_as, plan.patient, "45")
    row = row_of(open_as("nora", "/today/"), plan.patient.mrn)
    expect(row.locator(".state-hold")).to_have_text("Withhold advised")

    omar = open_as("omar", "/flags/")
    going_on = opened(card_of(omar, plan), "Continue with cardiology …")
    expect(going_on).to_contain_text("Treatment goes on: cycle 2 stays on Mon 5 Jan 2026.")
    going_on.get_by_role("button", name="Continue").click()
    expect(omar.locator("details[open] .field-invalid select")).to_be_visible()  # never a bare acknowledgement
    assert not FlagDecision.objects.exists()
    going_on = omar.locator("details[open].decision")
    going_on.get_by_label("Reason").select_option(label="Cardioprotection started")
    going_on.get_by_label("In a sentence").fill("Ramipril and bisoprolol; Dr Vela sees her on Thursday.")
    going_on.get_by_label("Next LVEF by").fill("2026-01-26")
    going_on.get_by_role("button", name="Continue").click()
    expect(omar.get_by_text("continue with cardiology. Repeat LVEF by Mon 26 Jan 2026.")).to_be_visible()

    made = FlagDecision.objects.get()
    assert (made.decision, made.reason, made.recorded_by) == (
        Decision.CONTINUE, DecisionReason.CARDIOPROTECTION, make.person("omar"),
    )  # fmt: skip
    assert Act.objects.get(verb="flag.decided").reason.startswith("Ramipril and bisoprolol")
    nora = open_as("nora", "/today/")
    row = row_of(nora, plan.patient.mrn)
    expect(row.locator(".state-ready")).to_have_text("Ready")
    row.get_by_role("link", name="Record …").click()
    nora.get_by_label("Product", exact=True).select_option("Herceptin (trastuzumab)")
    nora.get_by_role("button", name="Record cycle 2 as given on Mon 5 Jan 2026").click()
    expect(nora.get_by_text("Recorded cycle 2 as given on Mon 5 Jan 2026.")).to_be_visible()


def test_what_is_put_off_comes_back_by_itself_and_who_stands_in_hears_it(
    open_as: OpenAs, clock: time_machine.Traveller
) -> None:
    plan, olivia = make.plan(start=FIRST_DOSE, given=1, baseline=52), make.person("olivia")
    make.lvef(plan.patient, 49, date(2026, 1, 5))  # below 50, no label's rule: somebody looks
    omar = open_as("omar", "/flags/")
    off = opened(card_of(omar, plan), "Put off …")
    off.get_by_label("Comes back on").fill("2026-01-08")
    off.get_by_label("Why it can wait").fill("Cardiology sees her on Wednesday.")
    off.get_by_role("button", name="Put off").click()
    expect(omar.get_by_text("It comes back on Thu 8 Jan 2026.")).to_be_visible()
    expect(card_of(omar, plan)).to_have_count(0)
    omar.get_by_role("link", name="Put off").click()
    expect(card_of(omar, plan)).to_contain_text("Put off until Thu 8 Jan 2026 by Omar Ortega")

    omar.goto("/flags/stand-in/")
    omar.get_by_label("Who stands in").select_option(label="Olivia Osei")
    omar.get_by_role("button", name="Hand over").click()
    expect(omar.get_by_text("Olivia Osei stands in for you").first).to_be_visible()

    clock.move_to("2026-01-08T07:00:00Z")
    tasks.send_reminders()
    mails = Reminder.objects.filter(kind=ReminderKind.FLAG_DIGEST, due_on=date(2026, 1, 8), state="queued")
    assert [mail.recipient for mail in mails] == [olivia]
    page = open_as(olivia, "/flags/")
    expect(page.get_by_text("You stand in for Omar Ortega").first).to_be_visible()
    again = opened(card_of(page, plan), "Repeat echo …")
    again.get_by_label("Reason").select_option(label="Within repeat error")
    again.get_by_label("Repeat the LVEF by").fill("2026-01-22")
    again.get_by_role("button", name="Ask for the repeat").click()
    expect(page.get_by_text("No flag waits for a decision")).to_be_visible()
    assert FlagDecision.objects.get().recorded_by == olivia


def test_a_mails_link_says_nothing_before_signing_in_and_signs_nothing_after(
    open_as: OpenAs, new_window: NewWindow
) -> None:
    patient = make.patient(family_name="Quimby", given_name="Beatrix")
    plan = make.plan("trastuzumab-pertuzumab", start=FIRST_DOSE, given=1, baseline=62, of=patient)
    record_lvef(open_as, patient, "47")
    mail = Reminder.objects.get(kind=ReminderKind.URGENT_FLAG)
    text, _ = urgent.written(mail)
    secrets = ("Quimby", "QUIMBY", "Beatrix", patient.mrn, "47", "pertuzumab")
    assert not [one for one in secrets if one in mail.subject + re.sub(r"http\S+", "", text)]
    link = re.search(r"^Hold:\nhttps?://[^/]+(\S+)", text, re.MULTILINE)
    assert link is not None

    page = new_window()
    page.goto(link[1])
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    shown = page.content()
    # Whole words: the address in the footer carries a port, which may hold any digits.
    assert not [one for one in secrets if re.search(rf"\b{one}\b", re.sub(r'"[^"]*"', "", shown))]
    page.get_by_label("Email").fill("omar@test-clinic.example")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.keyboard.press("Enter")
    form = page.locator("details[open].decision")
    expect(form.get_by_label("Repeat the LVEF by")).to_have_value("2026-01-26")
    expect(form.get_by_role("button", name="Hold plan")).to_be_visible()
    assert not FlagDecision.objects.exists(), "opening a link decides nothing"
    form.get_by_label("Reason").select_option(label="Rule met")
    form.get_by_role("button", name="Hold plan").click()
    expect(page.get_by_text("is on hold. Repeat LVEF by Mon 26 Jan 2026.")).to_be_visible()
    assert plan.holds.get().ended_on is None

    broken = open_as("omar", link[1][:-4] + "AAA/")
    expect(broken.get_by_text("This link is not complete.")).to_be_visible()
    refused = open_as("nora", link[1])
    expect(refused.get_by_text("Quimby")).to_have_count(0)


def test_a_high_risk_brings_the_next_lvef_forward_when_an_oncologist_sets_it(open_as: OpenAs) -> None:
    plan = make.plan(start=FIRST_DOSE, given=1, baseline=62)
    omar = open_as("omar", f"/patients/{plan.patient.uuid}/risk/")
    for group in omar.get_by_role("radiogroup").all():
        group.get_by_label("No", exact=True).check()
    omar.get_by_role("radiogroup", name=re.compile("stable angina", re.IGNORECASE)).get_by_label("Yes").check()
    for name, figure in (("age_years", "50"), ("lvef", "62"), ("bmi", "24")):
        omar.locator(f"#id_{name}").fill(figure)
    omar.get_by_role("button", name="Record the risk").click()
    expect(omar.get_by_role("heading", level=1)).to_contain_text("High risk")
    expect(omar.get_by_text("An interval changes nothing until an oncologist sets it.")).to_be_visible()

    omar.get_by_role("link", name="Set an interval …").click()
    expect(omar.get_by_text("84 days after the LVEF of Mon 15 Dec 2025")).to_be_visible()  # Mon 9 Mar 2026
    expect(omar.locator("dl.facts").first).to_contain_text("Mon 9 Mar 2026")
    omar.get_by_label("Another: every so many weeks").check()
    omar.get_by_label("Weeks between assessments").fill("6")
    omar.get_by_label("Why", exact=True).fill("High risk, cardiology asks for six weeks.")
    omar.get_by_role("button", name="Set the interval").click()
    expect(omar.get_by_text("Mon 26 Jan 2026").first).to_be_visible()  # 42 days after 15 December
    omar.goto(f"/plans/{plan.uuid}/interval/")
    expect(omar.locator("dl.facts").first).to_contain_text("Mon 26 Jan 2026")
    expect(omar.locator("dl.facts").first).to_contain_text("Without itdue Mon 9 Mar 2026")


def test_a_cycle_at_risk_is_paired_with_an_echo_and_safe_only_with_its_result(
    open_as: OpenAs, clock: time_machine.Traveller
) -> None:
    clock.move_to("2026-03-13T07:25:00Z")
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    plan = make.plan(start=date(2026, 1, 5), given=4, of=patient, baseline=None)
    cora = open_as("cora", "/queue/")
    line = row_of(cora, patient.mrn)
    expect(line).to_contain_text("next infusion at stake Mon 20 Apr 2026")
    cora.goto(f"/plans/{plan.uuid}/")
    expect(cora.get_by_text("The infusion of Mon 20 Apr 2026 is at risk.")).to_be_visible()
    cora.get_by_role("link", name="Book the echo").first.click()
    cora.get_by_role("button", name="Mon 30 Mar 2026, the day of the infusion").click()
    expect(cora.get_by_text("Only its result closes what is due.")).to_be_visible()
    cora.goto(f"/plans/{plan.uuid}/")
    expect(cora.get_by_text("Depends on the echo booked for Mon 30 Mar 2026").first).to_be_visible()
    expect(cora.get_by_text("is at risk")).to_have_count(0)

    clock.move_to("2026-03-30T09:00:00Z")
    make.give(make.cycle(plan, 5), date(2026, 3, 30))
    clock.move_to("2026-04-09T07:25:00Z")  # the appointment has passed and nobody typed a report
    tasks.flag_overdue_echocardiograms()
    assert CardiacFlag.objects.get().state == "open"
    cora = open_as("cora", "/queue/")
    expect(row_of(cora, patient.mrn)).to_contain_text("LVEF overdue")
    record_lvef(open_as, patient, "61")
    cora.goto("/queue/")
    expect(row_of(cora, patient.mrn)).to_have_count(0)
    assert CardiacFlag.objects.get().state == "resolved"
    assert make.cycle(plan, 6).state == DayState.PLANNED


@pytest.mark.parametrize("width", [1280, 834])
def test_no_flag_page_scrolls_sideways(open_as: OpenAs, width: int) -> None:
    plan = make.plan("trastuzumab-pertuzumab", start=FIRST_DOSE, given=1, baseline=62)
    make.lvef(plan.patient, 47, date(2026, 1, 5))
    flag = CardiacFlag.objects.get()
    page = open_as("omar", "/flags/", viewport={"width": width, "height": 1000})
    for address in ("/flags/", f"/flags/{flag.uuid}/", f"/patients/{plan.patient.uuid}/lvef/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
