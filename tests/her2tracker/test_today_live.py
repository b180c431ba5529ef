"""An open list asks whether something changed: cheaply, and with nothing for an answer when nothing did."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from her2tracker.clinic.live import version_of
from scheduling.actions import holds
from scheduling.words import HoldReason
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-01-26T07:25:00Z", tick=False):
        yield


@pytest.fixture
def nora() -> Client:
    client = Client()
    client.force_login(make.person("nora"))
    return client


def ask(nora: Client, seen: str):
    return nora.get(reverse("today"), {"on": "2026-01-26", "seen": seen}, headers={"HX-Request": "true"})


def test_nothing_is_answered_until_something_is_recorded(nora: Client):
    plan = make.plan(start=date(2026, 1, 5), given=1)
    seen = version_of(make.site())
    assert seen in nora.get(reverse("today")).context["again"]
    with CaptureQueriesContext(connection) as asked:
        assert ask(nora, seen).status_code == 204
    assert len(asked) <= 4  # the session, the person, the site, and the acts
    nora.get(reverse("patient", args=[plan.patient.uuid]))
    assert ask(nora, seen).status_code == 204  # a chart that was opened changes no list
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL, note="46 %")
    answer = ask(nora, seen)
    page = answer.content.decode()
    assert (answer.status_code, "<html" in page) == (200, False)
    assert "On hold: fall of LVEF" in page
    assert version_of(make.site()) in page
    assert ask(nora, version_of(make.site())).status_code == 204


def test_a_check_of_the_system_is_noticed_too(nora: Client):
    plan = make.plan(start=date(2026, 1, 5), given=1)
    before = version_of(make.site())
    make.lvef(plan.patient, 44, date(2026, 1, 26))
    assert version_of(make.site()) != before


def test_another_day_is_another_version():
    before = version_of(make.site())
    with time_machine.travel("2026-01-27T07:25:00Z", tick=False):
        assert version_of(make.site()) != before


def test_what_another_site_records_changes_nothing_here():
    make.person("nora")
    before = version_of(make.site())
    make.patient(make.site(name="Elsewhere"))
    assert version_of(make.site()) == before


def test_without_a_browser_that_asks_the_whole_page_is_answered(nora: Client):
    page = nora.get(reverse("today"), {"seen": version_of(make.site())})
    assert (page.status_code, "<html" in page.content.decode()) == (200, True)
