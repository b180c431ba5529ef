"""Omitting: a different act from delaying, with the choice to make the dose up at the end."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from scheduling.words import DayState, OmissionReason
from tests import make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T09:00:00Z", tick=False):
        yield


@pytest.fixture
def fifth():
    return make.cycle(make.plan(start=START, given=4), 5)


def said(row, **more):
    row.plan.refresh_from_db()
    return {"reason": "intercurrent-illness", "note": "", "revision": row.plan.revision} | more


def test_both_choices_say_what_they_do(fifth):
    page = words(signed_in("nora").get(url("cycle-omit", fifth)))
    assert "Leave it out: 16 doses, last Mon 7 Dec 2026" in page
    assert "Make it up at the end: 17 doses, last Mon 28 Dec 2026" in page
    assert "42 days since the last dose, 21 late: trastuzumab re-loads at 8 mg/kg" in page
    fifth.refresh_from_db()
    assert fifth.state == DayState.PLANNED


def test_an_omitted_dose_leaves_sixteen_and_the_same_end(fifth):
    assert signed_in("nora").post(url("cycle-omit", fifth), said(fifth)).status_code == 302
    fifth.refresh_from_db()
    assert (fifth.state, fifth.omission_reason, fifth.omission_made_up) == (
        DayState.OMITTED,
        OmissionReason.INTERCURRENT_ILLNESS,
        False,
    )
    assert fifth.plan.cycle_days.planned().count() == 12
    assert fifth.plan.cycle_days.last().planned_on == date(2026, 12, 7)


def test_a_dose_made_up_adds_a_cycle_at_the_end(fifth):
    client = signed_in("nora")
    page = words(client.get(url("cycle-omit", fifth, "?made_up=on")))
    assert "Cycle 18 – Mon 28 Dec 2026" in page
    assert "One more at the end, in place of the omitted dose" in page
    client.post(url("cycle-omit", fifth), said(fifth, made_up="on"))
    assert fifth.plan.cycle_days.last().planned_on == date(2026, 12, 28)


def test_an_omission_needs_a_reason(fifth):
    response = signed_in("nora").post(url("cycle-omit", fifth), said(fifth, reason="", made_up="on"))
    page = words(response)
    assert response.status_code == 422
    assert "Choose a reason." in page
    assert "Cycle 18 – Mon 28 Dec 2026" in page  # the choice that was made is not lost
    fifth.refresh_from_db()
    assert fifth.state == DayState.PLANNED


def test_what_was_given_meanwhile_is_not_omitted(fifth):
    stale = said(fifth)
    make.give(fifth)
    response = signed_in("nora").post(url("cycle-omit", fifth), stale)
    page = words(response)
    assert response.status_code == 422
    assert "Cycle 5 was recorded as given by Nora Nilsen" in page
    assert "Nora Nilsen recorded cycle 5 as given on Mon 30 Mar 2026: trastuzumab 420 mg" in page
    fifth.refresh_from_db()
    assert fifth.state == DayState.GIVEN


def test_the_omitted_infusion_says_so(fifth):
    client = signed_in("nora")
    client.post(url("cycle-omit", fifth), said(fifth, note="fever 39"))
    page = words(client.get(url("cycle-day", fifth)))
    assert "Omitted. Intercurrent illness. By Nora Nilsen on Mon 30 Mar 2026 at 09:00" in page
    assert "fever 39" in page


@pytest.mark.parametrize("who", ["pia", "ada", "xavier"])
def test_who_does_not_keep_the_schedule_cannot_omit(fifth, who):
    assert signed_in(who).get(url("cycle-omit", fifth)).status_code == 403
    assert signed_in(who).post(url("cycle-omit", fifth), said(fifth)).status_code == 403
