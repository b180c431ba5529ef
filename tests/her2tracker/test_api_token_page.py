"""The page of a person's API token, and the document to browse."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from rest_framework.authtoken.models import Token

from her2tracker.audit.models import Act
from tests import api, make

pytestmark = pytest.mark.django_db
PAGE = "/account/api-token/"


def made(client) -> str:
    """The token shown after pressing the button."""
    shown = client.post(PAGE, {"act": "issue"}).content.decode()
    return re.search(r"<code>(her2_[\w-]+)</code>", shown).group(1)


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia", "ada", "xavier"])
def test_every_signed_in_person_may_open_it(client, who):
    client.force_login(make.person(who))
    assert "You have no token" in client.get(PAGE).content.decode()


def test_a_stranger_is_sent_to_sign_in(client):
    assert client.get(PAGE).status_code == 302
    assert client.get(reverse("api-docs")).status_code == 302
    assert client.get(reverse("schema")).status_code == 401


def test_a_made_token_works_and_is_shown_once(client):
    client.force_login(make.person("nora"))
    token = made(client)
    program = api.APIClient()
    assert program.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {token}").json()["full_name"] == "Nora Nilsen"
    again = client.get(PAGE).content.decode()
    assert token not in again
    assert "You have a token" in again


def test_only_a_fingerprint_is_kept(client):
    client.force_login(make.person("nora"))
    token = made(client)
    assert Token.objects.get().key not in token
    assert token not in str(list(Act.objects.values()))


def test_a_revoked_token_is_refused_from_then_on(client):
    client.force_login(make.person("nora"))
    token = made(client)
    answer = client.post(PAGE, {"act": "revoke"}, follow=True)
    assert "Revoked the API token" in answer.content.decode()
    refused = api.APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "authentication-failed")
    assert Act.objects.filter(verb="token.revoked").count() == 1


def test_revoking_nothing_says_nothing(client):
    client.force_login(make.person("nora"))
    assert "Revoked" not in client.post(PAGE, {"act": "revoke"}, follow=True).content.decode()


def test_the_answer_with_a_token_is_not_cached(client):
    client.force_login(make.person("nora"))
    assert "no-store" in client.post(PAGE, {"act": "issue"}).headers["Cache-Control"]


def test_the_document_is_browsed_offline_under_the_strict_policy(client):
    client.force_login(make.person("nora"))
    page = client.get(reverse("api-docs"))
    text = page.content.decode()
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert "http" not in re.sub(r"https?://testserver", "", text)
    assert "<style" not in text
    script = client.get(reverse("api-docs"), {"script": ""})
    assert script.headers["Content-Type"].startswith("application/javascript")


@pytest.mark.browser
def test_the_document_opens_in_a_browser_without_an_error(page, live_server, client):
    nora = make.person("nora")
    client.force_login(nora)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/api/v1/docs/")
    # only what is in sight is drawn
    page.get_by_text("Correct a completed record.").wait_for()
    assert said == []
