"""Holding, resuming and ceasing a plan from pages."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from scheduling.actions import holds
from scheduling.models import Hold
from scheduling.words import HoldReason, PlanState
from tests import make
from tests.scheduling.pages import START, signed_in, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-25T09:00:00Z", tick=False):
        yield


@pytest.fixture
def plan():
    return make.plan("trastuzumab-pertuzumab", start=START, given=4)


def revision(plan) -> int:
    plan.refresh_from_db()
    return plan.revision


def held(plan) -> Hold:
    return holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL, note="47 % on 24 Mar")


def test_the_hold_page_says_until_when_nothing_re_loads(plan):
    response = signed_in("omar").get(url("plan-hold", plan, "?repeat_by=2026-04-15"))
    page = words(response)
    assert "cycle 5 of 18 on Mon 30 Mar 2026" in page
    assert "420 mg until Mon 6 Apr 2026" in page
    assert "420 mg until Sun 19 Apr 2026" in page
    assert 'value="2026-04-15"' in response.content.decode()


def test_a_plan_is_held_with_reason_and_repeat_date(plan):
    data = {"reason": "lvef-fall", "repeat_assessment_by": "2026-04-15", "note": "n", "revision": revision(plan)}
    assert signed_in("omar").post(url("plan-hold", plan), data).status_code == 302
    hold = Hold.objects.get()
    assert (hold.reason, hold.repeat_assessment_by, hold.begun_on) == (
        HoldReason.LVEF_FALL,
        date(2026, 4, 15),
        date(2026, 3, 25),
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "tired"}, "Select a valid choice"),
        ({"repeat_assessment_by": "2026-03-24"}, "Tue 24 Mar 2026 is past"),
        ({"repeat_assessment_by": "April"}, "Enter a date such as"),
        ({"revision": "1"}, "Nothing of yours was saved"),
    ],
)
def test_a_hold_that_is_not_well_formed_is_told(plan, change, sentence):
    data = {"reason": "lvef-fall", "repeat_assessment_by": "", "note": "", "revision": revision(plan)}
    response = signed_in("omar").post(url("plan-hold", plan), data | change)
    assert response.status_code == 422
    assert sentence in words(response)
    assert not Hold.objects.exists()


def test_a_second_hold_is_refused(plan):
    held(plan)
    client = signed_in("omar")
    assert "on hold already" in words(client.get(url("plan-hold", plan)))
    response = client.post(url("plan-hold", plan), {"reason": "other", "revision": revision(plan)})
    assert response.status_code == 422
    assert Hold.objects.count() == 1


def test_resuming_says_what_each_agent_gets_today_and_days_held(plan):
    held(plan)
    with time_machine.travel("2026-04-08T09:00:00Z", tick=False):
        page = words(signed_in("omar").get(url("plan-resume", plan)))
    assert "since Wed 25 Mar 2026 , 14 days. Fall of LVEF. 47 % on 24 Mar (by Omar Ortega)" in page
    assert "30 days since the last dose, 9 late: trastuzumab re-loads at 8 mg/kg" in page
    assert "30 days since the last dose, 9 late: pertuzumab continues at 420 mg" in page
    assert "If treated as planned" not in page  # 30 Mar is past


def test_resuming_before_the_planned_day_shows_both_dates(plan):
    held(plan)
    page = words(signed_in("omar").get(url("plan-resume", plan)))
    assert "If treated today Wed 25 Mar 2026" in page
    assert "If treated as planned Mon 30 Mar 2026" in page
    assert "21 days since the last dose, on time: trastuzumab continues at 6 mg/kg" in page


def test_a_plan_is_resumed_with_its_reason(plan):
    held(plan)
    client = signed_in("omar")
    refused = client.post(url("plan-resume", plan), {"note": "", "revision": revision(plan)})
    assert refused.status_code == 422
    assert "Say in a sentence why treatment may go on." in words(refused)
    assert client.post(url("plan-resume", plan), {"note": "55 %", "revision": revision(plan)}).status_code == 302
    assert Hold.objects.get().end_note == "55 %"


def test_resuming_what_is_not_held_is_told(plan):
    response = signed_in("omar").post(url("plan-resume", plan), {"note": "ok", "revision": revision(plan)})
    assert response.status_code == 422
    assert "This plan is not on hold." in words(response)


def test_ceasing_says_what_is_dropped_and_what_stays(plan):
    page = words(signed_in("omar").get(url("plan-cease", plan)))
    assert "4 cycle days given" in page
    assert "14 planned cycle days , cycle 5 on Mon 30 Mar 2026 to cycle 18 on Mon 28 Dec 2026" in page


def test_a_ceased_plan_keeps_what_was_given(plan):
    data = {"reason": "recurrence", "note": "", "revision": revision(plan)}
    assert signed_in("omar").post(url("plan-cease", plan), data).status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == (PlanState.CEASED, "recurrence")
    assert plan.cycle_days.count() == 4


def test_ceasing_needs_a_reason_and_the_plan_as_it_is(plan):
    client = signed_in("omar")
    assert "Choose a reason." in words(client.post(url("plan-cease", plan), {"revision": revision(plan)}))
    stale = client.post(url("plan-cease", plan), {"reason": "cardiac", "revision": 1})
    assert stale.status_code == 422
    assert "Nothing of yours was saved" in words(stale)
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE


def test_an_infusion_of_a_ceased_plan_is_still_readable(plan):
    signed_in("omar").post(url("plan-cease", plan), {"reason": "cardiac", "revision": revision(plan)})
    assert "Recorded as given" in words(signed_in("nora").get(url("cycle-day", make.cycle(plan, 4))))


@pytest.mark.parametrize("name", ["plan-hold", "plan-resume", "plan-cease"])
@pytest.mark.parametrize("who", ["nora", "cora", "pia", "ada", "xavier"])
def test_only_an_oncologist_stops_or_resumes(plan, name, who):
    assert signed_in(who).get(url(name, plan)).status_code == 403
    assert signed_in(who).post(url(name, plan), {"reason": "cardiac", "revision": revision(plan)}).status_code == 403
    plan.refresh_from_db()
    assert plan.state == PlanState.ACTIVE
