"""The operations report on rows counted by hand, and two weeks of chairs with what may move."""

from __future__ import annotations

import csv
import io
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduling.actions import administrations, bookings, chairs, cycles, holds, no_shows
from scheduling.actions.administrations import Dose
from scheduling.capacities import two_weeks
from scheduling.core.capacity import Load
from scheduling.models import CycleDay, SitePolicy
from scheduling.operations import weeks_of
from scheduling.words import DelayReason, HoldReason, OmissionReason
from tests import api, make

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 1, 26)


@pytest.fixture
def clock():
    """Monday 5 January 2026; the plans' second infusions are planned for Monday 26 January."""
    with time_machine.travel("2026-01-05T09:00:00Z", tick=False) as traveller:
        yield traveller


def second(**fields: Any) -> CycleDay:
    """The infusion of 26 January of a plan that began on the 5th."""
    return make.cycle(make.plan(start=date(2026, 1, 5), given=1, **fields), 2)


def give(row: CycleDay, started: time | None, stopped: time | None) -> None:
    make.weight(row.plan.patient, 70, row.planned_on)
    dose = Dose(
        "trastuzumab", mg=Decimal(420), product=make.product("trastuzumab"), started_at=started, stopped_at=stopped
    )
    administrations.record(by=make.person("nora"), cycle_day=row, given_on=row.planned_on, doses=[dose])


def client(who: str = "cora") -> Client:
    found = Client()
    found.force_login(make.person(who))
    return found


@pytest.fixture
def a_week(clock: Any) -> None:
    """26 January: one on time, one late, one without an hour, one delayed, one omitted, one held, one not attended,
    one delayed the week before; and one that nobody decides."""
    cora, nora, omar = (make.person(who) for who in ("cora", "nora", "omar"))
    rows = [second() for _ in range(9)]
    chairs.set_hours(by=cora, hours={0: (time(8), time(12))}, set_up_minutes=0)
    chair = chairs.add(by=cora, name="Chair 1")
    cycles.set_time(by=nora, cycle_day=rows[0], starts_at=time(9))
    bookings.book(by=nora, cycle_day=rows[1], chair=chair, starts_at=time(10))
    cycles.delay(by=nora, cycle_day=rows[7], to_on=date(2026, 2, 2), reason=DelayReason.CAPACITY)
    clock.move_to("2026-01-26T15:00:00Z")
    for row in rows:
        row.refresh_from_db()
    give(rows[0], time(9, 15), time(9, 45))
    give(rows[1], time(10, 16), time(10, 46))
    give(rows[2], time(11), None)
    cycles.delay(by=nora, cycle_day=rows[3], to_on=date(2026, 2, 2), reason=DelayReason.TOXICITY)
    cycles.omit(by=nora, cycle_day=rows[4], reason=OmissionReason.PATIENT_CHOICE)
    holds.begin(by=omar, plan=rows[5].plan, reason=HoldReason.LVEF_FALL)
    no_shows.record(by=nora, cycle_day=rows[6])
    clock.move_to("2026-01-28T09:00:00Z")


def test_a_week_of_made_rows_is_counted_as_by_hand(a_week: None):
    weeks = weeks_of(make.site(), 4)
    assert [week.monday for week in weeks] == [
        date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19), MONDAY
    ]  # fmt: skip
    week = weeks[-1]
    assert (week.planned, week.delivered, week.undecided) == (8, 3, 1)  # the one moved before its day is not of it
    assert week.fell_out == {
        "delay: toxicity": 1, "did not attend": 1, "hold": 1, "omission: patient choice": 1
    }  # fmt: skip
    assert (week.timed, week.on_time, week.untimed) == (2, 1, 1)  # tolerance 15 minutes: 9:15 is, 10:16 is not
    assert (week.used_minutes, week.used_unknown) == (60, 1)
    assert week.open_minutes == 240
    assert week.booked_minutes == make.person("nora").site.chairs.get().bookings.get().minutes
    assert weeks[0].delivered == 9
    assert weeks[1].is_empty


