"""The API as a program of one of the cast sees it: a real token, real requests."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from her2tracker.accounts.models import Site
from her2tracker.api import tokens
from tests import make


def client(who: str, at: Site | None = None) -> APIClient:
    """A program that carries this person's token."""
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(by=make.person(who, at))}")
    return program


def get(who: str, address: str, **query: Any) -> Any:
    """The answer's JSON; anything but 200 fails."""
    response = client(who).get(f"/api/v1/{address}", query)
    assert response.status_code == 200, response.content
    return response.json()


def post(who: str, address: str, status: int, **body: Any) -> Any:
    """The answer's JSON; any other status fails."""
    response = client(who).post(f"/api/v1/{address}", body, format="json")
    assert response.status_code == status, response.content
    return response.json()


def patch(who: str, address: str, status: int, **body: Any) -> Any:
    """The answer's JSON; any other status fails."""
    response = client(who).patch(f"/api/v1/{address}", body, format="json")
    assert response.status_code == status, response.content
    return response.json()


def error(answer: Any) -> tuple[str, str]:
    """Code and message of a refusal."""
    return answer["error"]["code"], answer["error"]["message"]
