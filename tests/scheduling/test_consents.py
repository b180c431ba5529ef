"""Consent to treatment: kept for each plan, a gate where the site asks for it, a stop wherever it was withdrawn."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import consents, plans
from scheduling.models import Administration, SitePolicy, TreatmentConsent
from scheduling.words import CeaseReason
from tests import api, make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T07:20:00Z", tick=False):
        yield


@pytest.fixture
def fifth():
    """Four given; the fifth is due today."""
    return make.cycle(make.plan(start=START, given=4), 5)


def asks_for_consent():
    SitePolicy.objects.update_or_create(site=make.site(), defaults={"consent_required": True})


def sign(row, on=START):
    return consents.record(by=make.person("cora"), plan=row.plan, signed_on=on, kept_in="Paper record")


def given(row):
    return Administration.objects.get(cycle_day=row).given_on


def record(row):
    return signed_in("nora").post(url("cycle-day", row), record_data(row, FIFTH, trastuzumab="420"))


def test_where_the_site_asks_nothing_is_given_without_consent(fifth):
    asks_for_consent()
    nora = signed_in("nora")
    page = words(nora.get(url("cycle-day", fifth)))
    assert "No signed consent to this treatment is on record. Oncologist takes consent" in page
    assert "Record cycle 5 as given" not in page
    assert record(fifth).status_code == 422
    assert given(fifth) is None
    today = nora.get("/today/")
    assert "Consent missing" in words(today)
    assert 'class="state state-needs"' in today.content.decode()  # to be done, and nobody's advice to withhold


def test_a_site_that_does_not_ask_gives_without_and_is_told_nothing(fifth):
    assert "consent to this treatment" not in words(signed_in("nora").get(url("cycle-day", fifth)))
    assert record(fifth).status_code == 302
    assert given(fifth) == FIFTH


def test_a_nurse_records_the_signed_form_and_goes_on(fifth):
    asks_for_consent()
    nora = signed_in("nora")
    there = url("plan-consent", fifth.plan, f"?next={url('cycle-day', fifth)}")
    assert f'href="{there}"' in nora.get(url("cycle-day", fifth)).content.decode()
    assert "This site gives nothing without one." in words(nora.get(there))
    said = {"signed_on": "2026-01-02", "kept_in": "Paper record, volume 2", "next": url("cycle-day", fifth)}
    answer = nora.post(there, said, follow=True)
    page = words(answer)
    assert "Recorded the consent signed on Fri 2 Jan 2026." in page
    assert (
        f"Signed on Fri 2 Jan 2026, recorded by {make.person('nora')}; the form is in: Paper record, volume 2" in page
    )
    assert "Record cycle 5 as given" in page
    assert record(fifth).status_code == 302
    told = sentences.sentence(Act.objects.get(verb="consent.recorded"))
    assert told == (
        "recorded the consent to this treatment signed on Fri 2 Jan 2026; the form is in: Paper record, volume 2"
    )


def test_an_oncologist_may_override_what_is_missing_and_not_what_was_withdrawn(fifth):
    asks_for_consent()
    omar = signed_in("omar")
    said = {"reason": "other", "note": "Signed in theatre, the form follows.", "revision": fifth.plan.revision}
    assert omar.post(url("cycle-override", fifth), said).status_code == 302
    assert record(fifth).status_code == 302
    sixth = make.cycle(fifth.plan, 6)
    sign(fifth)
    consents.withdraw(by=make.person("nora"), plan=fifth.plan, on=FIFTH)
    with time_machine.travel("2026-04-20T07:20:00Z", tick=False):
        fifth.plan.refresh_from_db()
        said["revision"] = fifth.plan.revision
        later = signed_in("omar")
        assert later.post(url("cycle-override", sixth), said).status_code == 422
        page = words(later.get(url("cycle-day", sixth)))
    assert "The patient withdrew consent to this treatment on Mon 30 Mar 2026" in page


@pytest.mark.parametrize("asked", [True, False])
def test_withdrawn_consent_stops_the_infusion_whether_the_site_asks_or_not(fifth, asked):
    if asked:
        asks_for_consent()
    sign(fifth)
    nora = signed_in("nora")
    said = {"end": "withdrawn", "on": "2026-03-29", "note": "Wants no more infusions."}
    answer = nora.post(url("plan-consent-end", fifth.plan), said, follow=True)
    assert "Consent was withdrawn on Sun 29 Mar 2026: nothing of this plan is given any more." in words(answer)
    page = words(nora.get(url("cycle-day", fifth)))
    assert "The patient withdrew consent to this treatment on Sun 29 Mar 2026: Wants no more infusions." in page
    assert record(fifth).status_code == 422
    assert given(fifth) is None
    assert "Consent withdrawn" in words(nora.get("/today/"))
    sign(fifth, FIFTH)
    assert record(fifth).status_code == 302


def test_what_was_recorded_in_error_never_counted(fifth):
    asks_for_consent()
    sign(fifth)
    nora = signed_in("nora")
    without = nora.post(url("plan-consent-end", fifth.plan), {"end": "in-error", "note": " "})
    assert without.status_code == 422
    assert "Say why it is in error." in words(without)
    assert TreatmentConsent.objects.get().end == ""
    said = {"end": "in-error", "note": "The form is another patient's."}
    assert nora.post(url("plan-consent-end", fifth.plan), said).status_code == 302
    assert "No signed consent to this treatment is on record" in words(nora.get(url("cycle-day", fifth)))
    sign(fifth, START)  # the same day is free again
    assert record(fifth).status_code == 302


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"signed_on": "2026-03-31"}, "Tue 31 Mar 2026 is still to come: record what was signed."),
        ({"signed_on": "1026-01-02"}, "check the year"),
        ({"signed_on": ""}, "Enter the day on the signed form."),
        ({"signed_on": "tomorrow"}, "Enter a date such as 2026-01-05."),
    ],
)
def test_a_day_on_which_nobody_can_have_signed_is_refused_beside_its_field(fifth, data, told):
    answer = signed_in("nora").post(url("plan-consent", fifth.plan), data)
    assert answer.status_code == 422
    assert told in words(answer)
    assert not TreatmentConsent.objects.exists()


def test_two_who_record_at_once_leave_one_consent(fifth):
    sign(fifth)
    with pytest.raises(Refused, match="is on record already"):
        sign(fifth)
    assert "Withdrawn, or recorded in error …" in words(signed_in("nora").get(url("plan-consent", fifth.plan)))


def test_nothing_is_said_about_a_plan_that_has_ended(fifth):
    plans.cease(by=make.person("omar"), plan=fifth.plan, reason=CeaseReason.PATIENT_CHOICE)
    with pytest.raises(Refused, match="This plan has ended"):
        sign(fifth)
    assert "This plan has ended" in words(signed_in("nora").get(url("plan-consent", fifth.plan)))


def test_an_infusion_told_of_afterwards_needs_a_consent_signed_before_it(fifth):
    asks_for_consent()
    with time_machine.travel("2026-04-01T09:00:00Z", tick=False):
        sign(fifth, date(2026, 4, 1))
        answer = record(fifth)
    assert answer.status_code == 422
    assert "signed on Wed 1 Apr 2026, which is after this day" in words(answer)


def test_a_pharmacist_sees_the_plan_and_records_no_consent(fifth):
    pia = signed_in("pia")
    assert "Consent to treatment …" not in words(pia.get(url("plan", fifth.plan)))
    assert pia.get(url("plan-consent", fifth.plan)).status_code == 403


def test_a_program_does_the_same(fifth):
    asks_for_consent()
    there = f"plans/{fifth.plan.uuid}/consent/"
    assert api.get("pia", there) == []
    refused = api.post("nora", there, 409, signed_on="2026-03-31")
    assert "still to come" in str(refused)
    made = api.post("nora", there, 201, signed_on="2026-01-02")
    assert (made["signed_on"], made["end"], made["recorded_by"]) == ("2026-01-02", "", str(make.person("nora")))
    assert api.post("nora", there + "in-error/", 200, note="Another form.")["end"] == "in-error"
    api.post("nora", there, 201, signed_on="2026-01-03", kept_in="Scan 7")
    assert api.post("nora", there + "withdraw/", 200, on="2026-03-30")["ended_on"] == "2026-03-30"
    assert [one["end"] for one in api.get("pia", there)] == ["in-error", "withdrawn"]
    api.post("nora", there + "withdraw/", 409, on="2026-03-30")
    found = api.get("nora", f"cycle-days/{fifth.uuid}/")
    assert "consent" in str(found).lower()
