"""F4: mail servers that fail as servers fail. Sent is marked after 250 only; one message's trouble is its own."""

from __future__ import annotations

import time
from typing import Any

import pytest

from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Role
from monitoring import tasks
from monitoring.actions import reminders
from monitoring.models import CardiacFlag, Reminder
from monitoring.words import ReminderState
from scheduling.models import TreatmentPlan
from tests import make
from tests.faults import invariants
from tests.mail import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(clock: Any) -> list[Reminder]:
    """One finding, and five oncologists who must hear of it, since who answered for the plan has left."""
    site = make.site()
    for number in range(4):
        User.objects.create_user(
            f"omar{number}@test.example", make.PASSWORD, full_name=f"Omar {number}", role=Role.ONCOLOGIST, site=site
        )
    invariants.clinic(fallen=1, late=0)
    gone = User.objects.create_user(
        "gone@test.example", make.PASSWORD, full_name="Gone Away", role=Role.ONCOLOGIST, site=site, is_active=False
    )
    TreatmentPlan.objects.update(responsible=gone)
    tasks.flag_lvef_drops()
    assert Reminder.objects.count() == 5
    return list(Reminder.objects.order_by("pk"))


def states() -> list[str]:
    return sorted(Reminder.objects.values_list("state", flat=True))


@pytest.mark.fault("F4", "SMTP answers 451 twice")
def test_451_twice_delays_a_message_and_doubles_none(five: list[Reminder], smtp_server: MailServer, clock: Any):
    smtp_server.fail("451 try again later", times=2)
    assert tasks.deliver_reminders() == 3
    clock.shift(120)
    assert tasks.deliver_reminders() == 2
    assert len({m["Message-ID"] for m in smtp_server.messages}) == len(smtp_server.messages) == 5


@pytest.mark.fault("F4", "SMTP answers 550 for one of five")
def test_550_for_one_of_five_is_tried_once_and_the_others_are_sent(
    five: list[Reminder], smtp_server: MailServer, clock: Any
):
    smtp_server.fail("550 no such mailbox", to=five[2].address)
    assert tasks.deliver_reminders() == 4
    for _ in range(4):
        clock.shift(3600)
        tasks.deliver_reminders()
    assert states() == ["failed", "sent", "sent", "sent", "sent"]
    assert Reminder.objects.get(state=ReminderState.FAILED).attempts == 1


@pytest.mark.fault("F4", "SMTP connection cut after DATA")
def test_a_connection_cut_after_the_message_repeats_it_under_the_same_name(
    five: list[Reminder], smtp_server: MailServer, clock: Any
):
    smtp_server.cut()
    assert tasks.deliver_reminders() == 4
    assert states() == ["queued", "sent", "sent", "sent", "sent"]  # no 250 was heard, so it is not sent
    clock.shift(120)
    assert tasks.deliver_reminders() == 1
    assert len(smtp_server.messages) == 6
    assert len({m["Message-ID"] for m in smtp_server.messages}) == 5


@pytest.mark.fault("F4", "SMTP slower than its limit")
def test_a_server_slower_than_its_limit_costs_each_message_that_limit_and_no_more(
    five: list[Reminder], smtp_server: MailServer, clock: Any, settings: Any
):
    settings.EMAIL_TIMEOUT = 0.3  # in the product 20 s, of a server that takes 30
    smtp_server.slow(1.5)
    begun = time.perf_counter()
    assert tasks.deliver_reminders() == 0
    assert time.perf_counter() - begun < 5 * 1.5
    assert states() == ["queued"] * 5
    smtp_server.recover()
    clock.shift(120)
    assert tasks.deliver_reminders() == 5
    assert Reminder.objects.values_list("state", flat=True).distinct().get() == ReminderState.SENT


@pytest.mark.fault("F4", "SMTP down for ten minutes")
def test_ten_minutes_without_a_server_lose_nothing(five: list[Reminder], smtp_server: MailServer, clock: Any):
    smtp_server.fail("421 closing")
    for _ in range(20):  # beat asks every 30 s
        tasks.deliver_reminders()
        clock.shift(30)
    assert ReminderState.FAILED not in states()
    smtp_server.recover()
    for _ in range(20):  # within ten minutes of its return
        tasks.deliver_reminders()
        clock.shift(30)
    assert states() == ["sent"] * 5
    assert len(smtp_server.messages) == 5
    invariants.hold(make.site(), invariants.raised(make.site()), smtp_server)
    assert CardiacFlag.objects.count() == 1


@pytest.mark.fault("F4", "a second worker during a slow delivery")
def test_a_claim_is_made_when_the_message_is_taken_up_not_when_the_run_began(five: list[Reminder], clock: Any):
    """Another worker looks in while the first, against a slow server, is still at its third message."""
    seen: list[str] = []

    def slow(reminder: Reminder) -> None:
        seen.append(str(reminder.uuid))
        clock.shift(240)  # four minutes for each
        if len(seen) == 3:
            reminders_of_another = reminders.deliver(lambda other: seen.append(str(other.uuid)))
            assert reminders_of_another == 2  # the two not taken up yet

    reminders.deliver(slow)
    assert sorted(seen) == sorted(str(one.uuid) for one in five)
