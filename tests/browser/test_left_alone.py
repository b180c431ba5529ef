"""A computer nobody sits at: the session ends, what was typed comes back to whoever typed it, and to nobody else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from her2tracker.accounts.models import Site
from her2tracker.audit.models import Act
from scheduling.models import BodyMeasurement
from tests import make
from tests.browser.conftest import OpenAs


def sign_in(page: Page, who: str) -> None:
    page.get_by_label("Email").fill(make.person(who).email)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.keyboard.press("Enter")


def typed_and_left(open_as: OpenAs, clock: Any) -> Page:
    """Nora types a weight, is called away, and presses the button after the site's half an hour."""
    plan = make.plan(start=date(2025, 12, 15), given=1)
    Site.objects.update(idle_minutes=30)
    page = open_as("nora", f"/patients/{plan.patient.uuid}/measure/")
    page.get_by_label("Weight").fill("71.5")
    clock.shift(timedelta(minutes=31))
    page.get_by_role("button", name="Record measurement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text("You were signed out after 30 minutes without a sign of life.")).to_be_visible()
    assert not BodyMeasurement.objects.filter(weight_kg="71.5").exists()
    return page


def test_what_was_sent_too_late_is_back_in_its_form_and_recorded_when_sent_again(open_as: OpenAs, clock: Any) -> None:
    page = typed_and_left(open_as, clock)
    sign_in(page, "nora")
    expect(page.get_by_text("Not recorded yet.")).to_be_visible()
    expect(page.get_by_label("Weight")).to_have_value("71.5")
    assert not BodyMeasurement.objects.filter(weight_kg="71.5").exists(), "signing in records nothing"
    page.get_by_role("button", name="Record measurement").click()
    expect(page.get_by_text("71.5 kg").first).to_be_visible()
    assert BodyMeasurement.objects.get(weight_kg="71.5").recorded_by == make.person("nora")
    assert Act.objects.get(verb="person.timed-out").details == {"kept": True}


def test_another_nurse_who_signs_in_there_finds_nothing_of_it(open_as: OpenAs, clock: Any) -> None:
    page = typed_and_left(open_as, clock)
    sign_in(page, "nils")
    expect(page.get_by_role("heading", level=1)).to_have_text("Weight and height")
    expect(page.get_by_label("Weight")).to_have_value("")
    expect(page.get_by_text("Not recorded yet.")).to_have_count(0)


def test_a_list_left_open_ends_with_its_session_and_takes_the_patients_off_the_screen(
    open_as: OpenAs, clock: Any
) -> None:
    make.plan(start=date(2025, 12, 15), given=1)
    Site.objects.update(idle_minutes=30)
    page = open_as("nora", "/today/")
    with page.expect_request(lambda request: request.headers.get("x-poll") == "1", timeout=30_000):
        pass  # it looks again by itself
    clock.shift(timedelta(minutes=31))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in", timeout=30_000)  # by itself
    expect(page.get_by_text("You were signed out after 30 minutes without a sign of life.")).to_be_visible()
