"""Signed out by the clock: when, what is kept of what was typed, and whom it comes back to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from her2tracker.accounts.models import User
from her2tracker.audit.models import Act
from scheduling.models import Patient
from tests import make

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HOST = "http://testserver"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cora(clock: object) -> User:
    cora = make.person("cora")
    cora.site.idle_minutes = 30
    cora.site.save()
    return cora


def sign_in(client: Client, who: User) -> None:
    client.post(reverse("account_login"), {"login": who.email, "password": make.PASSWORD})
    assert client.get(reverse("patients")).status_code == 200


@pytest.fixture
def desk(cora: User) -> Client:
    client = Client()
    sign_in(client, cora)
    return client


def send(desk: Client, **more: str):
    """A new patient's form, sent from its own page."""
    page = reverse("patient-new")
    return desk.post(page, {"family_name": "Typed", "given_name": "Tessa", **more}, headers={"Referer": HOST + page})


def test_whoever_works_stays_and_whoever_left_is_signed_out(desk: Client, clock):
    for _ in range(4):
        clock.shift(timedelta(minutes=29))
        assert desk.get(reverse("patients")).status_code == 200
    clock.shift(timedelta(minutes=31))
    answer = desk.get(reverse("patients"))
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('patients')}"
    assert "30 minutes without a sign of life" in desk.get(answer["Location"]).content.decode()
    assert Act.objects.get(verb="person.timed-out").details == {"kept": False}


def test_a_page_that_looks_by_itself_is_no_sign_of_life(desk: Client, clock):
    for _ in range(3):
        clock.shift(timedelta(minutes=9))
        poll = desk.get(reverse("queue"), headers={"X-Poll": "1", "HX-Request": "true"})
        assert poll.status_code == 200
    clock.shift(timedelta(minutes=9))
    assert desk.get(reverse("queue"), headers={"X-Poll": "1", "HX-Request": "true"}).status_code == 401


def test_a_sign_in_ends_with_the_day_however_busy(desk: Client, cora: User, clock):
    cora.site.idle_minutes = None
    cora.site.save()
    clock.shift(timedelta(hours=9, minutes=59))
    assert desk.get(reverse("patients")).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert reverse("account_login") in desk.get(reverse("patients"))["Location"]


def test_what_is_sent_too_late_is_not_recorded_and_comes_back(desk: Client, cora: User, clock):
    clock.shift(timedelta(minutes=45))
    answer = send(desk, mrn="T-1", revision="3")
    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('patient-new')}"
    assert not Patient.objects.exists()
    assert "back in its form" in desk.get(answer["Location"]).content.decode()

    sign_in(desk, cora)
    page = desk.get(reverse("patient-new")).content.decode()
    assert "<dd>Tessa</dd>" in page
    assert "&quot;T-1&quot;" in page
    assert "csrfmiddlewaretoken&quot;" not in page
    assert "<dd>3</dd>" not in page, "nobody typed the revision"
    assert "Tessa" not in desk.get(reverse("patient-new")).content.decode(), "once"
    assert Act.objects.get(verb="person.timed-out").details == {"kept": True}


def test_the_next_person_at_the_computer_never_sees_it(desk: Client, cora: User, clock):
    clock.shift(timedelta(minutes=45))
    send(desk)
    sign_in(desk, make.person("omar"))
    assert "Tessa" not in desk.get(reverse("patient-new")).content.decode()
    desk.post(reverse("account_logout"))
    sign_in(desk, cora)
    assert "Tessa" not in desk.get(reverse("patient-new")).content.decode()


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/patients/new/"])
def test_nobody_elses_page_puts_words_into_a_form(desk: Client, cora: User, clock, referer: str):
    clock.shift(timedelta(minutes=45))
    desk.post(reverse("patient-new"), {"family_name": "Planted"}, headers={"Referer": referer} if referer else {})
    sign_in(desk, cora)
    assert "Planted" not in desk.get(reverse("patient-new")).content.decode()


def test_a_password_is_never_kept(desk: Client, cora: User, clock):
    clock.shift(timedelta(minutes=45))
    page = reverse("account_change_password")
    desk.post(page, {"oldpassword": "my-old-secret"}, headers={"Referer": HOST + page})
    assert "my-old-secret" not in str(dict(desk.session))


def test_more_than_a_form_holds_is_not_kept(desk: Client, clock):
    clock.shift(timedelta(minutes=45))
    send(desk, note="x" * 60_000)
    assert "draft" not in desk.session


def test_a_part_of_a_page_is_sent_to_the_sign_in_and_a_program_is_told(desk: Client, cora: User, clock):
    clock.shift(timedelta(minutes=45))
    page = HOST + reverse("queue")
    part = desk.post(reverse("queue-take"), {"key": "k"}, headers={"HX-Request": "true", "HX-Current-URL": page})
    assert (part.status_code, part["HX-Redirect"]) == (204, f"{reverse('account_login')}?next={reverse('queue')}")
    sign_in(desk, cora)
    clock.shift(timedelta(minutes=45))
    told = desk.get("/api/v1/me/")
    assert (told.status_code, told.json()["error"]["code"]) == (401, "signed-out")


def test_the_minutes_are_the_sites_to_choose(cora: User):
    ada = Client()
    ada.force_login(make.person("ada"))
    for minutes, status in ((45, 200), (None, 200), (4, 400), (481, 400)):
        answer = ada.patch("/api/v1/site/", {"idle_minutes": minutes}, content_type="application/json")
        assert answer.status_code == status, answer.content
    cora.site.refresh_from_db()
    assert cora.site.idle_minutes is None
