"""What a scanner reads is a wristband, a bag, or refused with what was read; nothing is guessed.

The trade number of the examples, 09506000134352, is the one GS1 reserves for examples in its specifications.
"""

from __future__ import annotations

import calendar
import string
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation, Confidence
from scheduling.catalog.barcodes import decode
from scheduling.core.products import Product
from scheduling.core.scanning import (
    Bag,
    Wristband,
    agent_of,
    day_of,
    legible,
    product_of,
    refuse_bag,
    same_number,
    understand,
)

TODAY, MRN, GTIN = date(2026, 1, 5), "T-00001", "09506000134352"
WHOLE = Bag(GTIN, "ABC123", date(2027, 12, 31), "12345")


def meant(text: str, mrn: str = MRN):
    return understand(decode(text), mrn=mrn, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(17)271231(10)ABC123(21)12345",
        f"(01) {GTIN} (17) 271231 (10) ABC123 (21) 12345",
        f"]d201{GTIN}1727123110ABC123\x1d2112345",
        f"]C101{GTIN}1727123110ABC123\x1d2112345\r\n",
        f"\x1d01{GTIN}1727123110ABC123\x1d2112345",
        f"01{GTIN}1727123110ABC123␝2112345",
        f"]d221{12345}\x1d10ABC123\x1d01{GTIN}17271231",
    ],
)
def test_the_same_bag_is_read_from_every_way_of_sending_its_code(text):
    assert meant(text) == WHOLE


