"""Mail through a real server that fails as servers fail."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from monitoring import tasks
from monitoring.actions import letters
from monitoring.models import CardiacFlag, Reminder
from monitoring.words import ReminderState
from scheduling.models import CycleDay
from tests import make
from tests.mail import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(clock: Any) -> Reminder:
    """A digest that waits to be sent, and an urgent mail to the oncologist."""
    clock.move_to("2026-01-05T09:00:00Z")
    make.person("cora")
    plan = make.plan(start=date(2026, 1, 5), given=1)
    clock.move_to("2026-01-20T08:00:00Z")
    tasks.send_reminders()
    make.lvef(plan.patient, 40, date(2026, 1, 20))
    return Reminder.objects.get(kind="digest")


def test_a_reminder_is_sent_once_with_text_and_html(owed: Reminder, smtp_server: MailServer):
    assert [tasks.deliver_reminders() for _ in range(3)] == [2, 0, 0]
    sent = next(m for m in smtp_server.messages if m["Message-ID"] == f"<{owed.uuid}@localhost>")
    assert sent["To"] == owed.address
    assert sent["Subject"] == owed.subject
    assert {part.get_content_type() for part in sent.walk()} >= {"text/plain", "text/html"}
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == (ReminderState.SENT, 1)
    assert owed.sent_at is not None


def test_the_urgent_mail_names_nobody_and_leads_to_the_flag(owed: Reminder, smtp_server: MailServer):
    tasks.deliver_reminders()
    patient = owed.site.patients.get()
    urgent = next(m for m in smtp_server.messages if m["Subject"] == "A cardiac flag needs your decision")
    text = "".join(part.get_content() for part in urgent.walk() if part.get_content_maintype() == "text")
    for secret in (patient.family_name, patient.given_name, patient.mrn, "40 %"):
        assert secret not in text
    assert "/flags/" in text
    assert urgent["To"] == make.person("omar").email


def test_a_server_that_is_down_and_comes_back_gets_each_mail_once(owed: Reminder, smtp_server: MailServer, clock: Any):
    smtp_server.fail("451 try again later")
    assert tasks.deliver_reminders() == 0
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == (ReminderState.QUEUED, 1)
    assert owed.next_try_at > timezone.now()
    assert "451" in owed.last_error
    assert tasks.deliver_reminders() == 0  # too early: it is not tried again
    smtp_server.recover()
    clock.move_to("2026-01-20T14:00:00Z")
    assert tasks.deliver_reminders() == 2
    assert tasks.deliver_reminders() == 0
    assert len({m["Message-ID"] for m in smtp_server.messages}) == len(smtp_server.messages) == 2


def test_no_server_at_all_is_another_try_not_an_error(owed: Reminder, settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    assert tasks.deliver_reminders() == 0
    owed.refresh_from_db()
    assert owed.state == ReminderState.QUEUED


def test_an_unknown_mailbox_fails_at_once_and_stands_in_the_queue(
    owed: Reminder, smtp_server: MailServer, sign_in: Any, clock: Any
):
    smtp_server.fail("550 no such mailbox", to=owed.address)
    assert tasks.deliver_reminders() == 1  # the oncologist's still goes out
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == (ReminderState.FAILED, 1)
    page = sign_in("cora").get(reverse("queue") + "?show=message").content.decode()
    assert "Message not delivered" in page
    assert "550" in page


def test_after_the_last_try_a_person_must_act(owed: Reminder, smtp_server: MailServer, clock: Any):
    smtp_server.fail("451 try again later")
    for hour in range(9, 21):
        clock.move_to(f"2026-01-20T{hour:02}:00:00Z")
        tasks.deliver_reminders()
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == (ReminderState.FAILED, 6)


def test_a_message_no_program_can_send_does_not_stop_the_others(owed: Reminder, smtp_server: MailServer):
    Reminder.objects.filter(pk=owed.pk).update(subject="two\nlines")
    assert tasks.deliver_reminders() == 1
    owed.refresh_from_db()
    assert owed.state == ReminderState.QUEUED
    assert "BadHeaderError" in owed.last_error or "ValueError" in owed.last_error


def test_a_worker_that_died_while_sending_is_followed_by_another(owed: Reminder, smtp_server: MailServer, clock: Any):
    waiting = Reminder.objects.filter(state=ReminderState.QUEUED)
    waiting.update(state=ReminderState.SENDING, attempts=1, next_try_at=timezone.now())
    clock.move_to("2026-01-20T08:11:00Z")
    assert tasks.deliver_reminders() == 2


def test_a_message_that_kills_each_worker_ends_with_a_person(owed: Reminder, smtp_server: MailServer):
    Reminder.objects.filter(pk=owed.pk).update(state=ReminderState.SENDING, attempts=6, next_try_at=timezone.now())
    tasks.deliver_reminders()
    owed.refresh_from_db()
    assert owed.state == ReminderState.FAILED


# What an urgent mail says


def urgent_mail() -> Reminder:
    return Reminder.objects.get(kind="urgent-flag")


def test_it_is_written_when_it_is_sent_and_names_the_next_infusion_as_it_then_stands(
    owed: Reminder, smtp_server: MailServer
):
    assert urgent_mail().text == ""
    CycleDay.objects.filter(plan__patient__site=owed.site, state="planned", cycle=2).update(planned_on="2026-01-28")
    tasks.deliver_reminders()
    assert "Next infusion: Wed 28 Jan 2026." in urgent_mail().text
    assert "Wed 28 Jan 2026" in urgent_mail().html


def test_a_later_try_sends_what_the_first_one_wrote(owed: Reminder, smtp_server: MailServer, clock: Any):
    smtp_server.fail("451 try again later")
    tasks.deliver_reminders()
    written = urgent_mail().text
    assert written
    smtp_server.recover()
    clock.move_to("2026-01-20T14:00:00Z")
    tasks.deliver_reminders()
    assert (urgent_mail().state, urgent_mail().text) == (ReminderState.SENT, written)


def test_a_letter_that_cannot_be_written_is_tried_again_and_the_flag_stands(
    owed: Reminder, smtp_server: MailServer, monkeypatch: pytest.MonkeyPatch
):
    def failing(*_: Any) -> tuple[str, str]:
        raise LookupError("no such template")

    monkeypatch.setattr(letters, "write", failing)
    assert tasks.deliver_reminders() == 1  # the digest, which was written before
    mail = urgent_mail()
    assert (mail.state, mail.attempts, mail.sent_at) == (ReminderState.QUEUED, 1, None)
    assert "no such template" in mail.last_error
    assert CardiacFlag.objects.filter(kind="finding", state="open").count() == 1


def test_before_it_is_sent_its_page_shows_what_it_would_say(owed: Reminder, sign_in: Any):
    page = sign_in("cora").get(reverse("reminder", args=[urgent_mail().uuid])).content.decode()
    assert "It is written when it is sent. Sent now, it would say this." in page
    assert "Advice by the cardiac protocols: discontinue" in page or "Advice by the cardiac protocols: withhold" in page
    frame = sign_in("cora").get(reverse("reminder-html", args=[urgent_mail().uuid]))
    assert "A cardiac flag needs your decision" in frame.content.decode()
