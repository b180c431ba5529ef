"""Chairs in a real browser: booked by keyboard alone, and a full day on one sheet."""

from __future__ import annotations

import re
from datetime import date, time

from django.urls import reverse
from playwright.sync_api import Page, expect

from scheduling.actions import bookings, chairs
from scheduling.actions.bookings import Seat
from scheduling.models import Chair, ChairBooking
from scheduling.models.chair_days import day_of, time_of
from tests import make
from tests.browser.conftest import OpenAs

TODAY = date(2026, 1, 5)
INFUSIONS, CHAIRS = 40, 16


def arrange(count: int) -> list[Chair]:
    cora = make.person("cora")
    chairs.set_hours(by=cora, hours={0: (time(8), time(17))}, set_up_minutes=10)
    return [chairs.add(by=cora, name=f"Chair {number + 1}") for number in range(count)]


def test_a_chair_is_booked_and_moved_by_keyboard_alone(open_as: OpenAs) -> None:
    arrange(2)
    row = make.cycle(make.plan(start=TODAY), 1)
    page = open_as("nora", reverse("chairs"))
    page.get_by_role("link", name=re.compile("Book a chair for")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^09:15 Chair 1")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=re.compile("09:15 to"))).to_contain_text("Chair 1")
    page.get_by_role("link", name=re.compile("^Move ")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^10:00 Chair 1")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=re.compile("10:00 to"))).to_contain_text("Chair 1")
    assert ChairBooking.objects.standing().get().cycle_day == row


def test_a_day_of_forty_infusions_prints_on_one_sheet(open_as: OpenAs) -> None:
    arrange(CHAIRS)
    for _ in range(INFUSIONS):
        make.plan(start=TODAY)
    site = make.site()
    day = day_of(site, TODAY)
    places = bookings.proposal(day).places
    seats = [Seat(place.key, place.chair, time_of(place.begins)) for place in places]
    assert bookings.accept(by=make.person("cora"), on=TODAY, seats=seats, digest=day.digest()) == INFUSIONS
    page = open_as("nora", reverse("chairs"))
    expect(page.locator("svg .seat")).to_have_count(INFUSIONS)
    assert sheets(page) == 1


def sheets(page: Page) -> int:
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
