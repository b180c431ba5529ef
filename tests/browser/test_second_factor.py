"""A second factor at a real browser: a security key, and an app's code when the key is not at hand."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from her2tracker.accounts import second_factor
from tests import make
from tests.browser.conftest import NewWindow


def with_a_key(page: Page) -> None:
    """A security key in the computer, as Chromium's own test bench makes one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_role_that_must_shows_a_security_key_and_then_its_list(new_window: NewWindow) -> None:
    nora = make.person("nora")
    nora.site.second_factor_roles = ["nurse"]
    nora.site.save()
    page = new_window()
    with_a_key(page)
    sign_in(page, nora.email)
    expect(page.get_by_text("Your site asks your role for a second factor.")).to_be_visible()
    page.goto("/today/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-Factor Authentication")

    page.get_by_role("link", name="Add").click()
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("textbox", name="Name").fill("Key of the ward")
    page.get_by_role("button", name="Add").click()
    expect(
        page.get_by_text("Key of the ward").or_(page.get_by_role("heading", name="Recovery Codes")).first
    ).to_be_visible()
    assert second_factor.has_one(nora)
    page.goto("/today/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026")

    page.context.clear_cookies()
    sign_in(page, nora.email)
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url("**/today/")
