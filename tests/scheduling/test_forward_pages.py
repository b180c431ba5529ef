"""Bringing an infusion forward: looked at first, within the window and the minimum intervals, undone as any change."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from her2tracker.lib.refusals import Refused
from scheduling.actions import changes, closed_days, cycles, forwards
from scheduling.models import BroughtForward, TreatmentPlan
from scheduling.words import DelayReason, ForwardReason
from tests import api, make
from tests.scheduling.pages import FIFTH, START, signed_in, url, words

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 3, 27)  # three days before the fifth


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-16T09:00:00Z", tick=False):
        yield


@pytest.fixture
def fifth():
    return make.cycle(make.plan(start=START, given=4), 5)


def bring(row, to_on: date = FRIDAY):
    return forwards.bring_forward(by=make.person("nora"), cycle_day=row, to_on=to_on, reason=ForwardReason.CLOSED_DAY)


def said(row, to_on: str):
    row.plan.refresh_from_db()
    return {"to_on": to_on, "reason": "closed-day", "note": "", "revision": row.plan.revision}


def test_what_moves_is_shown_before_it_is_decided(fifth):
    page = words(signed_in("nora").get(url("cycle-forward", fifth, "?to_on=2026-03-27")))
    assert "Cycle 5 Mon 30 Mar 2026" in page
    assert "18 days since the last dose, 3 early: trastuzumab continues at 6 mg/kg" in page
    assert "Bring cycle 5 forward to Fri 27 Mar 2026" in page
    assert not BroughtForward.objects.exists()


def test_each_day_within_the_window_is_offered_with_what_speaks_against_it(fifth):
    """Fifth on Mon 30 Mar: Sun 29, Sat 28 and Fri 27 lie within three days, Thu 26 does not."""
    closed_days.close(by=make.person("ada"), on=date(2026, 3, 28), name="Stocktaking")
    page = words(signed_in("nora").get(url("cycle-forward", fifth)))
    assert "1 day earlier: Sun 29 Mar 2026 open" in page
    assert "2 days earlier: Sat 28 Mar 2026 closed: Stocktaking" in page
    assert "3 days earlier: Fri 27 Mar 2026" in page
    assert "Thu 26 Mar" not in page


def test_a_day_that_a_minimum_interval_forbids_is_named_with_its_reason():
    """Under the skin never less than 21 days apart: the fifth is due on just that day."""
    row = make.cycle(make.plan("trastuzumab-sc", start=START, given=4), 5)
    days = forwards.days_earlier(by=make.person("nora"), cycle_day=row)
    assert [(one.days, one.refusal and one.refusal.code) for one in days] == [(n, "too-soon") for n in (1, 2, 3)]
    page = words(signed_in("nora").get(url("cycle-forward", row)))
    assert "than 21 days apart" in page
    assert "earlier: Sun" not in page


def test_the_plan_offers_it_and_tells_it_as_a_version_and_as_early(fifth):
    nora = signed_in("nora")
    assert "Bring forward …" in words(nora.get(url("plan", fifth.plan)))
    bring(fifth)
    page = words(nora.get(url("plan", fifth.plan)))
    assert "v2" in page
    assert "Late in all 3 days early" in page
    assert "days behind already" not in words(nora.get(url("cycle-delay", make.cycle(fifth.plan, 5))))


def test_it_moves_with_all_later_ones_and_can_be_undone(fifth):
    response = signed_in("nora").post(url("cycle-forward", fifth), said(fifth, "2026-03-27"), follow=True)
    assert "Brought cycle 5 forward to Fri 27 Mar 2026" in words(response)
    assert make.cycle(fifth.plan, 5).planned_on == FRIDAY
    assert make.cycle(fifth.plan, 6).planned_on == date(2026, 4, 17)
    plan = TreatmentPlan.objects.with_facts().get(pk=fifth.plan_id)
    assert changes.told(changes.last_change(plan)) == "the bringing forward of cycle 5 to Fri 27 Mar 2026"
    changes.undo(by=make.person("nora"), plan=plan)
    assert make.cycle(fifth.plan, 5).planned_on == FIFTH


@pytest.mark.parametrize(
    ("to_on", "code"),
    [
        (date(2026, 3, 30), "not-earlier"),
        (date(2026, 3, 31), "not-earlier"),
        (date(2026, 3, 26), "too-far"),
        (date(2026, 3, 15), "already-past"),
    ],
)
def test_a_day_out_of_reach_is_refused(fifth, to_on: date, code: str):
    with pytest.raises(Refused) as refused:
        bring(fifth, to_on)
    assert refused.value.code == code


def test_the_first_infusion_is_not_brought_forward():
    first = make.cycle(make.plan(start=date(2026, 3, 16)), 1)
    with pytest.raises(Refused, match="first infusion"), time_machine.travel("2026-03-14T09:00:00Z", tick=False):
        bring(first, date(2026, 3, 15))


def test_a_minimum_interval_forbids_it():
    fifth = make.cycle(make.plan("trastuzumab-sc", start=START, given=4), 5)
    with pytest.raises(Refused, match="must not be given less than 21 days apart"):
        bring(fifth, date(2026, 3, 29))


def test_a_weekly_plan_goes_on_from_the_earlier_day():
    third = make.cycle(make.plan("apt", start=date(2026, 3, 16)), 3)
    assert third.planned_on == date(2026, 3, 30)
    bring(third, FRIDAY)
    assert make.cycle(third.plan, 4).planned_on == date(2026, 4, 3)


def test_once_a_dose_before_it_is_late_the_plan_s_own_day_stands_again():
    plan = make.plan(start=START, given=3)
    with time_machine.travel("2026-03-09T09:00:00Z", tick=False):
        bring(make.cycle(plan, 5))
    make.give(make.cycle(plan, 4), date(2026, 3, 10))  # a day late
    assert make.cycle(plan, 5).planned_on == date(2026, 3, 31)


def test_a_later_delay_of_the_same_day_counts(fifth):
    bring(fifth)
    again = make.cycle(fifth.plan, 5)
    cycles.delay(by=make.person("nora"), cycle_day=again, to_on=date(2026, 4, 1), reason=DelayReason.CAPACITY)
    assert make.cycle(fifth.plan, 5).planned_on == date(2026, 4, 1)


def test_a_stale_form_is_refused_with_what_was_done_meanwhile(fifth):
    form = said(fifth, "2026-03-27")
    cycles.delay(by=make.person("cora"), cycle_day=fifth, to_on=date(2026, 4, 1), reason=DelayReason.CAPACITY)
    response = signed_in("nora").post(url("cycle-forward", fifth), form)
    assert response.status_code == 422
    assert "Cora Castell delayed cycle 5" in words(response)
    assert not BroughtForward.objects.exists()


def test_a_page_without_a_reason_or_with_no_date_is_refused(fifth):
    nora = signed_in("nora")
    assert nora.post(url("cycle-forward", fifth), said(fifth, "2026-03-27") | {"reason": ""}).status_code == 422
    assert nora.post(url("cycle-forward", fifth), said(fifth, "Friday")).status_code == 422
    assert not BroughtForward.objects.exists()


def test_the_api_previews_brings_forward_and_refuses(fifth):
    nora, here = api.client("nora"), f"/api/v1/cycle-days/{fifth.uuid}/forward/"
    shown = nora.post(f"{here}preview/", {"to_on": "2026-03-27"}, format="json")
    assert shown.status_code == 200
    body = {"to_on": "2026-03-27", "reason": "closed-day", "revision": fifth.plan.revision}
    assert nora.post(here, body | {"reason": "whim"}, format="json").status_code == 400
    assert nora.post(here, body, format="json").json()["planned_on"] == "2026-03-27"
    assert nora.post(here, body, format="json").status_code == 409


def test_the_proposals_of_a_closed_day_lead_to_the_act_that_carries_them_out(fifth):
    closed_days.close(by=make.person("ada"), on=FIFTH, name="Moving house")
    page = signed_in("nora").get(url("plan", fifth.plan)).content.decode()
    assert f"/cycle-days/{fifth.uuid}/delay/?to_on=2026-03-31" in page
    assert f"/cycle-days/{fifth.uuid}/forward/?to_on=2026-03-29" in page


def test_a_preview_that_lands_on_a_closed_day_says_so(fifth):
    closed_days.close(by=make.person("ada"), on=date(2026, 4, 6), name="Easter Monday")
    page = words(signed_in("nora").get(url("cycle-delay", fifth, "?to_on=2026-04-06")))
    assert "Site closed: Easter Monday" in page
    assert "Open Tue 7 Apr 2026" in page
