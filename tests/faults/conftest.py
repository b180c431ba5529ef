"""The clock of the faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from tests import make


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Thursday 30 April 2026, 09:00 UTC, which is the test clinic's own time."""
    with time_machine.travel("2026-04-30T09:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def sign_in(db: None) -> Callable[[str], Client]:
    """`sign_in("omar")`: a browser of one of the cast."""

    def signed_in(who: str) -> Client:
        client = Client()
        client.force_login(make.person(who))
        return client

    return signed_in
