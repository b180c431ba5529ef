"""The chairs' pages: the day as picture and table, booking with one press, a proposal that is looked at first."""

from __future__ import annotations

import csv
import re
from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from her2tracker.audit.models import Act
from scheduling.actions import bookings, chairs, cycles
from scheduling.models import Chair, ChairBooking, ChairWish, OpeningHours, SitePolicy
from scheduling.models.chair_days import day_of
from scheduling.views.chair_picture import picture
from tests import make
from tests.scheduling.pages import signed_in, words

pytestmark = pytest.mark.django_db
START, FOURTH = date(2026, 1, 5), date(2026, 3, 9)
WEEK = {day: (time(8), time(16)) for day in range(5)}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-03-02 09:00", tick=False)


@pytest.fixture
def two_chairs(_now):
    ada = make.person("ada")
    chairs.set_hours(by=ada, hours=WEEK, set_up_minutes=10)
    return [chairs.add(by=ada, name=f"Chair {number}") for number in (1, 2)]


@pytest.fixture
def row(two_chairs):
    return make.plan(start=START, given=3).cycle_days.get(cycle=4)


def chair_page(row) -> str:
    return reverse("cycle-chair", args=[row.uuid])


def day_page(client, on=FOURTH):
    return client.get(reverse("chairs"), {"on": str(on)})


def another():
    return make.plan(start=START, given=3).cycle_days.get(cycle=4)


def book(row, chair, at=time(9)):
    return bookings.book(by=make.person("cora"), cycle_day=row, chair=chair, starts_at=at)


def test_the_day_shows_who_sits_where_and_who_has_no_chair(row, two_chairs):
    other = another()
    made = book(row, two_chairs[1])
    page = day_page(signed_in("nora"))
    text = words(page)
    until = f"{made.ends(row.plan.patient.site):%H:%M}"
    assert f"09:00 to {until}" in text
    assert "Chair 2" in text
    assert "Without a chair 1 infusion" in re.sub(r"\s+", " ", text).replace("▲ ", "")
    assert reverse("cycle-chair", args=[other.uuid]) in page.content.decode()
    assert "1 infusion in 1 of 2 chairs" in page.content.decode()


def test_an_hour_is_booked_with_one_press_and_moved_with_another(row, two_chairs):
    client = signed_in("nora")
    page = client.get(chair_page(row))
    value = f"{two_chairs[0].uuid}@10:15"
    assert value in page.content.decode()
    done = client.post(chair_page(row), {"place": value, "seen": ""}, follow=True)
    assert "Chair 1 is booked for" in words(done)
    first = ChairBooking.objects.standing().get()
    value = f"{two_chairs[1].uuid}@11:00"
    client.post(chair_page(row), {"place": value, "seen": str(first.uuid)})
    moved = ChairBooking.objects.standing().get()
    assert (moved.chair, moved.begins(row.plan.patient.site).time()) == (two_chairs[1], time(11))


def test_a_taken_hour_is_refused_on_the_page_with_whose_it_is(row, two_chairs):
    book(row, two_chairs[0])
    other = another()
    said = {"chair": str(two_chairs[0].uuid), "starts_at": "09:00", "seen": ""}
    page = signed_in("nora").post(chair_page(other), said)
    assert page.status_code == 422
    assert "Chair 1 is taken from 09:00" in words(page)
    assert "booked by Cora Castell" in words(page)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"place": "nonsense"},
        {"place": "@"},
        {"chair": "x", "starts_at": "09:00"},
        {"chair": "", "starts_at": "25:00"},
    ],
)
def test_what_is_no_chair_and_no_hour_is_said(row, said):
    page = signed_in("nora").post(chair_page(row), said)
    assert page.status_code == 422
    assert not ChairBooking.objects.exists()


def test_what_somebody_changed_meanwhile_is_not_overwritten(row, two_chairs):
    book(row, two_chairs[0])
    page = signed_in("nora").post(chair_page(row), {"place": f"{two_chairs[1].uuid}@09:00", "seen": ""})
    assert page.status_code == 422
    assert "Somebody changed this meanwhile" in words(page)
    assert ChairBooking.objects.standing().get().chair == two_chairs[0]


def test_a_chair_is_given_back(row, two_chairs):
    made = book(row, two_chairs[0])
    address = reverse("cycle-chair-give-back", args=[row.uuid])
    page = signed_in("nora").post(address, {"seen": str(made.uuid)}, follow=True)
    assert "has no chair now" in words(page)
    assert "has no chair: somebody gave it back already" in words(signed_in("nora").post(address, {}, follow=True))


