"""The huddle's sheet: Today on paper."""

from __future__ import annotations

import re
from datetime import date, time

from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring.actions import sweeps
from scheduling.actions import cycles
from tests import make
from tests.browser.conftest import OpenAs

TODAY = date(2026, 1, 5)
ROWS_OF_A_SHEET = 20


def sheets(page: Page) -> int:
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def a_full_day() -> None:
    """Half of them loading, a quarter with two agents; the checks have run."""
    for number in range(ROWS_OF_A_SHEET):
        regimen = "trastuzumab-q3w-17" if number % 4 else "trastuzumab-pertuzumab"
        plan = make.plan(regimen, start=TODAY if number % 2 else date(2025, 12, 15), given=1 - number % 2)
        row = make.cycle(plan, 1 if number % 2 else 2)
        cycles.set_time(by=make.person("nora"), cycle_day=row, starts_at=time(8 + number // 4, 15 * (number % 4)))
    for check in (sweeps.flag_overdue_echocardiograms, sweeps.flag_lvef_drops):
        check(now=timezone.now())


def test_twenty_infusions_fit_on_one_sheet(open_as: OpenAs) -> None:
    a_full_day()
    page = open_as("nora")
    expect(page.locator("ul.worklist > li")).to_have_count(ROWS_OF_A_SHEET)
    assert sheets(page) == 1


def test_paper_says_who_printed_it_and_when_and_shows_no_buttons(open_as: OpenAs) -> None:
    make.plan(start=TODAY)
    page = open_as("nora")
    page.emulate_media(media="print")
    expect(page.get_by_text("printed 5 Jan 2026 07:2")).to_contain_text("by Nora Nilsen")
    expect(page.get_by_role("link", name="Record …")).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
