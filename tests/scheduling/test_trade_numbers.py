"""A site's own trade numbers: an administrator says which product a number is on, and a scanned bag says it then."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from her2tracker.audit.models import Act
from her2tracker.audit.sentences import sentence
from her2tracker.lib.refusals import Refused
from scheduling.actions import codes, trade_numbers
from scheduling.models import CodeRead, TradeNumber
from tests import api, make
from tests.scheduling.pages import FIFTH, START, record_data, signed_in, url, words

pytestmark = pytest.mark.django_db
GTIN = "09506000134352"  # the one GS1 keeps for examples
BAG = f"]d201{GTIN}1727123110AB-77\x1d21S1"
OGIVRI = {"agent": "trastuzumab", "brand": "Ogivri", "substance": "trastuzumab-dkst"}
OWN = {"agent": "trastuzumab", "brand": "Zercepac", "substance": "trastuzumab-own"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-30T08:05:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def fifth():
    return make.cycle(make.plan(start=START, given=4), 5)


def add(number=GTIN, who="ada", **product):
    return trade_numbers.add(by=make.person(who), number=number, **(product or OGIVRI))


def scan(row, code=BAG):
    return signed_in("nora").post(url("cycle-scan", row), {"code": code}, follow=True)


def page(who="ada", query=""):
    return signed_in(who).get(reverse("trade-numbers") + query)


def say(**more):
    return signed_in("ada").post(
        reverse("trade-numbers"), {"number": GTIN, "product": "Ogivri (trastuzumab-dkst)"} | more, follow=True
    )


def test_a_bag_whose_number_was_named_says_its_product_and_fills_it(fifth):
    add()
    answer = scan(fifth)
    assert "Bag of Trastuzumab: Ogivri (trastuzumab-dkst), lot AB-77" in words(answer)
    assert '<option value="Ogivri (trastuzumab-dkst)" selected>' in answer.content.decode()
    assert CodeRead.objects.get().product == "Ogivri (trastuzumab-dkst)"


def test_a_product_that_only_this_site_buys_is_filled_and_recorded_by_its_name(fifth):
    add(**OWN)
    answer = scan(fifth)
    assert '<option value="Zercepac (trastuzumab-own)" selected>' in answer.content.decode()
    data = record_data(fifth, FIFTH, trastuzumab="420")
    data |= {"trastuzumab-product": "Zercepac (trastuzumab-own)", "trastuzumab-lot": "AB-77"}
    assert signed_in("nora").post(url("cycle-day", fifth), data).status_code == 302
    assert fifth.administrations.get().product == "Zercepac (trastuzumab-own)"


def test_the_bag_of_an_agent_that_is_not_due_is_refused_by_its_number(fifth):
    add(agent="pertuzumab", brand="Perjeta", substance="pertuzumab")
    assert "This bag is Perjeta (pertuzumab): pertuzumab is not due here. Do not hang it." in words(scan(fifth))


def test_an_unknown_number_says_whose_it_is_to_name_it(fifth):
    told = words(scan(fifth))
    assert f"Trade number {GTIN} is not known here: an administrator can say which product it is." in told
    listed = page()
    assert "Scanned here and not known" in words(listed)
    assert f"?number={GTIN}#say" in listed.content.decode()
    assert f'value="{GTIN}"' in page(query=f"?number={GTIN}").content.decode()
    say()
    assert "Scanned here and not known" not in words(page())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (GTIN, GTIN),
        ("9506000134352", GTIN),  # 13 digits, as below a bar code
        ("950 6000 13435 2", GTIN),
        (BAG, GTIN),  # the pack itself, scanned
        (f"(01){GTIN}(10)AB-77", GTIN),
        ("96385074", "00000096385074"),
    ],
)
def test_a_number_is_taken_as_it_is_printed_typed_or_scanned(typed, kept):
    assert add(typed).gtin == kept


@pytest.mark.parametrize("typed", ["", "09506000134353", "123", "nine", "]d210AB-77", "(01)09506000134353"])
def test_what_is_no_trade_number_is_refused_with_what_was_read(typed):
    with pytest.raises(Refused) as refused:
        add(typed)
    assert refused.value.code == "no-trade-number"
    assert not TradeNumber.objects.exists()


def test_a_number_stands_for_one_product_until_it_is_ended():
    first = add()
    with pytest.raises(Refused, match=r"is Ogivri \(trastuzumab-dkst\) already"):
        add(**OWN)
    trade_numbers.end(by=make.person("ada"), number=first)
    assert add(**OWN).product == "Zercepac (trastuzumab-own)"
    with pytest.raises(Refused, match="ended already"):
        trade_numbers.end(by=make.person("ada"), number=first)


def test_the_brand_of_one_agent_is_not_taken_for_another():
    with pytest.raises(Refused) as refused:
        add(agent="pertuzumab", brand="Ogivri", substance="trastuzumab-dkst")
    assert refused.value.code == "product-of-another-agent"
    with pytest.raises(Refused, match="no agent that is known here"):
        add(agent="paracetamol", brand="Other", substance="other")


def test_an_ended_number_says_nothing_and_what_was_recorded_stays(fifth):
    number = add()
    scan(fifth)
    trade_numbers.end(by=make.person("ada"), number=number)
    assert "choose the product" in words(scan(fifth))
    assert CodeRead.objects.order_by("pk").first().product == "Ogivri (trastuzumab-dkst)"


def test_another_sites_number_says_nothing_here(fifth):
    elsewhere = make.site(name="Elsewhere")
    trade_numbers.add(by=make.person("ada", elsewhere), number=GTIN, **OGIVRI)
    read = codes.read(by=make.person("nora"), cycle_day=fifth, text=BAG)
    assert read.product == ""
    row = TradeNumber.objects.get()
    assert signed_in("ada").post(reverse("trade-number-end", args=[row.uuid])).status_code == 404


@pytest.mark.parametrize("who", ["nora", "pia", "cora", "omar", "xavier"])
def test_only_an_administrator_says_what_a_number_is(who):
    with pytest.raises(PermissionDenied):
        add(who=who)
    assert page(who).status_code == 403


def test_the_page_saves_lists_and_ends_a_number():
    assert f"{GTIN} is Ogivri (trastuzumab-dkst). Scanned bags say so from now on." in words(say())
    row = TradeNumber.objects.get()
    assert GTIN in words(page())
    ended = signed_in("ada").post(reverse("trade-number-end", args=[row.uuid]), follow=True)
    assert "says nothing from now on" in words(ended)
    assert "None yet." in words(ended)


def test_the_page_tells_what_is_missing_of_another_product_and_keeps_what_was_typed():
    refused = say(product="other", brand="Zercepac")
    assert refused.status_code == 422
    assert "Choose its drug." in words(refused)
    assert "Write its substance." in words(refused)
    assert 'value="Zercepac"' in refused.content.decode()
    done = say(product="other", **OWN)
    assert f"{GTIN} is Zercepac (trastuzumab-own)." in words(done)


def test_the_history_tells_of_it():
    trade_numbers.end(by=make.person("ada"), number=add())
    told = [sentence(act) for act in Act.objects.filter(verb__startswith="trade-number").order_by("pk")]
    assert told == [
        f"said that {GTIN} is Ogivri (trastuzumab-dkst)", f"ended that {GTIN} is Ogivri (trastuzumab-dkst)",
    ]  # fmt: skip


def test_the_same_over_the_api():
    made = api.post("ada", "trade-numbers/", 201, number="9506000134352", **OGIVRI)
    assert (made["gtin"], made["product"]) == (GTIN, "Ogivri (trastuzumab-dkst)")
    assert api.get("nora", "trade-numbers/")["results"] == [made]
    assert api.post("ada", "trade-numbers/", 409, number=GTIN, **OWN)["error"]["code"] == "number-taken"
    assert api.post("ada", f"trade-numbers/{made['uuid']}/end/", 200)["gtin"] == GTIN
    assert api.get("nora", "trade-numbers/")["results"] == []


def test_the_last_scan_of_an_unknown_number_is_what_the_list_shows(fifth):
    codes.read(by=make.person("nora"), cycle_day=fifth, text=BAG)
    (found,) = trade_numbers.unknown_at(make.person("ada").site)
    assert (found.gtin, found.agent, found.last_on) == (GTIN, "trastuzumab", date(2026, 3, 30))
