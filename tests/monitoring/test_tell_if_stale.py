"""The second path of the heartbeat: administrators are mailed directly when no check has run for 26 hours."""

from __future__ import annotations

import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from monitoring import tasks
from monitoring.management.commands import tell_if_stale
from monitoring.models import Reminder
from tests import make

pytestmark = pytest.mark.django_db


def checked(clock: Any, at: str) -> None:
    clock.move_to(at)
    tasks.flag_overdue_echocardiograms()
    tasks.flag_lvef_drops()


def test_nobody_is_mailed_while_the_checks_run(clock, capsys):
    make.person("ada")
    checked(clock, "2026-04-29T09:00:00Z")
    clock.move_to("2026-04-30T11:00:00Z")  # 26 hours later to the minute: not yet stale
    call_command("tell_if_stale")
    assert mail.outbox == []
    assert "have run at every site" in capsys.readouterr().out


def test_past_26_hours_the_administrators_are_mailed_without_the_outbox(clock):
    ada = make.person("ada")
    make.person("omar")
    checked(clock, "2026-04-29T09:00:00Z")
    clock.move_to("2026-04-30T11:01:00Z")
    with pytest.raises(CommandError, match="Administrators told: 1"):
        call_command("tell_if_stale")
    [sent] = mail.outbox
    assert sent.to == [ada.email]
    assert "Checks last ran Wed 29 Apr 2026 09:00" in sent.body
    assert not Reminder.objects.exists()


def test_one_check_that_stopped_is_enough(clock):
    make.person("ada")
    checked(clock, "2026-04-28T09:00:00Z")
    clock.move_to("2026-04-30T09:00:00Z")
    tasks.flag_lvef_drops()
    with pytest.raises(CommandError):
        call_command("tell_if_stale")
    assert len(mail.outbox) == 1


def test_a_site_without_an_administrator_ends_in_an_error_that_says_so(clock):
    make.site()
    with pytest.raises(CommandError, match="the site has none"):
        call_command("tell_if_stale")


def test_a_site_is_told_though_another_sites_mail_was_refused(clock, monkeypatch):
    make.person("ada")
    make.person("ada", make.site(name="Far clinic"))
    sent = tell_if_stale.send_mail

    def refusing(subject: str, text: str, sender: None, people: list[str]) -> int:
        if people == ["ada@far-clinic.example"]:
            raise smtplib.SMTPServerDisconnected("gone")
        return sent(subject, text, sender, people)

    monkeypatch.setattr(tell_if_stale, "send_mail", refusing)
    with pytest.raises(CommandError, match=r"Far clinic: .*not accepted: gone"):
        call_command("tell_if_stale")
    assert [one.to for one in mail.outbox] == [["ada@test-clinic.example"]]
