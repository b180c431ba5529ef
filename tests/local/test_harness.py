"""The test fixtures themselves: real mail, a real worker, a real browser, and no way out of this machine."""

from __future__ import annotations

import smtplib
import socket
import subprocess
from typing import Any

import pytest
from django.core.mail import send_mail
from pytest_socket import SocketConnectBlockedError

from her2tracker.celery import app
from tests.mail import MailServer


def send(*to: str) -> None:
    send_mail("An echocardiogram is overdue", "One patient. Sign in to see.", "from@example.org", list(to))


def test_the_mail_server_keeps_what_it_accepted(smtp_server: MailServer) -> None:
    send("cora@example.org")
    assert smtp_server.recipients == [["cora@example.org"]]
    assert smtp_server.messages[0]["subject"] == "An echocardiogram is overdue"


def test_the_mail_server_can_refuse_for_a_while(smtp_server: MailServer) -> None:
    smtp_server.fail("451 try again later", times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError, match="try again later"):
            send("cora@example.org")
    send("cora@example.org")
    assert (smtp_server.attempts, len(smtp_server.messages)) == (3, 1)


def test_the_mail_server_can_refuse_one_recipient(smtp_server: MailServer) -> None:
    smtp_server.fail("550 no such mailbox", to="gone@example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send("gone@example.org")
    send("cora@example.org")
    assert smtp_server.recipients == [["cora@example.org"]]


def test_a_worker_process_answers_over_this_tests_own_queue(celery_worker_process: subprocess.Popen[bytes]) -> None:
    (answer,) = app.control.ping(timeout=10, limit=1)
    assert list(answer.values()) == [{"ok": "pong"}]


@pytest.mark.filterwarnings("ignore:A test tried to use")
def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as outward, pytest.raises(SocketConnectBlockedError):
        outward.connect(("192.0.2.1", 80))


def test_a_browser_opens_a_page_of_the_live_server(page: Any, live_server: Any) -> None:
    page.goto(live_server.url)
    assert page.locator("html[lang]").count() == 1
