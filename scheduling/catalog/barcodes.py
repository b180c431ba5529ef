"""A scanner's text taken apart into GS1 elements: the file boundary for what comes off a barcode.

biip knows every application identifier with its length and pattern. What it lets pass is refused here: characters
that no element claims, a variable field that ran on past its separator, a check digit that is wrong.
"""

from __future__ import annotations

import re

from biip import ParseConfig, ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_element_strings import GS1ElementString

from her2tracker.lib.refusals import Refusal
from scheduling.core.scanning import GTIN, LONGEST, PATIENT, Decoded, Element, legible

# Days are judged by the core, whose clock is an argument.
AS_PRINTED = ParseConfig(gs1_element_strings_verify_date=False)
SEPARATOR = "\x1d"
SHOWN_SEPARATOR = "␝"  # what scanners send that cannot type the separator itself
# ISO/IEC 15424: GS1-128, GS1 DataBar, GS1 DataMatrix, GS1 QR, GS1 DotCode.
GS1_SYMBOLS = ("C1", "e0", "d2", "Q3", "J1")
_PREFIX = re.compile(r"\]([A-Za-z][0-9])")
_IN_BRACKETS = re.compile(r"\(([0-9]{2,4})\)([^()]+)")
# Without any mark a text counts as GS1 only where its check digit proves it.
_BARE = re.compile(r"01(?P<gtin>[0-9]{14})|8018(?P<patient>[0-9]{18})$")


def decode(text: str) -> Decoded:
    """The elements of a scanned text; none where it is no GS1 element string."""
    plain = text.strip(" \t\r\n\ufeff").replace(SHOWN_SEPARATOR, SEPARATOR)
    if len(plain) > LONGEST:
        return Decoded(plain, fault="it is longer than any code")
    symbol = _PREFIX.match(plain)
    if symbol:
        plain = plain[symbol.end() :]
    is_bracketed = bool(re.match(r"\([0-9]", plain))
    declared = (symbol is not None and symbol[1] in GS1_SYMBOLS) or SEPARATOR in plain or is_bracketed
    if not declared and not _is_bare(plain):
        return Decoded(plain)
    try:
        elements = _bracketed(plain) if is_bracketed else _raw(plain)
    except ParseError as why:
        return Decoded(plain, fault=_broken(why), declared=declared)
    return Decoded(plain.strip(SEPARATOR), tuple(elements), declared=declared)


def trade_number(text: str) -> str | Refusal:
    """The GTIN, in 14 digits, of what was typed or scanned from a pack: 8, 12, 13 or 14 digits, or a whole code."""
    plain = "".join(text.split())
    if plain.isascii() and plain.isdigit() and len(plain) in (8, 12, 13, 14):
        gtin = plain.zfill(14)
        fault = _check_digit(gtin)
    else:
        decoded = decode(text)
        gtin = next((one.value for one in decoded.elements or () if one.ai == GTIN), "")
        fault = decoded.fault or next((one.fault for one in decoded.elements or () if one.fault), "")
    if gtin and not fault:
        return gtin
    why = fault or "a trade number has 8, 12, 13 or 14 digits, and stands behind (01) in a code"
    return Refusal("no-trade-number", f"“{legible(text)}” is no trade number: {why}.")


def _is_bare(text: str) -> bool:
    found = _BARE.match(text)
    return found is not None and not _check_digit(found["gtin"] or found["patient"])


def _bracketed(text: str) -> list[Element]:
    """`(01)09506000134352(10)AB-1`, as printed below a symbol. Blanks around it do not count."""
    whole = "".join(text.split(" "))
    found = [(match[1], match[2].strip(SEPARATOR)) for match in _IN_BRACKETS.finditer(whole)]
    if "".join(match[0] for match in _IN_BRACKETS.finditer(whole)) != whole:
        raise ParseError("not every character belongs to an element")
    return [_checked(GS1ElementString.parse(f"{ai}{value}", config=AS_PRINTED), ai) for ai, value in found]


def _raw(text: str) -> list[Element]:
    """Elements one after another; one of variable length goes on until a separator."""
    found = []
    for part in text.split(SEPARATOR):
        rest = part
        while rest:
            element = GS1ElementString.extract(rest, config=AS_PRINTED)
            rest = rest[len(element.ai.ai) + len(element.value) :]
            if rest and element.ai.separator_required:
                raise ParseError(f"({element.ai.ai}) is longer than it may be")
            found.append(_checked(element, element.ai.ai))
    if not found:
        raise ParseError("there is nothing in it")
    return found


def _checked(element: GS1ElementString, ai: str) -> Element:
    if element.ai.ai != ai:
        raise ParseError(f"({ai}) is not known")
    fault = _check_digit(element.value) if ai in (GTIN, PATIENT) else ""
    return Element(ai, element.value, fault)


def _check_digit(digits: str) -> str:
    right = gs1_standard_check_digit(digits[:-1])
    return "" if right == int(digits[-1]) else f"{digits} has a wrong check digit"


def _broken(why: ParseError) -> str:
    """Our own words as they are; the library's are for programmers."""
    said = str(why)
    ours = said.startswith(("(", "not every", "there is"))
    return said if ours else "it is not a whole GS1 code"
