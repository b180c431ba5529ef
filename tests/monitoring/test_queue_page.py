"""The coordinator's home: what needs hands, by the last day on which it still helps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.actions import assessments, decisions
from monitoring.core.queue import EchoStep, Need
from monitoring.models import CardiacFlag
from monitoring.words import Decision, DecisionReason
from scheduling.models import TreatmentPlan
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SignIn = Callable[[str], Client]


def due_plan(given: int = 6) -> TreatmentPlan:
    """From 5 January: six given until 20 April, next on 11 May; its LVEF was due on 30 March, overdue on 8 April."""
    return make.plan(start=date(2026, 1, 5), given=given, of=make.patient(phone="+34 600 000 001", language="es"))


def lines(client: Client, show: str = "") -> list[Any]:
    return list(client.get(reverse("queue"), {"show": show}).context["page"])


def test_an_overdue_echo_says_what_who_until_when_and_the_fields_that_finish_it(sign_in: SignIn):
    plan = due_plan()
    page = sign_in("cora").get(reverse("queue")).content.decode()
    for words in ("LVEF overdue", str(plan.patient), "+34 600 000 001", "es", "Mon 11 May 2026", "Book the echo."):
        assert words in page
    assert reverse("echo-book", args=[plan.uuid]) in page
    assert reverse("assessment-new", args=[plan.patient.uuid]) in page
    [line] = lines(sign_in("cora"))
    # the lab lets one wait 14 days: for the infusion of 11 May the last day to ask was 27 April
    assert (line.task.act_by, line.by_words) == (date(2026, 4, 27), "3 days too late")


def test_a_booking_in_time_waits_below_and_stays_until_the_result(sign_in: SignIn):
    plan, other = due_plan(), due_plan()
    cora = sign_in("cora")
    cora.post(
        reverse("echo-book", args=[plan.uuid]),
        {"booked_for": "2026-05-04", "lab": "Echo lab", "next": reverse("queue")},
    )
    first, second = lines(cora)
    assert first.job.plan == other
    assert (second.job.plan, second.task.stage, second.by_words) == (plan, EchoStep.AWAIT, "Booked")
    make.lvef(plan.patient, 61, date(2026, 4, 30))
    assert [line.job.plan for line in lines(cora)] == [other]


def test_a_booking_after_the_infusion_asks_for_an_earlier_day(sign_in: SignIn):
    plan = due_plan()
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 5, 20), lab="Echo lab")
    [line] = lines(sign_in("cora"))
    assert line.task.stage is EchoStep.REBOOK
    assert "after the infusion of Mon 11 May 2026" in line.task.step


def test_a_booking_that_passed_without_a_result_asks_for_it(sign_in: SignIn, clock: Any):
    plan = due_plan()
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 5, 2), lab="Echo lab")
    clock.move_to("2026-05-03T09:00:00Z")
    [line] = lines(sign_in("cora"))
    assert (line.task.stage, line.by_words) == (EchoStep.RECORD, "Today")


def test_a_missed_infusion_says_the_last_day_before_a_loading_dose(sign_in: SignIn):
    plan = due_plan(given=5)  # last on 30 March, the sixth planned for 20 April
    make.lvef(plan.patient, 61, date(2026, 4, 1))
    [line] = lines(sign_in("cora"))
    assert line.task.need is Need.MISSED
    assert line.task.act_by == date(2026, 4, 27)  # 28 days after 30 March: one week late still continues
    page = sign_in("cora").get(reverse("queue")).content.decode()
    assert reverse("cycle-delay", args=[make.cycle(plan, 6).uuid]) in page


def test_a_held_plan_is_not_missed_and_its_repeat_is_due(sign_in: SignIn, clock: Any):
    plan = due_plan()
    make.lvef(plan.patient, 47, date(2026, 4, 30))
    flag = CardiacFlag.objects.get(plan=plan)
    decisions.decide(
        by=make.person("omar"),
        flag=flag,
        decision=Decision.HOLD,
        reason=DecisionReason.RULE_MET,
        repeat_by=date(2026, 5, 28),
    )
    clock.move_to("2026-05-20T09:00:00Z")
    [line] = lines(sign_in("cora"))
    assert line.task.need is Need.HOLD_REPEAT
    assert [line.task.need for line in lines(sign_in("cora"), "hold")] == [Need.HOLD_REPEAT]
    assert lines(sign_in("cora"), "missed") == []


def test_a_first_infusion_without_any_lvef_needs_a_baseline(sign_in: SignIn):
    plan = make.plan(start=date(2026, 4, 30), baseline=None)
    [line] = lines(sign_in("cora"), "echo")
    assert (line.task.need, line.job.plan, line.task.saves) == (Need.BASELINE, plan, date(2026, 4, 30))


def test_an_echo_is_not_asked_for_before_the_lab_would_take_it(sign_in: SignIn, clock: Any):
    clock.move_to("2026-03-15T09:00:00Z")
    due_plan(given=3)
    assert [line for line in lines(sign_in("cora"), "echo") if line.task.need is Need.ECHO] == []
    clock.move_to("2026-03-16T09:00:00Z")  # 14 days before 30 March
    assert len(lines(sign_in("cora"), "echo")) == 1


@pytest.mark.parametrize(
    ("who", "status"), [("cora", 200), ("nora", 403), ("omar", 403), ("ada", 403), ("xavier", 403)]
)
def test_who_has_the_queue(sign_in: SignIn, who: str, status: int):
    assert sign_in(who).get(reverse("queue")).status_code == status


def test_the_queue_asks_as_often_for_six_patients_as_for_two(sign_in: SignIn):
    cora = sign_in("cora")
    for _ in range(2):
        due_plan(given=5)
    cora.get(reverse("queue"))
    with CaptureQueriesContext(connection) as two:
        cora.get(reverse("queue"))
    for _ in range(4):
        due_plan(given=5)
    with CaptureQueriesContext(connection) as six:
        assert len(lines(cora)) == 12  # each has an overdue echo and a missed infusion
    assert len(six) == len(two)


def test_an_empty_queue_says_what_that_means(sign_in: SignIn):
    assert "Nothing needs your hands" in sign_in("cora").get(reverse("queue")).content.decode()
