"""Every page decides by role: the table of permissions against every address there is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from her2tracker.accounts.roles import Permission
from her2tracker.audit.models import Act
from tests import make

pytestmark = pytest.mark.django_db
# allauth's own pages, health, a calendar's secret address, a patient's answer, the local outbox decide otherwise;
# the API has a matrix of its own.
ELSEWHERE = ("account/", "answer/", "api/", "calendar/", "health/", "local/")
FILLERS = {"uuid": str(uuid.uuid4()), "key": "t-dm1", "version": "1", "number": "1", "token": "none"}
FILLERS |= {"kind": "infusion", "language": "en", "page": "queue"}


def pages() -> Iterator[tuple[str, URLPattern]]:
    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif not route.startswith(ELSEWHERE):
                yield route, pattern

    yield from walk(get_resolver().url_patterns, "")


PAGES = sorted(pages(), key=lambda page: page[0])


def address(route: str) -> str:
    for name, value in FILLERS.items():
        for kind in ("uuid", "str", "slug", "int"):
            route = route.replace(f"<{kind}:{name}>", value)
    assert "<" not in route, f"no filler for {route}"
    return f"/{route}"


@pytest.mark.parametrize(("route", "pattern"), PAGES, ids=[route or "/" for route, _ in PAGES])
def test_every_page_names_its_permission(route: str, pattern: URLPattern):
    assert hasattr(pattern.callback, "permission"), f"{route} is open to whoever signs in, without saying so"


def test_strangers_are_sent_to_sign_in_from_every_page(client: Client):
    for route, _ in PAGES:
        response = client.get(address(route))
        assert response.status_code == 302, route
        assert response["Location"].startswith("/account/login/"), route


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia", "ada", "xavier"])
def test_a_page_that_the_role_may_not_open_answers_403_and_nothing_else(client: Client, who: str):
    person = make.person(who)
    client.force_login(person)
    for route, pattern in PAGES:
        permission: Permission | None = getattr(pattern.callback, "permission", None)
        if permission is None or person.may(permission):
            continue
        for method in (client.get, client.post):
            response = method(address(route))
            assert response.status_code == 403, f"{who} {route}: {response.status_code}"
    denied = Act.objects.filter(verb="access.denied", by_id=person.pk).count()
    assert denied > 0


@pytest.mark.parametrize("who", ["nora", "omar", "cora", "pia", "ada"])
def test_a_page_about_something_that_is_not_theirs_answers_404(client: Client, who: str):
    elsewhere = make.site(name="Another clinic")
    stranger = make.plan(start=make.site().today(), of=make.patient(elsewhere))
    theirs = {"uuid": stranger.patient.uuid}
    person = make.person(who)
    client.force_login(person)
    for route, pattern in PAGES:
        permission: Permission | None = getattr(pattern.callback, "permission", None)
        if "<uuid:uuid>" not in route or permission is None or not person.may(permission):
            continue
        for value in (theirs["uuid"], stranger.uuid, stranger.cycle_days.first().uuid):  # type: ignore[union-attr]
            response = client.get("/" + route.replace("<uuid:uuid>", str(value)))
            assert response.status_code in (404, 405), f"{who} {route}: {response.status_code}"
            assert stranger.patient.family_name not in response.content.decode()
