"""A signed form stands between a nurse and the infusion, and a withdrawal ends it on everybody's list."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from scheduling.models import SitePolicy
from tests import make
from tests.browser.conftest import TABLET, OpenAs, row_of


def test_a_nurse_records_the_form_at_the_chair_and_a_withdrawal_reaches_the_other_nurses_list(open_as: OpenAs) -> None:
    plan = make.plan(start=date(2025, 12, 15), given=1)
    SitePolicy.objects.update_or_create(site=make.site(), defaults={"consent_required": True})
    row = make.cycle(plan, 2)
    nils = open_as("nils", "/today/")
    expect(row_of(nils, plan.patient.mrn)).to_contain_text("Consent missing")

    nora = open_as("nora", f"/cycle-days/{row.uuid}/", viewport=TABLET)
    expect(nora.get_by_text("No signed consent to this treatment is on record")).to_be_visible()
    expect(nora.get_by_role("button", name="Record cycle 2")).to_have_count(0)
    nora.get_by_role("link", name="Consent …").click()
    nora.get_by_label("Signed on").fill("2025-12-12")
    nora.get_by_label("Where the signed form is").fill("Paper record")
    nora.get_by_role("button", name="Record consent").click()
    expect(nora.get_by_text("Recorded the consent signed on Fri 12 Dec 2025.")).to_be_visible()
    expect(nora.get_by_role("button", name="Record cycle 2")).to_be_visible()
    expect(row_of(nils, plan.patient.mrn)).not_to_contain_text("Consent missing", timeout=30_000)

    nora.get_by_role("link", name="Consent …").click()
    nora.get_by_role("link", name="Withdrawn, or recorded in error …").click()
    nora.get_by_role("button", name="End the consent").click()
    expect(nora.get_by_text("Say which of the two it is.").first).to_be_visible()
    nora.get_by_label("The patient withdrew it").check()
    nora.get_by_role("button", name="End the consent").click()
    expect(nora.get_by_text("nothing of this plan is given any more").first).to_be_visible()
    expect(nora.get_by_role("button", name="Record cycle 2")).to_have_count(0)
    expect(row_of(nils, plan.patient.mrn)).to_contain_text("Consent withdrawn", timeout=30_000)
