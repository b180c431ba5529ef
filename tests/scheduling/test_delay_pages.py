"""Delaying: the consequence is said before a date is chosen, and nothing moves before it is confirmed."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from scheduling.actions import cycles
from scheduling.models import Delay
from scheduling.words import DelayReason
from tests import make
from tests.scheduling.pages import FIFTH, START, signed_in, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


@pytest.fixture
def fifth():
    return make.cycle(make.plan("trastuzumab-pertuzumab", start=START, given=4), 5)


def said(row, to_on: str, **more):
    row.plan.refresh_from_db()
    return {"to_on": to_on, "reason": "patient-choice", "note": "wedding", "revision": row.plan.revision} | more


def test_the_eighth_day_is_named_before_any_date_is_chosen(fifth):
    page = words(signed_in("omar").get(url("cycle-delay", fifth)))
    assert "420 mg until Mon 6 Apr 2026" in page
    assert "560 mg Re-load from Tue 7 Apr 2026 , 29 days after the last dose" in page
    assert "420 mg until Sun 19 Apr 2026" in page
    assert "840 mg Re-load from Mon 20 Apr 2026 , 42 days after the last dose" in page
    assert "+1 week: Mon 6 Apr 2026 no re-load" in page
    assert "+2 weeks: Mon 13 Apr 2026 Trastuzumab Re-load" in page
    assert "+3 weeks: Mon 20 Apr 2026 Trastuzumab and Pertuzumab Re-load" in page


def test_a_week_keeps_maintenance_and_moves_this_and_later_cycles(fifth):
    response = signed_in("omar").get(url("cycle-delay", fifth, "?to_on=2026-04-06"))
    page = words(response)
    assert "28 days since the last dose, 7 late: trastuzumab continues at 6 mg/kg" in page
    assert "Cycle 5 Mon 30 Mar 2026" in page
    assert "Cycle 18 Mon 28 Dec 2026 Mon 4 Jan 2027" in page
    assert "Cycle 4 Mon 9 Mar 2026" not in page
    assert "Last dose Mon 28 Dec 2026 Mon 4 Jan 2027" in page
    assert "Behind the first plan 0 days 7 days" in page
    assert "Delay cycle 5 to Mon 6 Apr 2026" in page
    assert not Delay.objects.exists()


def test_the_eighth_day_re_loads_one_agent_and_not_the_other(fifth):
    page = words(signed_in("cora").get(url("cycle-delay", fifth, "?to_on=2026-04-07")))
    assert "29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg" in page
    assert "29 days since the last dose, 8 late: pertuzumab continues at 420 mg" in page
    assert "Trastuzumab 560 mg Re-load" in page


def test_a_delay_is_saved_once_it_is_confirmed(fifth):
    response = signed_in("cora").post(url("cycle-delay", fifth), said(fifth, "2026-04-06"))
    assert response.status_code == 302
    delay = Delay.objects.get()
    assert (delay.from_on, delay.to_on, delay.reason, delay.note) == (
        FIFTH,
        date(2026, 4, 6),
        DelayReason.PATIENT_CHOICE,
        "wedding",
    )
    assert [make.cycle(fifth.plan, n).planned_on for n in (4, 5, 6)] == [
        date(2026, 3, 9),
        date(2026, 4, 6),
        date(2026, 4, 27),
    ]


def test_the_message_says_what_followed(fifth):
    client = signed_in("cora")
    client.post(url("cycle-delay", fifth), said(fifth, "2026-04-06") | {"next": url("cycle-day", fifth)}, follow=False)
    page = words(client.get(url("cycle-day", fifth)))
    assert "Delayed cycle 5 to Mon 6 Apr 2026. The last dose is now Mon 4 Jan 2027." in page


def test_a_delay_without_a_reason_is_shown_again_with_what_it_moves(fifth):
    response = signed_in("cora").post(url("cycle-delay", fifth), said(fifth, "2026-04-06", reason=""))
    page = words(response)
    assert response.status_code == 422
    assert "Choose a reason." in page
    assert "28 days since the last dose, 7 late" in page
    assert "wedding" in page
    assert not Delay.objects.exists()


def test_a_stale_page_saves_nothing_and_shows_what_changed(fifth):
    stale = said(fifth, "2026-04-06")
    cycles.delay(by=make.person("nora"), cycle_day=fifth, to_on=date(2026, 4, 1), reason=DelayReason.CAPACITY)
    response = signed_in("cora").post(url("cycle-delay", fifth), stale)
    page = words(response)
    assert response.status_code == 422
    assert "Nothing of yours was saved" in page
    assert "Nora Nilsen delayed cycle 5 from Mon 30 Mar 2026 to Wed 1 Apr 2026: capacity (No chair free)" in page
    assert "Cycle 5 Wed 1 Apr 2026" in page
    assert Delay.objects.count() == 1
    fifth.plan.refresh_from_db()
    again = said(fifth, "2026-04-06")
    assert f'name="revision" value="{again["revision"]}"' in response.content.decode()
    assert signed_in("cora").post(url("cycle-delay", fifth), again).status_code == 302


@pytest.mark.parametrize(
    ("to_on", "sentence"),
    [
        ("2026-03-30", "A delay needs a date after Mon 30 Mar 2026"),
        ("2026-03-01", "A delay needs a date after Mon 30 Mar 2026"),
        ("2126-04-06", "more than half a year away"),
        ("9999-12-31", "more than half a year away"),
        ("0001-01-01", "A delay needs a date after Mon 30 Mar 2026"),
        ("soon", "Enter a date such as"),
        ("", "required"),
    ],
)
def test_a_date_that_is_no_delay_is_told_by_looking_and_by_saving(fifth, to_on, sentence):
    client = signed_in("cora")
    assert sentence in words(client.get(url("cycle-delay", fifth, f"?to_on={to_on}")))
    response = client.post(url("cycle-delay", fifth), said(fifth, to_on))
    assert response.status_code == 422
    assert sentence in words(response)
    assert not Delay.objects.exists()


def test_a_given_cycle_cannot_be_delayed_and_the_page_says_so(fifth):
    page = words(signed_in("cora").get(url("cycle-delay", make.cycle(fifth.plan, 4), "?to_on=2026-04-06")))
    assert "Cycle 4 was recorded as given by Nora Nilsen" in page


def test_a_missed_cycle_offers_today(fifth):
    with time_machine.travel("2026-04-08T09:00:00Z", tick=False):
        page = words(signed_in("cora").get(url("cycle-delay", fifth)))
    assert "Today: Wed 8 Apr 2026 Trastuzumab Re-load" in page
    assert "+1 week" not in page  # 6 Apr is past


def test_htmx_gets_only_what_moves(fifth):
    response = signed_in("cora").get(url("cycle-delay", fifth, "?to_on=2026-04-06"), headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    assert "Delay cycle 5 to Mon 6 Apr 2026" in words(response)


@pytest.mark.parametrize("who", ["pia", "ada", "xavier"])
def test_who_does_not_keep_the_schedule_cannot_delay(fifth, who):
    assert signed_in(who).get(url("cycle-delay", fifth)).status_code == 403
    assert signed_in(who).post(url("cycle-delay", fifth), said(fifth, "2026-04-06")).status_code == 403
    assert not Delay.objects.exists()
