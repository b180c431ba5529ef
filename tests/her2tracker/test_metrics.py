"""Figures for the hospital's own monitoring: closed unless asked with the token, and nothing about anybody."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from her2tracker.accounts.models import Site, User
from her2tracker.audit.history_checks import note
from her2tracker.audit.models import Act, HistoryCheck
from her2tracker.audit.proof import Fault, Proof
from monitoring.actions import sweeps
from monitoring.words import SweepName
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_without_the_token_there_is_nothing(client: Client, settings, sent: dict[str, str]):
    settings.METRICS_TOKEN = "the-token"
    assert client.get(reverse("health-metrics"), headers=sent).status_code == 404


def test_an_empty_token_opens_nothing(client: Client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get(reverse("health-metrics"), headers={"Authorization": "Bearer "}).status_code == 404


def test_it_tells_ages_and_counts_and_nobodys_name(client: Client, settings):
    settings.METRICS_TOKEN = "the-token"
    plan = make.plan(of=make.patient(family_name="Nobodyknows", mrn="SECRET-1"), start=START, given=1)
    make.lvef(plan.patient, 40, START + timedelta(days=1))
    now = timezone.now()
    sweeps.note(SweepName.OVERDUE, plan.patient.site, now=now - timedelta(hours=30), changed=0)
    note(HistoryCheck(asked_at=now), Proof(1, 2, "a" * 64, (Fault("Row 1 was changed."),)), now=now)
    text = client.get(reverse("health-metrics"), headers={"Authorization": "Bearer the-token"}).content.decode()
    assert 'her2tracker_flags{kind="finding",state="open"} 1.0' in text
    assert "her2tracker_record_faults 1.0" in text
    [age] = [line for line in text.splitlines() if line.startswith("her2tracker_check_age_seconds{")]
    assert f'check="flag-overdue-echocardiograms",site="{plan.patient.site.uuid}"' in age
    assert 30 * 3600 <= float(age.split()[-1]) < 31 * 3600
    assert "Nobodyknows" not in text
    assert "SECRET-1" not in text


OPEN = ["--time-zone", "Europe/Madrid", "--jurisdiction", "EU", "--email", "Ana@h.example", "--full-name", "Ana Alba"]


def test_a_clinic_is_opened_with_an_administrator_who_sets_a_password_by_the_printed_link(client: Client):
    out = StringIO()
    call_command("open_site", "Hospital del Mar", *OPEN, stdout=out)
    ana = User.objects.get(email="ana@h.example")
    assert (ana.site.name, ana.site.jurisdiction, ana.role) == ("Hospital del Mar", "EU", "administrator")
    link = out.getvalue().strip().splitlines()[-1]
    page = client.get(link.partition("://")[2].partition("/")[2].join(["/", ""]), follow=True)
    form = {"password1": "a-long-enough-password", "password2": "a-long-enough-password"}
    client.post(page.redirect_chain[-1][0], form)
    assert client.login(username="ana@h.example", password=form["password1"]) or User.objects.get(
        pk=ana.pk
    ).check_password(form["password1"])
    assert Act.objects.get(verb="site.opened").details["administrator"] == "Ana Alba"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*OPEN[:1], "Mars/Olympus", *OPEN[2:]], "not a time zone"),
        (OPEN, "already"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_the_reason(words: list[str], said: str):
    make.site(name="Taken")
    with pytest.raises(CommandError, match=said):
        call_command("open_site", "Taken", *words, stdout=StringIO())
    assert not User.objects.filter(email="ana@h.example").exists()
    assert Site.objects.filter(name="Taken").count() == 1
