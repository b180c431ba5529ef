"""Signing in by a hospital's own identity provider: a real provider on loopback vouches for an address."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import oidc_provider_mock
import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from her2tracker.accounts.models import User
from her2tracker.audit.models import Act
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def hospital(provider: str, settings: Any) -> str:
    providers = deepcopy(configured.SOCIALACCOUNT_PROVIDERS)
    app = {"provider_id": "hospital", "name": "Demo hospital", "client_id": "her2tracker", "secret": "s"}
    providers["openid_connect"]["APPS"] = [app | {"settings": {"server_url": provider}}]
    settings.SOCIALACCOUNT_PROVIDERS = providers
    settings.OIDC_URL, settings.OIDC_NAME = provider, "Demo hospital"
    return provider


def vouches(provider: str, subject: str, **claims: Any) -> None:
    """The provider knows somebody."""
    request = urllib.request.Request(  # noqa: S310
        f"{provider}/users/{urllib.parse.quote(subject)}",
        data=json.dumps(claims).encode(),
        method="PUT",
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()  # noqa: S310


def come_in(client: Client, subject: str) -> Any:
    """From our sign-in page to the provider, and back with its word."""
    away = client.post(reverse("openid_connect_login", args=["hospital"]))
    assert away.status_code == 302, away.content.decode()[-500:]
    form = urllib.parse.urlencode({"sub": subject}).encode()
    opener = urllib.request.build_opener(_Stay)
    try:
        opener.open(urllib.request.Request(away["Location"], data=form))  # noqa: S310
    except urllib.error.HTTPError as answer:
        back = answer.headers["Location"]
    return client.get(re.sub(r"^https?://[^/]+", "", back))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def test_a_person_with_an_account_comes_in_without_a_password(hospital: str):
    nora = make.person("nora")
    vouches(hospital, "nora-at-the-hospital", email=nora.email, email_verified=True)
    client = Client()
    assert "Sign in by Demo hospital" in client.get(reverse("account_login")).content.decode()
    come_in(client, "nora-at-the-hospital")
    assert client.get(reverse("today")).status_code == 200
    assert Act.objects.filter(verb="person.signed-in").latest("at").details == {"by_means_of": ["socialaccount"]}
    assert nora.check_password(make.PASSWORD), "the password stays for the day the provider is down"


def test_the_hospitals_word_is_a_second_factor(hospital: str):
    nora = make.person("nora")
    nora.site.second_factor_roles = ["nurse"]
    nora.site.save()
    vouches(hospital, "nora-2", email=nora.email, email_verified=True)
    client = Client()
    come_in(client, "nora-2")
    assert client.get(reverse("today")).status_code == 200


@pytest.mark.parametrize(
    ("subject", "claims"),
    [
        ("stranger", {"email": "stranger@hospital.example", "email_verified": True}),
        ("unverified", {"email": "nora@test-clinic.example", "email_verified": False}),
        ("nameless", {}),
    ],
)
def test_nobody_else_comes_in_and_no_account_is_made(hospital: str, subject: str, claims: dict[str, Any]):
    make.person("nora")
    vouches(hospital, subject, **claims)
    before, client = User.objects.count(), Client()
    answer = come_in(client, subject)
    assert "administrator" in answer.content.decode()
    assert User.objects.count() == before
    assert client.get(reverse("today")).status_code == 302


def test_a_closed_account_stays_closed(hospital: str):
    nora = make.person("nora")
    nora.is_active = False
    nora.save()
    vouches(hospital, "nora-3", email=nora.email, email_verified=True)
    client = Client()
    come_in(client, "nora-3")
    assert client.get(reverse("today")).status_code == 302


def test_an_answer_that_was_not_asked_for_is_refused(hospital: str):
    client = Client()
    answer = client.get(reverse("openid_connect_callback", args=["hospital"]), {"code": "made-up", "state": "made-up"})
    assert answer.status_code == 401
    assert client.get(reverse("today")).status_code == 302


def test_without_a_provider_the_sign_in_page_names_none():
    make.site()
    assert "Sign in by " not in Client().get(reverse("account_login")).content.decode()
