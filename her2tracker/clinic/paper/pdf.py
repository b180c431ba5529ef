"""The calendar on A4. Words go in as data, never as source text, so that nothing in a name is ever a command."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import typst

from her2tracker.clinic.paper.letter import Letter

TEMPLATE = Path(__file__).parent / "calendar.typ"
SIZES = {"normal": 11, "large": 16}  # points


def pdf(letter: Letter, *, name: str, identity: str, clinic: str, size: str = "normal") -> bytes:
    """A tagged, accessible PDF in the letter's language; `size` is normal or large print."""
    data = {
        "language": letter.language,
        "title": letter.title,
        "name": name,
        "identity": identity,
        "clinic": clinic,
        "headings": [letter.words.date_heading, letter.words.what_heading, letter.words.when_heading],
        "lines": [
            {"day": line.day, "what": ", ".join(filter(None, (line.what, line.where))), "when": line.when}
            for line in letter.lines
        ],
        "empty": letter.words.no_dates,
        "notes": list(letter.notes),
        "made_on": letter.made_on,
        "size": SIZES[size],
    }
    return _compiler().compile(format="pdf", sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"])  # type: ignore[return-value]


@cache
def _compiler() -> typst.Compiler:
    # The fonts that come with the compiler, so that every machine prints the same page.
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, ignore_system_fonts=True)
