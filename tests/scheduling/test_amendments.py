"""A completed record is locked; a correction keeps the old value beside the new, with who and why."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from her2tracker.audit import sentences
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import administrations, amendments, cycles
from scheduling.actions.doses import Dose
from scheduling.models import Administration, Amendment
from scheduling.words import OmissionReason
from tests import api, make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db
OGIVRI = "Ogivri (trastuzumab-dkst)"
REASON = "Read the wrong bag."


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T14:10:00Z", tick=False):
        yield


@pytest.fixture
def fifth():
    return make.cycle(make.plan(start=START, given=4), 5)


@pytest.fixture
def given(fifth):
    """The fifth cycle as a nurse recorded it at ten past two."""
    make.give(fifth)
    return Administration.objects.get(cycle_day=fifth)


def page(of):
    return reverse("administration-amend", args=[of.uuid])


def form(of, **fields):
    of.cycle_day.plan.refresh_from_db()
    return {
        "revision": of.cycle_day.plan.revision, "amount": "420", "product": "Herceptin (trastuzumab)",
        "reason": REASON,
    } | fields  # fmt: skip


def dose(**fields):
    return Dose("trastuzumab", **({"mg": Decimal(420), "product": "Herceptin"} | fields))


def test_a_dose_without_a_product_is_not_recorded(fifth):
    data = record_data(fifth, FIFTH, trastuzumab="420") | {"trastuzumab-product": ""}
    response = signed_in("nora").post(url("cycle-day", fifth), data)
    assert response.status_code == 422
    assert "Choose the product that was hung: brand and suffix." in words(response)
    assert Administration.objects.get(cycle_day=fifth).given_on is None


def test_another_product_is_written_by_name_and_offered_next_time(fifth):
    data = record_data(fifth, FIFTH, trastuzumab="420") | {"trastuzumab-product": "other"}
    nora = signed_in("nora")
    assert "Write the product’s name" in words(nora.post(url("cycle-day", fifth), data))
    nora.post(url("cycle-day", fifth), data | {"trastuzumab-other_product": "Zercepac"})
    assert Administration.objects.get(cycle_day=fifth).product == "Zercepac"
    with time_machine.travel("2026-04-20T09:00:00Z", tick=False):
        after = signed_in("nora").get(url("cycle-day", make.cycle(fifth.plan, 6))).content.decode()
    assert '<option value="Zercepac">' in after
    assert "Last time: Zercepac" in after


def test_the_product_of_another_agent_is_refused_beside_its_agent(fifth):
    data = record_data(fifth, FIFTH, trastuzumab="420")
    data |= {"trastuzumab-product": "other", "trastuzumab-other_product": "Kadcyla"}
    response = signed_in("nora").post(url("cycle-day", fifth), data)
    assert response.status_code == 422
    assert "Kadcyla is ado-trastuzumab emtansine, not trastuzumab. Check the bag." in words(response)


def test_an_agent_that_was_left_out_needs_no_product():
    row = make.cycle(make.plan("trastuzumab-pertuzumab", start=FIFTH), 1)
    administrations.record(
        by=make.person("nora"), cycle_day=row, given_on=FIFTH,
        doses=[
            Dose("trastuzumab", mg=Decimal(560), product="Kanjinti"),
            Dose("pertuzumab", omission_reason=OmissionReason.SUPPLY),
        ],
    )  # fmt: skip
    assert Administration.objects.get(cycle_day=row, agent="trastuzumab").product == "Kanjinti (trastuzumab-anns)"


def test_an_amendment_keeps_the_old_value_beside_the_new(given):
    nora = signed_in("nora")
    assert "Amend the record" in words(nora.get(url("cycle-day", given.cycle_day)))
    after = words(nora.post(page(given), form(given, product=OGIVRI, lot="B12", started_at="09:05"), follow=True))
    assert "Amended by Nora Nilsen on Mon 30 Mar 2026 at 14:10: Read the wrong bag." in after
    assert f"Product: Herceptin (trastuzumab) {OGIVRI}" in after
    assert "Lot: nothing B12" in after
    given.refresh_from_db()
    assert (given.product, given.lot, given.started_at) == (OGIVRI, "B12", time(9, 5))
    made = Amendment.objects.get()
    assert (made.before["product"], made.after["product"]) == ("Herceptin (trastuzumab)", OGIVRI)


def test_the_audit_tells_old_and_new(given):
    amendments.amend(by=make.person("omar"), administration=given, dose=dose(product=OGIVRI), reason=REASON)
    act = Act.objects.get(verb="administration.amended")
    told = sentences.sentence(act)
    assert told == f"amended the record of trastuzumab in cycle 5: product Herceptin (trastuzumab) → {OGIVRI}"
    assert (act.reason, act.by_name) == (REASON, "Omar Ortega")


def test_a_partial_dose_noticed_later_is_amended_with_its_reason(given):
    with pytest.raises(Refused, match=r"differs by 52\.4 % from the 420 planned"):
        amendments.amend(by=make.person("nora"), administration=given, dose=dose(mg=Decimal(200)), reason=REASON)
    partial = dose(mg=Decimal(200), difference_reason="reaction")
    amendments.amend(by=make.person("nora"), administration=given, dose=partial, reason=REASON)
    given.refresh_from_db()
    assert (given.given_mg, given.difference_reason, given.given_on) == (Decimal(200), "reaction", FIFTH)
    assert Amendment.objects.get().before == {"given_mg": "420", "difference_reason": ""}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Say in a sentence why the record is amended"),
        ({}, "Nothing differs from what is recorded"),
        ({"product": ""}, "Choose the product that was hung"),
        ({"amount": "0"}, "Enter how much trastuzumab was given"),
        ({"amount": "lots"}, "Enter a number"),
        ({"expires_on": "2026-03-29"}, "had expired on that day"),
        ({"started_at": "10:00", "stopped_at": "09:00"}, "cannot stop before it started"),
        ({"product": "other", "other_product": "Perjeta"}, "Perjeta is pertuzumab, not trastuzumab"),
    ],
)
def test_a_faulty_amendment_changes_nothing(given, fields, sentence):
    response = signed_in("nora").post(page(given), form(given, **fields))
    assert response.status_code == 422
    assert sentence in words(response)
    assert not Amendment.objects.exists()


def test_a_lot_may_expire_on_the_day_itself(given):
    amendments.amend(by=make.person("nora"), administration=given, dose=dose(expires_on=FIFTH), reason=REASON)
    given.refresh_from_db()
    assert given.expires_on == date(2026, 3, 30)


def test_of_two_amendments_at_once_the_second_is_told(given):
    stale = form(given, lot="A1")
    amendments.amend(by=make.person("omar"), administration=given, dose=dose(lot="B2"), reason="Seen in the fridge.")
    response = signed_in("nora").post(page(given), stale)
    assert response.status_code == 422
    assert "Omar Ortega amended the record of trastuzumab in cycle 5: lot nothing → B2" in words(response)
    given.refresh_from_db()
    assert given.lot == "B2"


def test_what_was_not_given_cannot_be_amended(fifth):
    cycles.omit(by=make.person("nora"), cycle_day=fifth, reason=OmissionReason.SUPPLY)
    row = Administration.objects.get(cycle_day=fifth)
    with pytest.raises(Refused, match="there is nothing to amend"):
        amendments.amend(by=make.person("nora"), administration=row, dose=dose(), reason=REASON)


@pytest.mark.parametrize("who", ["cora", "pia", "ada", "xavier"])
def test_who_does_not_record_does_not_amend(given, who):
    assert signed_in(who).post(page(given), form(given, lot="A1")).status_code == 403
    api.post(who, f"administrations/{given.uuid}/amend/", 403, lot="A1", reason=REASON)


def test_a_program_amends_what_it_names_and_leaves_the_rest(given):
    shown = api.post("nora", f"administrations/{given.uuid}/amend/", 200, lot="B12", reason=REASON)
    assert (shown["lot"], shown["given_mg"], shown["product"]) == ("B12", "420", "Herceptin (trastuzumab)")
    (made,) = shown["amendments"]
    assert (made["before"], made["after"], made["reason"]) == ({"lot": ""}, {"lot": "B12"}, REASON)
    assert api.get("cora", f"administrations/{given.uuid}/")["amendments"] == shown["amendments"]


@pytest.mark.parametrize(
    ("fields", "status", "at"),
    [
        ({"lot": "B12"}, 400, ["reason"]),
        ({"mg": 420, "ml": 20, "reason": REASON}, 400, ["non_field_errors"]),
        ({"mg": "-1", "reason": REASON}, 409, ["trastuzumab"]),
        ({"product": "Enhertu", "reason": REASON}, 409, ["trastuzumab"]),
    ],
)
def test_a_program_is_told_what_is_wrong(given, fields, status, at):
    answer = api.post("nora", f"administrations/{given.uuid}/amend/", status, **fields)
    assert list(answer["error"]["fields"]) == at


def test_a_program_reads_the_products_of_an_agent():
    shown = api.get("nora", "products/", agent="trastuzumab-emtansine")
    assert [(one["name"], one["source"]) for one in shown] == [
        ("Kadcyla (ado-trastuzumab emtansine)", "kadcyla-hcp#recommended-doses")
    ]
    assert len(api.get("nora", "products/")) == 12
