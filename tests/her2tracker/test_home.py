"""Signing in lands on the role's own place; without a role, on a page that says whom to ask."""

from __future__ import annotations

import pytest

from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "place"),
    [("nora", "/today/"), ("omar", "/flags/"), ("cora", "/queue/"), ("pia", "/today/"), ("ada", "/settings/")],
)
def test_each_role_lands_on_its_own_place(client, who, place):
    client.force_login(make.person(who))
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, place)


def test_somebody_without_a_role_is_told_whom_to_ask(client):
    xavier = make.person("xavier")
    client.force_login(xavier)
    response = client.get("/")
    assert response.status_code == 200
    assert "have no role yet" in response.content.decode()
    assert xavier.email in response.content.decode()


def test_a_stranger_is_sent_to_sign_in(client):
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")