def test_a_full_day_offers_the_next_free_one(row, two_chairs):
    short = {0: (time(8), time(8, 20)), 1: (time(8), time(12))}
    chairs.set_hours(by=make.person("ada"), hours=short, set_up_minutes=10)
    page = signed_in("nora").get(chair_page(row))
    assert "40 minutes no longer fit on this day: chairs close at 08:20" in words(page)
    assert "Tue 10 Mar 2026 at 08:00" in words(page)
    assert f"{reverse('cycle-delay', args=[row.uuid])}?to_on=2026-03-10" in page.content.decode()


def test_a_wish_is_kept_and_the_hours_offered_hold_to_it(row):
    client, address = signed_in("nora"), reverse("cycle-chair-wish", args=[row.uuid])
    client.post(address, {"not_before": "11:00", "leave_by": ""})
    page = client.get(chair_page(row)).content.decode()
    assert "@10:45" not in page
    assert "@11:00" in page
    assert "Leaving lies before coming" in words(client.post(address, {"not_before": "11:00", "leave_by": "10:00"}))
    assert str(ChairWish.objects.get()) == "not before 11:00"


def proposal(client, **asked):
    return client.get(reverse("chairs-proposal"), {"on": str(FOURTH), **asked})


def fields(page) -> dict[str, object]:
    html = page.content.decode()
    return {
        "on": str(FOURTH),
        "digest": re.search(r'name="digest" value="(\w+)"', html)[1],  # type: ignore[index]
        "seat": re.findall(r'name="seat" value="([^"]+)"', html),
    }


def test_a_proposal_is_shown_beside_the_day_and_booked_by_one_press(row):
    another()
    client = signed_in("cora")
    page = proposal(client)
    assert "First come, first served" in words(page)
    assert not ChairBooking.objects.exists()
    done = client.post(reverse("chairs-proposal"), fields(page), follow=True)
    assert "2 infusions booked on Mon 9 Mar 2026" in words(done)
    assert ChairBooking.objects.standing().count() == 2


def test_a_proposal_says_who_would_come_at_another_hour_than_told(row):
    cycles.set_time(by=make.person("nora"), cycle_day=row, starts_at=time(13, 30))
    page = words(proposal(signed_in("nora")))
    assert "no chair, comes at 13:30" in page
    assert "1 patient comes at another hour than now. Whoever accepts sees that the patient is told." in page
    cycles.set_time(by=make.person("nora"), cycle_day=make.cycle(row.plan, 4), starts_at=time(8))
    assert "another hour than now" not in words(proposal(signed_in("nora")))


def test_a_name_too_long_for_its_bar_stands_beside_it_where_the_line_is_empty(row, two_chairs):
    book(row, two_chairs[0])
    shown = picture(day_of(row.plan.patient.site, FOURTH), day_of(row.plan.patient.site, FOURTH).places())
    (bar,) = shown.lines[0].bars
    assert bar.beside
    assert bar.text_x > bar.x + bar.width
    patient = row.plan.patient
    assert bar.label == f"{patient.family_name}, {patient.given_name}"


def test_a_proposal_for_a_day_that_changed_is_refused_and_made_anew(row, two_chairs):
    client = signed_in("cora")
    said = fields(proposal(client))
    book(another(), two_chairs[0], time(8))
    page = client.post(reverse("chairs-proposal"), said)
    assert page.status_code == 422
    assert "Somebody changed this meanwhile" in words(page)
    assert ChairBooking.objects.standing().count() == 1


@pytest.mark.parametrize("seat", ["nonsense", "a|b", "a|b|09:00", "a|b|late"])
def test_seats_that_nobody_proposed_are_refused(row, seat):
    client = signed_in("cora")
    page = client.post(reverse("chairs-proposal"), fields(proposal(client)) | {"seat": [seat]})
    assert page.status_code == 422
    assert not ChairBooking.objects.exists()


def test_booked_ones_move_only_where_it_is_asked_for(row, two_chairs):
    book(row, two_chairs[0], time(8))
    book(another(), two_chairs[1], time(8))
    client = signed_in("cora")
    assert "Nothing would change" in words(proposal(client))
    page = proposal(client, keep="no")
    assert "1 infusion changes" in words(page)
    client.post(reverse("chairs-proposal"), fields(page) | {"keep": "no"})
    assert {one.begins(row.plan.patient.site).time() for one in ChairBooking.objects.standing()} == {
        time(8), time(8, 30),
    }  # fmt: skip


