"""A message that was accepted and came back: told by the mail server or by a person, and somebody's task."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.core import bounces
from monitoring.models import Reminder
from monitoring.words import ReminderState
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> Reminder:
    import uuid

    omar, now = make.person("omar"), timezone.now()
    return Reminder.objects.create(
        uuid=uuid.uuid4(), site=omar.site, recipient=omar, kind="digest", about="day", due_on=now.date(),
        address=omar.email, subject="Your day", text="…", state=ReminderState.SENT, sent_at=now,
    )  # fmt: skip


def report(message_id: str, *, action: str = "failed", kind: str = "multipart/report") -> bytes:
    """As a mail server writes it (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.example
To: her2tracker@localhost
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: {kind}; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; omar@test-clinic.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <omar@test-clinic.example>: no such user

--B
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Your day

--B--
""".replace("\n", "\r\n").encode()


def piped(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    call_command("take_bounce", stdout=out)
    return out.getvalue()


def test_a_returned_message_becomes_a_task_without_the_address_in_its_words(sent: Reminder, monkeypatch):
    raw = report(f"<{sent.uuid}@localhost>")
    assert "It is on the queue." in piped(raw, monkeypatch)
    sent.refresh_from_db()
    assert (sent.state, sent.sent_at) == (ReminderState.FAILED, None)
    assert sent.bounced_at is not None
    assert sent.last_error == "Came back: 550 5.1.1 <the address>: no such user"
    assert "Only a message that was sent" in piped(raw, monkeypatch), "the same report twice changes nothing"
    cora = Client()
    cora.force_login(make.person("cora"))
    assert "came back" in cora.get(reverse("reminders")).content.decode()
    assert (
        "550 5.1.1"
        in cora.get(reverse("queue")).content.decode()
        + cora.get(reverse("reminder", args=[sent.uuid])).content.decode()
    )


@pytest.mark.parametrize(
    "raw",
    [
        report("<00000000-0000-0000-0000-000000000000@localhost>"),
        report("<somebody@else.example>"),
        report("<x@localhost>", action="delayed"),
        report("<x@localhost>", kind="multipart/mixed"),
        b"",
        b"\xff\x00 not a message",
        b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\n",
    ],
    ids=["nobody's", "another's", "a delay", "no report", "nothing", "garbage", "cut short"],
)
def test_whatever_else_comes_changes_nothing(sent: Reminder, raw: bytes, monkeypatch):
    assert "Nothing of ours" in piped(raw, monkeypatch)
    sent.refresh_from_db()
    assert sent.state == ReminderState.SENT


def test_a_delay_of_ours_is_no_failure(sent: Reminder):
    assert bounces.read(report(f"<{sent.uuid}@localhost>", action="delayed")) is None
    found = bounces.read(report(f"<{sent.uuid}@localhost>"))
    assert found is not None
    assert found.key == sent.uuid


def test_what_is_larger_than_any_report_is_not_read(sent: Reminder):
    assert bounces.read(report(f"<{sent.uuid}@localhost>") + b"x" * bounces.LONGEST_BYTES) is None


def test_a_person_records_it_on_the_page_and_a_program_over_http(sent: Reminder):
    cora = Client()
    cora.force_login(make.person("cora"))
    address = reverse("reminder", args=[sent.uuid])
    assert "It came back" in cora.get(address).content.decode()
    empty = cora.post(address, {"act": "came-back", "why": " "})
    assert empty.status_code == 422
    assert "Say what came back" in empty.content.decode()
    assert cora.post(address, {"act": "came-back", "why": "The clinic’s post room returned it."}).status_code == 302
    sent.refresh_from_db()
    assert sent.state == ReminderState.FAILED
    again = cora.post(f"/api/v1/reminders/{sent.uuid}/came-back/", {"why": "x"}, content_type="application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not-sent")
    assert cora.get(f"/api/v1/reminders/{sent.uuid}/").json()["bounced_at"] is not None
