"""What a scanned code means at the chair: whose wristband it is, or which bag.

The text is taken apart into GS1 elements elsewhere (`catalog.barcodes`); here they get their meaning. Nothing is
guessed: a code that says neither whose nor which bag is refused with what was read.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from scheduling.core.products import Numbered, Product

GTIN, LOT, EXPIRY, EXPIRY_TIME, SERIAL, PATIENT = "01", "10", "17", "7003", "21", "8018"
"""Application identifiers of the GS1 General Specifications, section 3."""
LONGEST = 400  # characters; a GS1 symbol holds fewer


class CodeKind(StrEnum):
    WRISTBAND = "wristband"
    BAG = "bag"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Element:
    """One application identifier with its value; `fault` is what is wrong with it, in words."""

    ai: str
    value: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A code taken apart. `plain` is its text without the scanner's prefix.

    `elements` is None where the text is no GS1 element string; `fault` says where it broke off. `declared`: the
    scanner or a separator said that it is GS1, so it cannot be a number of the clinic's own.
    """

    plain: str
    elements: tuple[Element, ...] | None = None
    fault: str = ""
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Wristband:
    """A patient's number."""

    number: str


@dataclass(frozen=True, slots=True)
class Bag:
    """What a bag or vial says of itself; what its code does not hold is empty."""

    gtin: str
    lot: str
    expires_on: date | None
    serial: str


def understand(decoded: Decoded, *, mrn: str, today: date) -> Wristband | Bag | Refusal:
    """A wristband, a bag, or why it is neither. `mrn` is the patient's who sits there: its own digits win."""
    if not decoded.plain:
        return Refusal("nothing-read", "Nothing was read. Scan the code again.")
    if not decoded.declared and same_number(decoded.plain, mrn):
        return Wristband(decoded.plain)
    if decoded.fault:
        return unreadable(decoded.plain, decoded.fault)
    if decoded.elements is None:
        return Wristband(decoded.plain)
    return _of_elements(decoded, today)


def _of_elements(decoded: Decoded, today: date) -> Wristband | Bag | Refusal:
    elements = decoded.elements or ()
    if faulty := next((one for one in elements if one.fault), None):
        return unreadable(decoded.plain, f"({faulty.ai}) {faulty.fault}")
    values: dict[str, str] = {}
    for one in elements:
        if values.setdefault(one.ai, one.value) != one.value:
            return unreadable(decoded.plain, f"({one.ai}) stands twice with different values")
    if PATIENT in values:
        mixed = GTIN in values
        return unreadable(decoded.plain, "it names a patient and a product") if mixed else Wristband(values[PATIENT])
    if not values.keys() & {GTIN, LOT, EXPIRY, EXPIRY_TIME}:
        return unreadable(decoded.plain, "it names neither a patient nor a product, lot or expiry")
    expiry = values.get(EXPIRY) or values.get(EXPIRY_TIME, "")[:6]
    expires_on = day_of(expiry, today) if expiry else None
    if expiry and expires_on is None:
        return unreadable(decoded.plain, f"its expiry {expiry} is no date")
    return Bag(values.get(GTIN, ""), values.get(LOT, ""), expires_on, values.get(SERIAL, ""))


def day_of(yymmdd: str, today: date) -> date | None:
    """A GS1 date: two digits of the year within 49 years back and 50 ahead, day 00 for the month's last.

    None for what is no date. GS1 General Specifications, section 7.12.
    """
    if len(yymmdd) != 6 or not (yymmdd.isascii() and yymmdd.isdigit()):
        return None
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    century = today.year - today.year % 100
    apart = year - today.year % 100
    year += century - 100 if apart >= 51 else century + 100 if apart <= -50 else century
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


def same_number(one: str, other: str) -> bool:
    """Whether two ways of writing an MRN are the same number; case does not count, anything else does."""
    return one.strip().casefold() == other.strip().casefold()


def wrong_patient(number: str, *, patient: str, mrn: str) -> Refusal:
    """Whose it is not. Whose it is stays unsaid: that person is not part of this infusion."""
    sentence = f"Wrong patient. This wristband says {number}; it is not that of {patient}, MRN {mrn}. Give nothing."
    return Refusal("wrong-patient", sentence)


def unknown_number(number: str, *, patient: str, mrn: str) -> Refusal:
    """A text that is nobody's number here: a band from elsewhere, or another barcode."""
    return Refusal(
        "unknown-code",
        f"“{legible(number)}” was read. It is not the MRN {mrn} of {patient}, and no bag’s code. Scan the wristband, "
        "or the two-dimensional code on the bag.",
    )


def unreadable(text: str, why: str) -> Refusal:
    return Refusal("unreadable-code", f"“{legible(text)}” was read and cannot be used: {why}. Scan it again.")


def legible(text: str) -> str:
    """What was read, as it can be shown: separators visible, not endless."""
    shown = "".join("␝" if one == "\x1d" else one if one.isprintable() else "�" for one in text)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"


def refuse_bag(bag: Bag, today: date) -> Refusal | None:
    if bag.expires_on and bag.expires_on < today:
        sentence = f"Expired: this bag says {in_words(bag.expires_on)}. Do not hang it."
        return Refusal("expired-bag", sentence)
    return None


def product_of(products: Iterable[Product], gtin: str) -> Product | None:
    """The known product with this trade number; an unknown one is nobody's guess."""
    return next((one for one in products if gtin and gtin in one.gtins), None)


def agent_of(bag: Bag, product: Product | Numbered | None, *, due: tuple[str, ...], chosen: str) -> str | Refusal:
    """Which of the agents due this bag is. Its known product decides; else the only one due, else who holds it."""
    if product is not None and product.agent not in due:
        return Refusal("not-due", f"This bag is {product.name}: {product.agent} is not due here. Do not hang it.")
    if product is not None:
        if chosen and chosen != product.agent:
            return Refusal("another-agent", f"This bag is {product.name}, not {chosen}. Check the bag.")
        return product.agent
    if chosen:
        return chosen if chosen in due else Refusal("not-due", f"{chosen} is not due here.")
    if len(due) == 1:
        return due[0]
    known = f"The product number {bag.gtin} is not known here" if bag.gtin else "The code names no product"
    return Refusal("which-agent", f"{known}. Say which drug this bag is, then scan it again.")
