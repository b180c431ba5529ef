"""Scanning beside an infusion: a wrong wristband stops it, the right one ticks identity, a bag fills its fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import time_machine

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling import catalog
from scheduling.actions import codes, cycles, patients
from scheduling.models import Administration, CodeRead
from scheduling.words import OverrideReason
from tests import api, make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db
GTIN = "09506000134352"  # the one GS1 keeps for examples
BAG = f"]d201{GTIN}1727123110AB-77\x1d21S1"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T08:05:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def fifth():
    return make.cycle(make.plan(start=START, given=4), 5)


def scan(row, code, who="nora", **more):
    return signed_in(who).post(url("cycle-scan", row), {"code": code} | more, follow=True)


def record(row, **more):
    return signed_in("nora").post(url("cycle-day", row), record_data(row, FIFTH, trastuzumab="420") | more)


def test_the_right_wristband_ticks_identity(fifth):
    patient = fifth.plan.patient
    page = words(scan(fifth, f"{patient.mrn.lower()}\r"))
    assert "Identity: the wristband is the right one." in page
    assert f"Wristband of MRN {patient.mrn} read by Nora Nilsen at 08:05" in page
    assert sentences.sentence(Act.objects.get(verb="wristband.read")) == (
        "scanned the wristband at cycle 5: the right patient"
    )


def test_another_patients_wristband_is_refused_in_red_and_stops_the_infusion_until_the_right_one_is_read(fifth):
    patient, other = fifth.plan.patient, make.patient(given_name="Bella")
    answer = scan(fifth, other.mrn)
    page = words(answer)
    assert f"Wrong patient. This wristband says {other.mrn}; it is not that of {patient}, MRN {patient.mrn}" in page
    assert "Bella" not in page  # whose it is says nothing about this infusion
    assert answer.status_code == 422
    page = words(signed_in("nora").get(url("cycle-day", fifth)))
    assert "Nora Nilsen read a wristband that is not this patient’s: read the right one. Nurse" in page
    assert "Record cycle 5 as given" not in page
    assert record(fifth).status_code == 422
    assert "Wrong wristband read" in words(signed_in("nora").get("/today/"))
    assert not CodeRead.objects.get().text  # the other's number is not kept on this patient's record
    scan(fifth, patient.mrn)
    assert record(fifth).status_code == 302


def test_a_wrong_wristband_still_stops_it_the_next_day_and_an_oncologist_may_override_it(fifth, clock):
    scan(fifth, make.patient().mrn)
    clock.move_to("2026-03-31T08:05:00Z")
    assert "read the right one" in words(signed_in("nora").get(url("cycle-day", fifth)))
    assert record(fifth, given_on="2026-03-31").status_code == 422
    cycles.override(by=make.person("omar"), cycle_day=fifth, reason=OverrideReason.OTHER, note="Band replaced.")
    assert record(fifth, given_on="2026-03-31").status_code == 302


def test_a_band_printed_before_a_merge_is_still_this_patients(fifth):
    twin = make.patient(family_name="Testcase", given_name=fifth.plan.patient.given_name)
    old = twin.mrn
    patients.merge(by=make.person("cora"), patient=twin, into=fifth.plan.patient, reason="Twice registered.")
    fifth.refresh_from_db()
    assert codes.read(by=make.person("nora"), cycle_day=fifth, text=old).is_right


def test_a_number_nobody_here_has_is_refused_and_stops_nothing(fifth):
    page = words(scan(fifth, "4006381333931"))
    assert "“4006381333931” was read. It is not the MRN" in page
    assert record(fifth).status_code == 302


def test_another_sites_number_is_nobodys_here(fifth):
    stranger = make.patient(make.site(name="Another clinic"))
    with pytest.raises(Refused) as refused:
        codes.read(by=make.person("nora"), cycle_day=fifth, text=stranger.mrn)
    assert refused.value.code == "unknown-code"


def test_a_bag_fills_lot_and_expiry_and_its_product_is_chosen_not_guessed(fifth):
    page = scan(fifth, BAG)
    assert "Bag of Trastuzumab: lot AB-77, expires Fri 31 Dec 2027, choose the product." in words(page)
    form = page.content.decode()
    assert 'name="trastuzumab-lot" value="AB-77"' in form
    assert 'name="trastuzumab-expires_on" value="2027-12-31"' in form
    assert '<option value="" selected>' in form
    row = CodeRead.objects.get()
    assert (row.gtin, row.serial, row.product) == (GTIN, "S1", "")
    told = sentences.sentence(Act.objects.get(verb="bag.read"))
    assert told == "scanned the bag of trastuzumab in cycle 5, lot AB-77, expires Fri 31 Dec 2027"


def test_a_known_trade_number_names_the_product(fifth, monkeypatch):
    known = [replace(one, gtins=(GTIN,)) if one.brand == "Trazimera" else one for one in catalog.products()]
    monkeypatch.setattr(catalog, "products", lambda: tuple(known))
    page = scan(fifth, BAG)
    assert "Bag of Trastuzumab: Trazimera (trastuzumab-qyyp), lot AB-77" in words(page)
    assert '<option value="Trazimera (trastuzumab-qyyp)" selected>' in page.content.decode()


def test_with_two_drugs_due_an_unknown_bag_is_asked_about():
    row = make.cycle(make.plan("trastuzumab-pertuzumab", start=FIFTH), 1)
    page = words(scan(row, BAG))
    assert f"The product number {GTIN} is not known here. Say which drug this bag is" in page
    assert CodeRead.objects.count() == 0
    scan(row, BAG, agent="pertuzumab")
    assert CodeRead.objects.get().agent == "pertuzumab"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (f"(01){GTIN}(17)260329(10)L", "Expired: this bag says Sun 29 Mar 2026. Do not hang it."),
        ("(01)09506000134353(17)271231(10)L", "wrong check digit"),
        ("(01)0950600013435", "cannot be used"),
        ("", "Nothing was read"),
        ("]d2\x1d", "there is nothing in it"),
        ("x" * 401, "at most 400"),
    ],
)
def test_expired_broken_and_empty_codes_are_refused_with_a_sentence(fifth, code, said):
    answer = scan(fifth, code)
    assert answer.status_code == 422
    assert said in words(answer)
    assert CodeRead.objects.count() == 0


def test_a_bag_that_expires_today_may_still_be_hung(fifth):
    assert "expires Mon 30 Mar 2026" in words(scan(fifth, f"(01){GTIN}(17)260330(10)L"))


def test_yesterdays_bag_fills_nothing_today(fifth, clock):
    scan(fifth, BAG)
    clock.move_to("2026-03-31T08:05:00Z")
    assert "AB-77" not in signed_in("nora").get(url("cycle-day", fifth)).content.decode()


def test_a_program_parses_reads_and_records_by_code(fifth):
    at = f"cycle-days/{fifth.uuid}/"
    meant = api.post("nora", f"{at}codes/parse/", 200, code=BAG)
    assert meant == {
        "kind": "bag", "number": "", "gtin": GTIN, "lot": "AB-77", "serial": "S1", "expires_on": "2027-12-31"
    }  # fmt: skip
    assert CodeRead.objects.count() == 0
    assert api.post("nora", f"{at}codes/", 201, code=fifth.plan.patient.mrn)["is_right"]
    assert [one["kind"] for one in api.get("nora", f"{at}codes/")] == ["wristband"]
    other = make.patient().mrn
    dose = {"agent": "trastuzumab", "mg": "420", "product": make.product("trastuzumab"), "code": BAG}
    body = {"given_on": str(FIFTH), "doses": [dose], "revision": fifth.plan.revision}
    assert api.error(api.post("nora", f"{at}record/", 409, **body, wristband=other))[0] == "wrong-patient"
    assert api.error(api.post("nora", f"{at}record/", 409, **body, wristband=BAG))[0] == "not-a-wristband"
    wrong = body | {"doses": [dose | {"lot": "OTHER"}]}
    assert "the bag’s code says AB-77" in api.error(api.post("nora", f"{at}record/", 409, **wrong))[1]
    api.post("nora", f"{at}record/", 200, **body, wristband=fifth.plan.patient.mrn)
    given = Administration.objects.get(cycle_day=fifth)
    assert (given.lot, given.expires_on) == ("AB-77", date(2027, 12, 31))


@pytest.mark.parametrize("code", ["(01)0950600013435", f"(01){GTIN}(17)260101(10)L", "nobody"])
def test_a_program_is_refused_what_the_page_refuses(fifth, code):
    answer = api.post("nora", f"cycle-days/{fifth.uuid}/codes/", 409, code=code)
    assert api.error(answer)[0] in ("unreadable-code", "expired-bag", "unknown-code")
    assert api.post("nora", f"cycle-days/{fifth.uuid}/codes/", 400, code="x" * 401)


def test_nothing_is_scanned_for_an_infusion_that_is_decided_nor_by_a_role_that_records_nothing(fifth):
    for who in ("cora", "pia", "ada"):
        assert signed_in(who).post(url("cycle-scan", fifth), {"code": BAG}).status_code == 403
    record(fifth)
    with pytest.raises(Refused) as refused:
        codes.read(by=make.person("nora"), cycle_day=fifth, text=BAG)
    assert refused.value.code == "already-decided"
