"""Cora's desk: an overdue echo from the call to the result, the ledger, a forgotten password."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone
from playwright.sync_api import expect

from monitoring import channels
from monitoring.actions import reminders, sweeps
from tests import make
from tests.browser.conftest import NewWindow, OpenAs, row_of


def test_an_overdue_echo_leaves_the_queue_with_its_result_and_not_with_its_appointment(open_as: OpenAs) -> None:
    # Baseline on 22 Sep: due after 12 weeks on 15 Dec, overdue three weeks later.
    plan = make.plan(start=date(2025, 9, 22), given=5, baseline=62, of=make.patient(phone="555 0147"))
    page = open_as("cora")
    line = row_of(page, plan.patient.mrn)
    for words in ("LVEF overdue", "Book the echo.", "555 0147", "No owner"):
        expect(line).to_contain_text(words)
    line.get_by_text("Book echo", exact=True).first.click()
    line.get_by_label("Date").fill("2026-01-07")
    line.get_by_label("Laboratory").fill("Echo lab")
    line.get_by_role("button", name="Book echo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    expect(line).to_contain_text("LVEF overdue")  # an appointment closes nothing

    line.get_by_role("link", name="Record result").click()
    page.get_by_label("LVEF", exact=True).fill("61")
    page.locator("#id_lab").fill("Echo lab")
    page.get_by_role("button", name="Record LVEF").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("61")
    page.goto("/queue/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    expect(line).to_have_count(0)


def test_the_ledger_shows_what_was_sent_and_to_whom(open_as: OpenAs) -> None:
    make.plan(start=date(2025, 9, 22), given=5, baseline=62)
    make.person("cora")
    sweeps.flag_overdue_echocardiograms(now=timezone.now())
    sweeps.send_reminders(now=timezone.now())
    reminders.deliver(channels.send)
    page = open_as("cora", "/reminders/")
    line = page.get_by_role("row").filter(has_text="cora@test-clinic.example").first
    expect(line).to_contain_text("Sent")
    expect(line).to_contain_text("Mon 5 Jan 2026")
    line.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Text")).to_be_visible()


def test_a_forgotten_password_is_set_anew_through_the_local_outbox(
    new_window: NewWindow, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH, settings.MAIL_OUTBOX_VISIBLE = str(tmp_path), True
    make.person("cora")
    page = new_window()
    page.goto("/account/login/")
    page.get_by_role("link", name=re.compile("forgot", re.IGNORECASE)).click()
    page.get_by_label("Email").fill("cora@test-clinic.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("a link to set a new password is on its way")).to_be_visible()
    page.goto("/local/outbox/")
    page.get_by_role("row").filter(has_text="cora@test-clinic.example").get_by_role("link").click()
    page.locator("a[href*='/account/password/reset/']").click()
    page.get_by_label("New Password", exact=True).fill("three quiet herons wade")
    page.get_by_label("New Password (again)").fill("three quiet herons wade")
    page.get_by_role("button", name="Set this password").click()
    expect(page.get_by_text("The old one no longer works.")).to_be_visible()
    page.goto("/account/login/")
    page.get_by_label("Email").fill("cora@test-clinic.example")
    page.get_by_label("Password").fill("three quiet herons wade")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
