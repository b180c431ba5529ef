"""The ledger of messages, and sending a failed one again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import tasks
from monitoring.models import Reminder
from monitoring.words import ReminderState
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.fixture
def digest(clock: Any) -> Reminder:
    clock.move_to("2026-01-05T09:00:00Z")
    make.person("cora")
    make.plan(start=date(2026, 1, 5), given=1, of=make.patient(mrn="L-1"))
    clock.move_to("2026-01-20T08:00:00Z")
    tasks.send_reminders()
    return Reminder.objects.get(recipient__full_name="Cora Castell")


def failed(row: Reminder) -> Reminder:
    Reminder.objects.filter(pk=row.pk).update(state=ReminderState.FAILED, attempts=6, last_error="550 no such mailbox")
    return row


def test_the_ledger_shows_state_tries_and_error(sign_in: SignIn, digest: Reminder):
    failed(digest)
    page = sign_in("cora").get(reverse("reminders")).content.decode()
    for words in (digest.subject, "Failed", "550 no such mailbox", "Cora Castell"):
        assert words in page
    assert "No reminder yet" in sign_in("cora").get(reverse("reminders") + "?state=sent").content.decode()


def test_the_preview_shows_text_and_html_in_a_frame_without_scripts(sign_in: SignIn, digest: Reminder):
    cora = sign_in("cora")
    page = cora.get(reverse("reminder", args=[digest.uuid])).content.decode()
    assert "L-1" in page
    assert 'sandbox="allow-same-origin" src="' in page
    frame = cora.get(reverse("reminder-html", args=[digest.uuid]))
    assert "script-src 'none'" in frame["Content-Security-Policy"]
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


def test_an_administrator_sees_the_envelope_and_no_patient(sign_in: SignIn, digest: Reminder):
    ada = sign_in("ada")
    page = ada.get(reverse("reminder", args=[digest.uuid])).content.decode()
    assert digest.subject in page
    assert "L-1" not in page
    assert ada.get(reverse("reminder-html", args=[digest.uuid])).status_code == 403


@pytest.mark.parametrize("who", ["nora", "omar", "pia", "xavier"])
def test_others_do_not_see_the_ledger(sign_in: SignIn, digest: Reminder, who: str):
    client = sign_in(who)
    for address in (reverse("reminders"), reverse("reminder", args=[digest.uuid])):
        assert client.get(address).status_code == 403
    assert client.post(reverse("reminder", args=[digest.uuid])).status_code == 403


def test_a_failed_message_is_queued_again_to_the_present_address(sign_in: SignIn, digest: Reminder):
    failed(digest)
    cora = make.person("cora")
    cora.email = "right@test-clinic.example"
    cora.save()
    answer = sign_in_again(cora).post(reverse("reminder", args=[digest.uuid]), follow=True)
    assert "Queued again for right@test-clinic.example" in answer.content.decode()
    digest.refresh_from_db()
    assert (digest.state, digest.attempts, digest.address) == ("queued", 0, "right@test-clinic.example")


def test_a_message_that_did_not_fail_is_not_sent_twice(sign_in: SignIn, digest: Reminder):
    Reminder.objects.update(state=ReminderState.SENDING)
    answer = sign_in("cora").post(reverse("reminder", args=[digest.uuid]), follow=True)
    assert "Only a message that failed" in answer.content.decode()
    digest.refresh_from_db()
    assert digest.state == ReminderState.SENDING


def test_the_ledger_asks_as_often_for_many_as_for_one(sign_in: SignIn, digest: Reminder, clock: Any):
    client = sign_in("cora")
    client.get(reverse("reminders"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("reminders"))
    for day in (21, 22, 23):
        clock.move_to(f"2026-01-{day}T08:00:00Z")
        tasks.send_reminders()
    client = sign_in("cora")
    client.get(reverse("reminders"))
    with CaptureQueriesContext(connection) as four:
        client.get(reverse("reminders"))
    assert len(one) == len(four)


def sign_in_again(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client
