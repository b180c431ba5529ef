"""Cycles at risk: weeks before, on the plan, on Today, in the queue; and an echo that is asked for too early."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.actions import assessments
from monitoring.models import CardiacPolicy, EchoBooking
from monitoring.models.outlook import outlook_of, outlooks_of
from monitoring.models.standing import standing_of, standings
from scheduling.actions import holds
from scheduling.models import ClosedDay, TreatmentPlan
from scheduling.words import HoldReason
from tests import api, make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def plan_due_in_ten_days(clock) -> TreatmentPlan:
    """Baseline on 29 Dec 2025; on Fri 13 March its LVEF is due in ten days, on 23 March, and good until 31 March.

    Four given until 9 March; then 30 March and 20 April. The lab lets one wait 14 days.
    """
    clock.move_to("2026-03-13T07:25:00Z")
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    return make.plan(start=date(2026, 1, 5), given=4, of=patient, baseline=None)


def test_an_echo_due_in_ten_days_without_appointment_turns_its_cycle_amber(clock, sign_in: SignIn):
    plan = plan_due_in_ten_days(clock)
    covered, at_risk = outlook_of(standing_of(plan), date(2026, 3, 13)).found[:2]
    assert (covered.infusion.on, covered.state) == (date(2026, 3, 30), "safe")
    # to be on time on 23 March the lab was to be asked by 9 March
    assert (at_risk.infusion.on, at_risk.state, at_risk.ask_by) == (date(2026, 4, 20), "at-risk", date(2026, 3, 9))
    page = sign_in("cora").get(reverse("plan", args=[plan.uuid])).content.decode()
    assert "The infusion of Mon 20 Apr 2026 is at risk." in page
    assert "one by Mon 20 Apr 2026 saves this infusion" in page
    today = sign_in("nora").get(reverse("today"), {"on": "2026-04-20"}).content.decode()
    assert "At risk. No echo booked in time: one by Mon 20 Apr 2026 saves this infusion." in today


def test_the_coordinator_has_the_task_by_the_last_day_that_still_saves_the_cycle(clock, sign_in: SignIn):
    plan = plan_due_in_ten_days(clock)
    [line] = sign_in("cora").get(reverse("queue")).context["page"]
    assert (line.job.plan, line.task.saves, line.task.act_by) == (plan, date(2026, 4, 20), date(2026, 4, 6))
    CardiacPolicy.objects.create(site=make.site(), echo_result_days=3)
    [line] = sign_in("cora").get(reverse("queue")).context["page"]
    assert line.task.act_by == date(2026, 4, 3)  # and three more until its result is on record


def test_a_booked_echo_is_named_and_closes_nothing(clock, sign_in: SignIn):
    plan = plan_due_in_ten_days(clock)
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 3, 30), lab="Echo lab")
    one = outlook_of(standing_of(plan), date(2026, 3, 13)).found[1]
    assert (one.state, one.sentence) == ("booked", "Depends on the echo booked for Mon 30 Mar 2026")
    page = sign_in("cora").get(reverse("plan", args=[plan.uuid])).content.decode()
    assert "Depends on the echo booked for Mon 30 Mar 2026" in page
    assert "<strong>Mon 30 Mar 2026</strong> at Echo lab, by Cora Castell" in page
    assert "is at risk" not in page
    clock.move_to("2026-04-02T07:25:00Z")  # its day has passed, no result came
    assert outlook_of(standing_of(plan), date(2026, 4, 2)).found[0].state != "booked"


def test_a_plan_on_hold_has_no_cycles_at_risk(clock, sign_in: SignIn):
    plan = plan_due_in_ten_days(clock)
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    assert outlook_of(standing_of(plan), date(2026, 3, 13)).found == ()
    assert "is at risk" not in sign_in("cora").get(reverse("plan", args=[plan.uuid])).content.decode()


def test_days_in_one_journey_are_offered_and_one_press_books(clock, sign_in: SignIn):
    plan = plan_due_in_ten_days(clock)
    ClosedDay.objects.create(site=make.site(), on=date(2026, 3, 31), name="Inventory")
    cora = sign_in("cora")
    page = cora.get(reverse("echo-book", args=[plan.uuid]))
    # the lab can do it from 27 March; 31 March is closed; a weekend is only closed where the site says so
    assert [one.on for one in page.context["pairings"]] == [
        date(2026, 3, 29), date(2026, 3, 30), date(2026, 4, 19), date(2026, 4, 20),
    ]  # fmt: skip
    assert 'value="2026-03-30">Mon 30 Mar 2026, the day of the infusion</button>' in page.content.decode()
    assert page.context["form"].initial["lab"] == "Echo lab"
    # what a browser sends: the empty field, then the button
    said = "booked_for=&lab=Echo+lab&note=&booked_for=2026-03-30"
    answer = cora.post(reverse("echo-book", args=[plan.uuid]), said, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    assert EchoBooking.objects.get().booked_for == date(2026, 3, 30)


def early_plan(clock) -> TreatmentPlan:
    """LVEF 61 % on 30 March; five weeks later, on 4 May, nothing asks for another."""
    clock.move_to("2026-05-04T07:25:00Z")
    plan = make.plan(start=date(2026, 1, 5), given=6)
    make.lvef(plan.patient, 61, date(2026, 3, 30))
    return plan


def test_an_echo_ordered_at_five_weeks_is_told_with_the_last_value_and_booked_all_the_same(clock, sign_in: SignIn):
    plan = early_plan(clock)
    cora, address = sign_in("cora"), reverse("echo-book", args=[plan.uuid])
    page = cora.get(address).content.decode()
    assert "Mon 4 May 2026 may be early." in page
    assert "The last LVEF was 61 % (2D echo) on Mon 30 Mar 2026, 35 days before" in page
    assert "echo-stewardship" in page or "echo stewardship" in page  # its source
    told = cora.post(address, {"booked_for": "2026-05-05", "lab": "Echo lab", "note": ""}, follow=True)
    assert "It may be early. The last LVEF was 61 %" in told.content.decode()
    assert EchoBooking.objects.get().booked_for == date(2026, 5, 5)


def test_on_the_day_it_may_be_asked_for_nothing_is_told(clock, sign_in: SignIn):
    plan = early_plan(clock)
    page = sign_in("cora").get(reverse("echo-book", args=[plan.uuid]), {"booked_for": "2026-05-25"})  # 8 weeks
    assert page.context["early"] is None
    early = sign_in("cora").get(reverse("echo-book", args=[plan.uuid]), {"booked_for": "2026-05-24"})
    assert early.context["early"].days_since_last == 55
    unreadable = sign_in("cora").get(reverse("echo-book", args=[plan.uuid]), {"booked_for": "soon"})
    assert unreadable.context["asked_for"] == date(2026, 5, 4)


def test_programs_are_told_the_same(clock):
    plan = plan_due_in_ten_days(clock)
    said = api.get("cora", f"plans/{plan.uuid}/outlook/")
    assert [one["state"] for one in said["cycle_days"][:2]] == ["safe", "at-risk"]
    assert said["pairings"][1] == {
        "on": "2026-03-30", "same_day": True, "sentence": "Mon 30 Mar 2026, the day of the infusion",
    }  # fmt: skip
    assert said["too_early"] is None
    plan = early_plan(clock)
    note = api.get("cora", f"plans/{plan.uuid}/outlook/", asked_for="2026-05-05")["too_early"]
    assert (note["last_lvef"], note["days_since_last"], note["confidence"]) == ("61 %", 36, "unverified")
    refused = api.client("cora").get(f"/api/v1/plans/{plan.uuid}/outlook/", {"asked_for": "soon"})
    assert refused.status_code == 400


def test_many_plans_cost_no_more_queries_than_one(clock):
    def asked(count: int) -> int:
        found = standings([plan_due_in_ten_days(clock) for _ in range(count)])
        with CaptureQueriesContext(connection) as queries:
            assert len(outlooks_of(found, date(2026, 3, 13))) == count
        return len(queries)

    assert asked(1) == asked(3)


def test_the_labs_waiting_times_are_a_site_setting(sign_in: SignIn):
    ada = sign_in("ada")
    page = ada.get(reverse("site-settings")).content.decode()
    assert "The echo lab lets one wait (days)" in page
    assert "An echo’s result is on record after (days)" in page