def test_the_day_as_a_sheet_runs_no_formula_and_is_on_record(two_chairs):
    her = make.patient(family_name="=SUM(A1)")
    book(make.plan(start=START, given=3, of=her).cycle_days.get(cycle=4), two_chairs[0])
    answer = signed_in("nora").get(reverse("chairs-csv"), {"on": str(FOURTH)})
    (line,) = list(csv.DictReader(answer.content.decode().splitlines()))
    assert (line["chair"], line["from"], line["family_name"]) == ("Chair 1", "09:00", "'=SUM(A1)")
    assert Act.objects.filter(verb="chair.exported").count() == 1


def test_a_day_of_many_asks_as_often_as_a_day_of_one(row):
    client = signed_in("nora")
    day_page(client)
    with CaptureQueriesContext(connection) as one:
        day_page(client)
    for _ in range(4):
        another()
    with CaptureQueriesContext(connection) as many:
        day_page(client)
    assert len(many) == len(one)


def test_an_empty_day_says_what_that_means():
    text = words(day_page(signed_in("nora")))
    assert "No chair is used on this weekday" in text
    assert "No infusion is planned either" in text


@pytest.mark.parametrize("on", ["", "nonsense", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_read_is_today(on):
    assert "Mon 2 Mar 2026" in words(signed_in("nora").get(reverse("chairs"), {"on": on}))


def test_the_coordinator_names_chairs_and_hours():
    client = signed_in("cora")
    client.post(reverse("chair-add"), {"name": "Bed 1"})
    said = {"set_up_minutes": "15", "opens_0": "08:00", "closes_0": "17:30"}
    page = client.post(reverse("chair-settings"), said, follow=True)
    assert "Saved." in words(page)
    hours = OpeningHours.objects.get()
    assert (hours.weekday, hours.opens_at, hours.closes_at) == (0, time(8), time(17, 30))
    assert SitePolicy.objects.get().chair_set_up_minutes == 15
    chair = Chair.objects.get()
    address = reverse("chair-change", args=[chair.uuid])
    client.post(address, {"name": "Bed 2", "position": "3", "until_on": "2026-06-30"})
    chair.refresh_from_db()
    assert (chair.name, chair.position, chair.until_on) == ("Bed 2", 3, date(2026, 6, 30))
    wrong = client.post(address, {"name": "Bed 2", "position": "3", "from_on": "2026-07-01", "until_on": "2026-06-30"})
    assert wrong.status_code == 422
    assert "The last day lies before the first" in words(wrong)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"opens_0": "08:00"}, "Give both hours, or neither"),
        ({"opens_0": "09:00", "closes_0": "08:00"}, "Closing lies before opening"),
        ({"opens_0": "late", "closes_0": "08:00"}, "Enter a time such as 09:30"),
    ],
)
def test_hours_that_make_no_day_are_said(said, told):
    page = signed_in("ada").post(reverse("chair-settings"), {"set_up_minutes": "0"} | said)
    assert page.status_code == 422
    assert told in words(page)
    assert not OpeningHours.objects.exists()


def test_who_may_not_book_sees_the_day_without_buttons(row):
    page = day_page(signed_in("pia")).content.decode()
    assert "Book a chair" not in page
    assert "Propose the day" not in page


def test_today_names_the_chair_beside_the_hour(row, two_chairs):
    book(row, two_chairs[1])
    assert "09:00 Chair 2" in re.sub(r"\s+", " ", words(signed_in("nora").get(reverse("today"), {"on": str(FOURTH)})))


def test_what_is_looked_at_names_the_chair_that_it_frees(row, two_chairs):
    made = book(row, two_chairs[0])
    until = f"{made.ends(row.plan.patient.site):%H:%M}"
    client = signed_in("omar")
    for address in (
        reverse("cycle-delay", args=[row.uuid]) + "?to_on=2026-03-11",
        reverse("cycle-forward", args=[row.uuid]) + "?to_on=2026-03-08",
        reverse("cycle-omit", args=[row.uuid]),
    ):
        assert f"Chair 1 from 09:00 to {until} becomes free" in words(client.get(address)), address
    for name in ("plan-hold", "plan-cease"):
        told = f"Becomes free: Mon 9 Mar 2026, Chair 1 from 09:00 to {until}."
        assert told in words(client.get(reverse(name, args=[row.plan.uuid]))), name
    assert ChairBooking.objects.standing().count() == 1