def test_the_sites_tolerance_decides_what_is_on_time(a_week: None):
    policy = SitePolicy.objects.get_or_create(site=make.site())[0]
    policy.start_tolerance_minutes = 16
    policy.save(update_fields=["start_tolerance_minutes"])
    assert weeks_of(make.person("cora").site, 1)[0].on_time == 2


def test_the_page_says_empty_weeks_and_its_csv_runs_no_formula(a_week: None):
    page = client().get(reverse("operations"), {"weeks": "4"}).content.decode()
    for words in ("No infusion stood on a list in this week.", "1 × did not attend", "1 of 2", "3/8"):
        assert words in page
    sheet = client().get(reverse("operations-csv"), {"weeks": "4"}).content.decode()
    rows = list(csv.reader(io.StringIO(sheet)))
    assert rows[-1][:5] == ["2026-01-26", "2026-02-01", "8", "3", "4"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_program_reads_the_same_figures_and_a_bad_span_is_refused(a_week: None):
    week = api.get("omar", "reports/operations/", weeks=1)[0]
    assert (week["planned"], week["delivered"], week["on_time"], week["cancelled"]) == (8, 3, 1, 4)
    assert api.client("omar").get("/api/v1/reports/operations/?weeks=0").status_code == 400
    assert api.client("nora").get("/api/v1/reports/operations/").status_code == 403


def test_the_report_asks_as_often_for_one_week_as_for_twelve(a_week: None):
    site = make.site()
    weeks_of(site, 1)  # the policy comes along with the site from then on
    with CaptureQueriesContext(connection) as one:
        weeks_of(site, 1)
    with CaptureQueriesContext(connection) as twelve:
        weeks_of(site, 12)
    assert len(twelve) == len(one)


def test_a_report_without_an_infusion_says_so(clock: Any):
    make.site()
    assert "Nothing to count in these weeks" in client().get(reverse("operations")).content.decode()


@pytest.fixture
def a_full_day(clock: Any) -> list[CycleDay]:
    """One chair for an hour each day; three infusions of half an hour on Monday 26 January."""
    cora = make.person("cora")
    rows = [second(), second(), second()]
    every_day = dict.fromkeys(range(5), (time(8), time(9)))
    chairs.set_hours(by=cora, hours=every_day, set_up_minutes=0)
    chairs.add(by=cora, name="Chair 1")
    return rows


def test_a_full_day_offers_days_with_room_that_keep_every_dose(a_full_day: list[CycleDay]):
    days = {one.on: one for one in two_weeks(make.site(), date(2026, 1, 19))}
    full = days[MONDAY]
    assert (full.fullness.load, full.fullness.left_out, full.infusions) == (Load.FULL, 1, 3)
    assert days[date(2026, 1, 27)].fullness.load is Load.ROOM
    assert days[date(2026, 1, 25)].fullness.load is Load.CLOSED  # a Sunday without hours
    assert {line.row.pk for line in full.movable} == {row.pk for row in a_full_day}
    offered = {one.on for one in full.movable[0].candidates}
    assert date(2026, 1, 27) in offered
    assert MONDAY not in offered
    assert date(2026, 1, 25) not in offered
    assert all(not one.reloads for line in full.movable for one in line.candidates)
    assert days[date(2026, 1, 27)].movable == ()


def test_the_two_weeks_link_to_the_pages_that_move(a_full_day: list[CycleDay]):
    page = client().get(reverse("chairs-capacity"), {"on": "2026-01-19"}).content.decode()
    assert f"{reverse('cycle-delay', args=[a_full_day[0].uuid])}?to_on=2026-01-27" in page
    assert "Full" in page
    assert "1 finds no chair" in page


def test_two_weeks_over_the_api(a_full_day: list[CycleDay]):
    days = api.get("nora", "chair-capacity/", on="2026-01-19")
    assert len(days) == 14
    [full] = [day for day in days if day["load"] == "full"]
    assert (full["on"], full["left_out"], len(full["movable"])) == ("2026-01-26", 1, 3)
    assert api.client("nora").get("/api/v1/chair-capacity/?on=soon").status_code == 400
