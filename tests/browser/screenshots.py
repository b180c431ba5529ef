"""Draws docs/images from the demo clinic: `make screenshots`. The clock stands, so a picture changes with its page."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from her2tracker.accounts.models import User
from her2tracker.local.state import ROOT
from monitoring.actions import sweeps
from scheduling.models import Patient
from tests.browser.conftest import OpenAs

IMAGES = ROOT / "docs" / "images"
WIDTH = 1280


@pytest.fixture
def clinic(transactional_db: None, clock: time_machine.Traveller) -> None:
    """The demo clinic on the morning of the tests' Monday, its checks just run."""
    call_command("publish", verbosity=0)
    call_command("load_demo", verbosity=0)
    for check in (sweeps.heartbeat, sweeps.flag_overdue_echocardiograms, sweeps.flag_lvef_drops):
        check(now=timezone.now())


def who(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.example")


def patient(family_name: str) -> Patient:
    return Patient.objects.get(family_name=family_name)


def draw(page: Page, name: str, height: int) -> Path:
    """The top of the page as a window of this height shows it, pointer and caret out of sight."""
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.mouse.move(0, 0)
    page.evaluate("document.fonts.ready")
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    return path


@pytest.mark.timeout(300)
def test_draw_the_pictures_of_the_documents(clinic: None, open_as: OpenAs) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    nora, omar, cora = who("nora"), who("omar"), who("cora")
    draw(open_as(nora, "/today/"), "today", 1320)
    draw(open_as(omar, "/flags/"), "flags", 900)
    draw(open_as(omar, reverse("plan", args=[patient("Dogwood").plans.get().uuid])), "plan", 1000)
    draw(open_as(cora, "/queue/"), "queue", 900)
    draw(open_as(omar, reverse("lvef-trend", args=[patient("Alder").uuid])), "lvef", 900)
    page = open_as(omar, reverse("plan-new", args=[patient("Jacaranda").uuid]))
    page.get_by_label("Setting").select_option(label="Adjuvant")
    expect(page.get_by_role("button", name="Start plan")).to_be_visible()
    draw(page, "new-plan", 1000)
