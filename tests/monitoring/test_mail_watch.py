"""An urgent mail leaves when its result is committed: the process that listens, with real PostgreSQL and SMTP."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction

from monitoring.actions import mail_watch
from monitoring.models import Reminder, SweepRun
from monitoring.words import SweepName
from scheduling.models import Patient
from tests import make
from tests.conftest import wait_until, worker_environment
from tests.mail import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def patient(transactional_db: None) -> Patient:
    return make.plan(start=make.site().today() - timedelta(days=42), given=2).patient


def start_watch() -> subprocess.Popen[bytes]:
    """Listening: it has looked once."""
    looked = looks()
    command = [sys.executable, "manage.py", "deliver_reminders", "--watch", "--skip-checks"]
    process = subprocess.Popen(command, env=worker_environment(), stdout=subprocess.DEVNULL)  # noqa: S603
    wait_until(lambda: looks() > looked, "the first look", seconds=60)
    return process


def looks() -> int:
    return sum(SweepRun.objects.filter(name=SweepName.DELIVERY).values_list("runs", flat=True))


@pytest.fixture
def watching(patient: Patient, smtp_server: MailServer) -> Iterator[subprocess.Popen[bytes]]:
    process = start_watch()
    yield process
    process.kill()
    process.wait()


def test_the_mail_leaves_when_the_result_is_committed_and_not_before(
    watching: subprocess.Popen[bytes], patient: Patient, smtp_server: MailServer
):
    with transaction.atomic():
        make.lvef(patient, 44, make.site().today())
        time.sleep(1)
        assert smtp_server.messages == []
    wait_until(lambda: len(smtp_server.messages) == 1, "the mail", seconds=10)  # it looks by itself after 30


def test_it_listens_again_after_the_database_threw_it_out(
    watching: subprocess.Popen[bytes], patient: Patient, smtp_server: MailServer
):
    looked = looks()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    wait_until(lambda: looks() > looked, "another look", seconds=20)
    assert watching.poll() is None
    make.lvef(patient, 44, make.site().today())
    wait_until(lambda: len(smtp_server.messages) == 1, "the mail", seconds=10)


def test_two_of_them_send_each_message_once(
    watching: subprocess.Popen[bytes], patient: Patient, smtp_server: MailServer
):
    second = start_watch()
    try:
        for number in range(4):
            today = make.site().today()
            make.lvef(make.plan(start=today - timedelta(days=42), given=2).patient, 44 - number, today)
        wait_until(lambda: not Reminder.objects.exclude(state="sent").exists(), "every mail", seconds=20)
    finally:
        second.kill()
        second.wait()
    names = [message["Message-ID"] for message in smtp_server.messages]
    assert len(names) == len(set(names)) == 4


def test_it_ends_in_order_when_it_is_asked_to(watching: subprocess.Popen[bytes]):
    watching.terminate()
    assert watching.wait(timeout=5) == 0


def test_it_looks_by_itself_when_nobody_calls(monkeypatch: pytest.MonkeyPatch):
    """Without any call it looks again by itself: a lost call costs the pause, never the message."""
    monkeypatch.setattr(mail_watch, "LOOK_EVERY_SECONDS", 0.2)
    seen: list[float] = []
    mail_watch.watch(lambda: seen.append(time.monotonic()), lambda: len(seen) >= 3)
    assert len(seen) == 3
    assert seen[2] - seen[0] >= 0.4
