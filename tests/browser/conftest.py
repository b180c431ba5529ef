"""People in front of a real browser: each has a window of their own, and its console is watched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from her2tracker.accounts.models import User
from tests import make

NOW = "2026-01-05T07:27:00Z"  # a Monday; the test clinic keeps UTC
DESK = {"width": 1280, "height": 900}
TABLET = {"width": 834, "height": 1112}
# Chromium reports every answer over 399 as a failed load. A form shown again (422), a conflict (409) and a
# page not allowed (403) are meant, and so is a list whose session ended (401, told by the browser and by htmx);
# the one missing page is asked for by name.
EXPECTED = re.compile(r"no-such-page|Failed to load resource.* status of (403|409|422)\b|\b401\b")
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("policy: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample));"""

OpenAs = Callable[..., Page]
NewWindow = Callable[..., Page]


def row_of(page: Page, mrn: str) -> Locator:
    """The line about this patient on Today or in the queue."""
    return page.locator("ul.worklist > li").filter(has_text=mrn)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """One morning for everybody; the server's threads share this process's clock."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def complaints() -> list[str]:
    """What the browsers complained about: script errors, refused resources, policy violations."""
    return []


@pytest.fixture
def new_window(browser: Browser, live_server: Any, complaints: list[str]) -> Iterator[NewWindow]:
    """`new_window()` is a browser of its own, nobody signed in; options are Playwright's."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, locale="en-GB", **{"viewport": DESK, "reduced_motion": "reduce"} | options
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(TELL_VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda message: _hear(message, complaints))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _hear(message: ConsoleMessage, complaints: list[str]) -> None:
    told = f"{message.location.get('url')}: {message.text}"
    if message.type in ("error", "warning") and not EXPECTED.search(told):
        complaints.append(told)


@pytest.fixture
def open_as(new_window: NewWindow, live_server: Any) -> OpenAs:
    """`open_as("nora", "/today/")`: her own window, signed in, at that page; anybody else by their row."""

    def opened(who: str | User, path: str = "/", **options: Any) -> Page:
        page = new_window(**options)
        client = Client()
        client.force_login(make.person(who) if isinstance(who, str) else who)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page.goto(path)
        return page

    return opened
