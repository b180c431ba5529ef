"""The coordinator's digest: what it holds, when it is written, and what it never says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from monitoring import tasks
from monitoring.actions import assessments
from monitoring.models import CardiacPolicy, Reminder
from monitoring.words import ReminderKind, ReminderState
from scheduling.actions import holds
from scheduling.words import HoldReason
from tests import make

pytestmark = pytest.mark.django_db


def treated(**fields: Any) -> Any:
    """Baseline and first dose on 5 January 2026: the LVEF is due on 30 March, overdue from 8 April."""
    of = make.patient(family_name="Quimby", given_name="Beatrix", **fields)
    return make.plan(start=date(2026, 1, 5), given=1, of=of)


def digest() -> Reminder:
    return Reminder.objects.get(kind=ReminderKind.DIGEST)


@pytest.fixture
def cora(clock: Any) -> Any:
    clock.move_to("2026-01-05T09:00:00Z")
    return make.person("cora")


def test_a_digest_names_infusions_echoes_and_flags_without_names(clock, cora):
    plan, fallen = treated(mrn="D-1"), treated(mrn="D-2")
    clock.move_to("2026-04-08T06:00:00Z")
    make.lvef(fallen.patient, 47, date(2026, 4, 7))
    assert tasks.send_reminders() == 2  # the oncologist's own digest is the other
    row = digest()
    assert row.recipient == cora
    for body in (row.text, row.html):
        for words in ("LVEF overdue: 1", "D-1 (B. Q.)", "Mon 30 Mar 2026", "Flags undecided: 1", "Withhold advised"):
            assert words in body
        assert "Quimby" not in body
        assert "Beatrix" not in body
        assert "1970" not in body
    assert row.subject == "1 LVEF overdue, 1 flag undecided – Wed 8 Apr 2026"
    assert str(plan.uuid) in row.text


def test_infusions_are_named_seven_days_ahead_or_as_the_site_wants(clock, cora):
    treated()  # the second infusion is due on 26 January
    clock.move_to("2026-01-18T09:00:00Z")
    tasks.send_reminders()
    assert "Infusions" not in digest().text
    clock.move_to("2026-01-19T09:00:00Z")
    tasks.send_reminders()
    row = Reminder.objects.get(kind=ReminderKind.DIGEST, due_on=date(2026, 1, 19))
    assert "Infusions: 1" in row.text
    assert "Mon 26 Jan 2026" in row.text
    assert "cycle 2 of 17" in row.text


def test_a_site_may_ask_for_more_days_ahead(clock, cora):
    treated()
    CardiacPolicy.objects.create(site=make.site(), reminder_lead_days=14)
    clock.move_to("2026-01-12T09:00:00Z")
    tasks.send_reminders()
    assert "Infusions: 1" in digest().text


def test_a_held_plan_is_said_to_be_held(clock, cora):
    plan = treated()
    clock.move_to("2026-01-22T09:00:00Z")
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.OTHER)
    tasks.send_reminders()
    assert "ON HOLD" in digest().text


def test_a_booked_echo_is_said_to_be_booked(clock, cora):
    plan = treated()
    clock.move_to("2026-03-26T09:00:00Z")
    assessments.book_echo(by=cora, plan=plan, booked_for=date(2026, 3, 28), lab="Echo lab")
    tasks.send_reminders()
    assert "booked for Sat 28 Mar 2026 at Echo lab" in digest().text


def test_one_digest_a_day_however_often_it_is_asked_for(clock, cora):
    treated()
    clock.move_to("2026-01-20T06:00:00Z")
    assert [tasks.send_reminders() for _ in range(10)] == [2, *[0] * 9]
    assert Reminder.objects.filter(kind=ReminderKind.DIGEST).count() == 1


def test_after_three_lost_days_there_is_one_digest_for_today(clock, cora):
    treated()
    clock.move_to("2026-01-20T08:00:00Z")
    tasks.send_reminders()
    clock.move_to("2026-01-24T08:00:00Z")
    tasks.send_reminders()
    days = Reminder.objects.filter(kind=ReminderKind.DIGEST).order_by("due_on").values_list("due_on", flat=True)
    assert list(days) == [date(2026, 1, 20), date(2026, 1, 24)]


def test_no_digest_before_six_at_the_site(clock):
    clock.move_to("2026-01-05T09:00:00Z")
    madrid = make.site(name="Madrid", time_zone="Europe/Madrid")
    make.person("cora", madrid)
    make.plan(start=date(2026, 1, 5), given=1, of=make.patient(madrid))
    clock.move_to("2026-01-20T04:59:00Z")  # 05:59 there
    assert tasks.send_reminders() == 0
    clock.move_to("2026-01-20T05:00:00Z")
    assert tasks.send_reminders() == 2


def test_an_empty_day_is_written_down_and_not_sent(clock, cora):
    clock.move_to("2026-01-06T08:00:00Z")
    tasks.send_reminders()
    row = digest()
    assert row.state == ReminderState.CANCELLED
    assert "Nothing is due, nothing is overdue" in row.text
    assert row.subject == "Nothing due – Tue 6 Jan 2026"


def test_an_empty_day_is_sent_where_the_site_wants_it(clock, cora):
    CardiacPolicy.objects.create(site=make.site(), digest_when_empty=True)
    clock.move_to("2026-01-06T08:00:00Z")
    tasks.send_reminders()
    assert digest().state == ReminderState.QUEUED


def test_a_long_section_says_how_much_it_leaves_out(clock, cora, monkeypatch):
    monkeypatch.setattr("monitoring.actions.digests.SHOWN", 2)
    for _ in range(3):
        treated()
    clock.move_to("2026-01-20T08:00:00Z")
    tasks.send_reminders()
    assert "Infusions: 3" in digest().text
    assert "And 1 more: " in digest().text


def test_another_site_is_not_in_the_digest(clock, cora):
    elsewhere = make.site(name="Elsewhere")
    make.plan(start=date(2026, 1, 5), given=1, of=make.patient(elsewhere, mrn="E-1"))
    treated(mrn="D-1")
    clock.move_to("2026-01-20T08:00:00Z")
    tasks.send_reminders()
    row = Reminder.objects.get(kind=ReminderKind.DIGEST, recipient=cora)
    assert "D-1" in row.text
    assert "E-1" not in row.text


def test_html_carries_its_styles_in_each_element(clock, cora):
    treated()
    clock.move_to("2026-01-20T08:00:00Z")
    tasks.send_reminders()
    assert "<style" not in digest().html
    assert 'style="' in digest().html
