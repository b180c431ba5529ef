"""The main job with a real worker process: a fall is recorded, a lost flag is raised again, the mail goes out."""

from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest
from django.urls import reverse

from her2tracker.celery import app
from monitoring import tasks
from monitoring.models import CardiacFlag, Reminder, SweepRun
from monitoring.words import FlagState, ReminderState, SweepName
from tests import make
from tests.conftest import wait_until
from tests.mail import MailServer


@pytest.mark.django_db(transaction=True)
def test_a_fall_becomes_a_flag_and_a_mail_through_a_real_worker(
    smtp_server: MailServer, celery_worker_process: subprocess.Popen[bytes]
):
    assert app.main == "her2tracker"  # importing it is what gives `.delay` this test's broker
    today = make.site().today()
    plan = make.plan(start=today - timedelta(days=42), given=2)
    make.lvef(plan.patient, 44, today)
    CardiacFlag.objects.all().delete()  # the lost write that the sweep must make good
    Reminder.objects.all().delete()

    tasks.flag_lvef_drops.delay()
    wait_until(lambda: CardiacFlag.objects.exists(), "the flag")
    wait_until(lambda: SweepRun.objects.filter(name=SweepName.DROPS).exists(), "the heartbeat")
    flag = CardiacFlag.objects.get()
    assert (flag.state, flag.advice) == (FlagState.OPEN, "withhold")

    tasks.flag_lvef_drops.delay()
    tasks.deliver_reminders.delay()
    wait_until(lambda: Reminder.objects.filter(state=ReminderState.SENT).exists(), "the mail")
    assert CardiacFlag.objects.count() == 1
    [mail] = smtp_server.messages
    assert mail["To"] == make.person("omar").email
    body = mail.get_body(("plain",))
    assert body is not None
    assert reverse("flag", args=[flag.uuid]) in body.get_content()
