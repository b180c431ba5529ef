"""While the database is away, everybody is told so, in the shape they asked for, and when to ask again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client

from her2tracker.api import tokens
from tests import make

pytestmark = pytest.mark.django_db
AWAY = OperationalError("the database system is in recovery mode")


@pytest.fixture
def browser() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make.person("nora"))
    return client


@pytest.fixture
def fails(request: pytest.FixtureRequest) -> Iterator[None]:
    """From here on, each query of the test meets this error."""

    def fail(*_: Any) -> None:
        raise request.param

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.parametrize("fails", [AWAY, InterfaceError("the connection is closed")], indirect=True)
def test_a_page_says_that_the_database_is_away_and_offers_itself_again(browser: Client, fails: None):
    answer = browser.get("/today/?day=2026-03-30")
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "no-store" in answer["Cache-Control"]
    assert 'href="/today/?day=2026-03-30">Try again' in page
    assert "look at the record before you enter it again" in page


@pytest.mark.parametrize("fails", [AWAY], indirect=True)
def test_what_was_sent_is_not_offered_to_be_sent_again(browser: Client, fails: None):
    answer = browser.post("/today/")
    assert answer.status_code == 503
    assert 'href="/">Go to my home page' in answer.content.decode()


def test_a_program_is_told_in_its_own_shape():
    program = Client(raise_request_exception=False)
    token = tokens.issue(by=make.person("nora"))

    def fail(*_: Any) -> None:
        raise AWAY

    with connection.execute_wrapper(fail):
        answer = program.get("/api/v1/today/", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, "10", "application/json")
    assert answer.json()["error"]["code"] == "unavailable"


@pytest.mark.parametrize("fails", [ProgrammingError("no such column")], indirect=True)
def test_an_error_of_ours_is_not_blamed_on_the_moment(browser: Client, fails: None):
    answer = browser.get("/today/")
    assert answer.status_code == 500
    assert not answer.has_header("Retry-After")
