"""An administrator reads that a check was wrong, says what was found out, and the pages are quiet again."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from monitoring.actions import check_faults, sweeps
from monitoring.models import CheckFault
from tests import make
from tests.browser.conftest import OpenAs

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_check_that_was_wrong_stands_on_every_page_until_it_is_marked_as_seen(open_as: OpenAs) -> None:
    with time_machine.travel("2026-04-06T09:00:00Z"):
        site = make.site()
        sweeps.flag_overdue_echocardiograms(now=timezone.now())
        sweeps.flag_lvef_drops(now=timezone.now())
        check_faults.note(site, plans=2, not_before=date(2026, 3, 30), now=timezone.now())
        words = "A full check changed the flags of 2 plans that had wrongly been left alone."
        nora = open_as("nora", "/today/")
        expect(nora.get_by_role("alert").filter(has_text=words)).to_contain_text("An administrator must look into it.")

        page = open_as("ada", "/settings/")
        page.get_by_role("link", name="Say what was found out …").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Checks that were wrong")
        page.get_by_role("button", name="Mark as seen").click()
        expect(page.get_by_text("Say what you found out, and who was told.").first).to_be_visible()
        assert CheckFault.objects.get().seen_at is None
        page.get_by_label("What was found out, and who was told").fill("A restore past the triggers. Omar was told.")
        page.get_by_role("button", name="Mark as seen").click()
        expect(page.get_by_text("Marked as seen")).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text=words)).to_have_count(0)
        expect(page.get_by_role("cell", name="A restore past the triggers. Omar was told.")).to_be_visible()
        nora.reload()
        expect(nora.get_by_role("alert").filter(has_text=words)).to_have_count(0)
