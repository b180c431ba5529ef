"""Chairs while infusions run: the picture, the tables and the API say what runs and what is over its planned end."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduling.actions import bookings, chairs
from scheduling.core.in_chairs import in_chair
from scheduling.core.running import Run
from tests import api, make
from tests.scheduling.pages import signed_in, url, words

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)
NINE = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001 - on the site's clocks
RUN = Run("trastuzumab", "Trastuzumab", 90, NINE)


@pytest.fixture
def clock():
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def chair(clock):
    ada = make.person("ada")
    chairs.set_hours(by=ada, hours={0: (time(8), time(16))}, set_up_minutes=0)
    return chairs.add(by=ada, name="Chair 1")


@pytest.fixture
def row(chair):
    """Its loading dose runs 90 minutes."""
    found = make.cycle(make.plan(start=TODAY, kg=70), 1)
    bookings.book(by=make.person("cora"), cycle_day=found, chair=chair, starts_at=time(9))
    return found


def start(row, at="09:00"):
    row.plan.refresh_from_db()
    data = {
        "revision": row.plan.revision, "agent": "trastuzumab", "started_at": at, "lot": "LOT-9",
        "product": make.product("trastuzumab"), "expires_on": "2026-12-31", "rate_ml_per_h": "166.7",
    }  # fmt: skip
    done = signed_in("nora").post(url("cycle-start", row), data)
    assert done.status_code == 302, words(done)


def day(on=TODAY, who="nora"):
    return signed_in(who).get(reverse("chairs"), {"on": str(on)})


def kinds(page) -> list[str]:
    return re.findall(r'class="seat seat-(\w+)"', page.content.decode())


def test_a_booked_chair_shows_as_running_from_the_start_on(row, clock):
    assert kinds(day()) == ["booked"]
    start(row)
    page = day()
    assert kinds(page) == ["running"]
    assert "Running since 09:00" in words(page)
    assert "1 under way, 0 past the planned end" in words(page)
    assert "Under way now 1" in words(page)


def test_an_infusion_past_its_planned_end_shows_as_over_in_words_and_in_the_picture(row, clock):
    start(row)
    clock.move_to("2026-01-05T10:30:00Z")
    assert kinds(day()) == ["running"]  # planned until 10:30: that minute is not over
    clock.move_to("2026-01-05T10:37:00Z")
    page = day()
    assert kinds(page) == ["over"]
    assert "planned end 10:30, 7 min ago" in words(page)
    assert "1 past the planned end" in words(page)


def test_a_chair_kept_past_its_booking_is_drawn_as_far_as_it_is_kept(row, clock):
    start(row)
    until = re.search(r"09:00 to (\d\d):(\d\d)", words(day()))
    ends = NINE.replace(hour=int(until[1]), minute=int(until[2]))
    clock.move_to(f"{ends + timedelta(minutes=20):%Y-%m-%dT%H:%M}:00Z")
    page = day()
    assert f"chair booked until {ends:%H:%M}, 20 min ago" in words(page)
    assert "seat-late" in page.content.decode()


def test_what_was_recorded_shows_as_given_and_no_longer_as_running(row, clock):
    start(row)
    run = row.plan.runs.get()
    clock.move_to("2026-01-05T10:30:00Z")
    done = signed_in("nora").post(url("run-stop", run), {"stopped_at": "10:30", "amount": "560"})
    assert done.status_code == 302, words(done)
    assert kinds(day()) == ["given"]


def test_the_proposal_and_another_day_show_nothing_as_running(row):
    start(row)
    assert "under way" not in words(day(TODAY + timedelta(days=7)))
    assert "under way" not in words(signed_in("cora").get(reverse("chairs-proposal"), {"on": str(TODAY)}))


def test_the_queries_do_not_grow_with_what_runs(row, chair):
    start(row)
    few = _asked()
    other = make.cycle(make.plan(start=TODAY, kg=70), 1)
    start(other)
    assert _asked() == few


def _asked() -> int:
    client = signed_in("nora")
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("chairs"), {"on": str(TODAY)})
    return len(captured)


def test_the_api_says_the_same(row, clock):
    before = api.get("nora", f"chair-days/?on={TODAY}")["infusions"][0]
    assert before["under_way"] is None
    start(row)
    clock.move_to("2026-01-05T10:37:00Z")
    told = api.get("nora", f"chair-days/?on={TODAY}")["infusions"][0]["under_way"]
    assert (told["running"], told["is_over"], told["infusion_over_minutes"]) == ("trastuzumab", True, 7)


def test_between_two_agents_nothing_runs_and_the_chair_is_in_use() -> None:
    stopped = Run("pertuzumab", "Pertuzumab", 60, NINE, NINE + timedelta(minutes=60))
    found = in_chair([stopped], booked_until=NINE + timedelta(minutes=180), now=NINE + timedelta(minutes=75))
    assert found is not None
    assert (found.running, found.is_over) == (None, False)
    assert found.state == "begun at 09:00, nothing runs now"


def test_a_chair_that_nothing_was_started_in_is_not_under_way() -> None:
    assert in_chair([], booked_until=NINE, now=NINE + timedelta(hours=3)) is None


def test_a_visit_without_a_booking_cannot_keep_its_chair_too_long() -> None:
    found = in_chair([RUN], booked_until=None, now=NINE + timedelta(minutes=95))
    assert found is not None
    assert (found.infusion_over, found.chair_over) == (5, 0)