def test_a_bag_may_say_less_and_the_rest_stays_empty():
    assert meant(f"]d201{GTIN}") == Bag(GTIN, "", None, "")
    assert meant("(10)L1(17)270500") == Bag("", "L1", date(2027, 5, 31), "")
    assert meant(f"(01){GTIN}(7003)2601051430(10)L1") == Bag(GTIN, "L1", TODAY, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(01)09506000134353(10)A", "wrong check digit"),
        ("]d2010950600013435", "not a whole GS1 code"),
        ("(8018)950600012345678901", "wrong check digit"),
        ("(10)AB(C", "not every character"),
        ("(10)ABC(17)2712", "not a whole GS1 code"),
        ("(17)271332(10)A", "not a whole GS1 code"),
        ("(17)270230(10)A", "is no date"),
        (f"]d210{'A' * 21}", "longer than it may be"),
        (f"]d201{GTIN}XYZ", "not a whole GS1 code"),
        ("(10)A(10)B", "stands twice"),
        (f"(8018)950600012345678906(01){GTIN}", "wrong check digit"),
        ("(37)5", "neither a patient nor a product"),
        ("(01)abc", "not a whole GS1 code"),
        ("]d2", ""),
        ("   ", ""),
        ("A" * 500, "longer than any code"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_was_read(text, why):
    refused = meant(text)
    assert isinstance(refused, Refusal), refused
    assert why in refused.sentence
    assert refused.code in ("unreadable-code", "nothing-read")


def test_a_wristband_is_the_clinics_own_number_or_a_gs1_patient_number_with_its_check_digit():
    assert meant("T-00001") == Wristband("T-00001")
    assert meant("]C0T-00001\r") == Wristband("T-00001")
    assert meant("T-99999") == Wristband("T-99999")  # whose it is, the clinic's records say
    assert meant("(8018)950600012345678906".replace("8906", "8900")).code == "unreadable-code"  # type: ignore[union-attr]
    assert meant(f"(8018){gsrn('95060001234567890')}") == Wristband(gsrn("95060001234567890"))
    assert meant(f"8018{gsrn('95060001234567890')}") == Wristband(gsrn("95060001234567890"))


def gsrn(digits: str) -> str:
    """With the check digit of the GS1 General Specifications, section 7.9: weights 3 and 1 from the right."""
    total = sum(int(one) * (3 if n % 2 == 0 else 1) for n, one in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def test_a_number_of_the_clinic_that_looks_like_a_product_is_still_that_patients():
    assert meant(f"01{GTIN}", mrn=f"01{GTIN}") == Wristband(f"01{GTIN}")
    assert isinstance(meant(f"01{GTIN}"), Bag)


def test_case_and_blanks_around_a_number_do_not_count_and_everything_else_does():
    assert same_number(" demo-0001", "DEMO-0001")
    assert not same_number("DEMO0001", "DEMO-0001")
    assert not same_number("DEMO-00011", "DEMO-0001")


@given(st.text(max_size=450))
@example("(01")
@example("]d2\x1d\x1d")
@example("(8018)")
@example("()")
def test_any_text_at_all_is_read_or_refused_and_never_falls_over(text):
    assert isinstance(meant(text), Bag | Wristband | Refusal)


LOT = st.text(alphabet=string.ascii_letters + string.digits + "-./", min_size=1, max_size=20)
BODY = st.text(alphabet=string.digits, min_size=13, max_size=13)


@given(body=BODY, lot=LOT, serial=LOT, on=st.dates(date(2026, 1, 5), date(2070, 12, 31)))
def test_what_was_printed_is_what_is_read(body, lot, serial, on):
    whole = Bag(gsrn(body), lot, on, serial)
    assert meant(f"]d201{gsrn(body)}17{on:%y%m%d}10{lot}\x1d21{serial}") == whole
    assert meant(f"(01){gsrn(body)}(17){on:%y%m%d}(10){lot}(21){serial}") == whole


@given(body=BODY, place=st.integers(0, 13), by=st.integers(1, 9))
def test_one_mistaken_digit_of_a_trade_number_is_always_found(body, place, by):
    right = gsrn(body)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert isinstance(meant(f"(01){wrong}(10)L1"), Refusal)


def test_the_century_of_an_expiry_is_the_nearest_and_day_nought_is_the_months_last():
    assert day_of("750105", TODAY) == date(2075, 1, 5)
    assert day_of("760105", TODAY) == date(2076, 1, 5)  # 50 years ahead
    assert day_of("770105", TODAY) == date(1977, 1, 5)  # 49 years back
    assert day_of("280200", TODAY) == date(2028, 2, 29)
    for no_date in ("270230", "271301", "27010", "27O101", "٢٧٠١٠١", ""):
        assert day_of(no_date, TODAY) is None


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_gs1_date_is_never_more_than_fifty_years_away(on, today):
    found = day_of(f"{on:%y%m%d}", today)
    if found is None:
        assert (on.month, on.day) == (2, 29)
        assert not calendar.isleap(on.year)
    else:
        assert -49 <= found.year - today.year <= 50


def test_an_expired_bag_is_refused_and_one_that_expires_today_is_not():
    assert refuse_bag(Bag(GTIN, "L", date(2026, 1, 4), ""), TODAY).code == "expired-bag"  # type: ignore[union-attr]
    assert refuse_bag(Bag(GTIN, "L", TODAY, ""), TODAY) is None
    assert refuse_bag(Bag(GTIN, "L", None, ""), TODAY) is None


SOURCE = Citation.parse("a-document#a-section", Confidence.VERIFIED)
KNOWN = [Product("trastuzumab", "Madeup", "trastuzumab-xxxx", SOURCE, (GTIN,))]


def test_a_product_is_taken_from_a_known_trade_number_and_never_guessed_from_another():
    product = product_of(KNOWN, GTIN)
    assert product is KNOWN[0]
    assert product_of(KNOWN, "04012345123456") is None
    assert product_of(KNOWN, "") is None
    bag, due = WHOLE, ("trastuzumab", "pertuzumab")
    assert agent_of(bag, product, due=due, chosen="") == "trastuzumab"
    assert agent_of(bag, product, due=("pertuzumab",), chosen="").code == "not-due"  # type: ignore[union-attr]
    assert agent_of(bag, product, due=due, chosen="pertuzumab").code == "another-agent"  # type: ignore[union-attr]
    assert agent_of(bag, None, due=due, chosen="").code == "which-agent"  # type: ignore[union-attr]
    assert agent_of(bag, None, due=due, chosen="pertuzumab") == "pertuzumab"
    assert agent_of(bag, None, due=("trastuzumab",), chosen="") == "trastuzumab"
    assert agent_of(bag, None, due=due, chosen="t-dm1").code == "not-due"  # type: ignore[union-attr]


def test_what_was_read_is_shown_with_its_separators_and_not_without_end():
    assert legible("10A\x1d21B\x07") == "10A␝21B�"
    assert len(legible("9" * 400)) == 81
