"""A regimen file from a person: read as the shipped ones are, and refused in sentences that say what to do.

Nothing a string hides is guessed. In a shipped row decimals are text, because JSON has no decimals; in a
file that a person wrote, a figure in quotation marks is a question, and is asked back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

from her2tracker.lib.catalog import CatalogError, Definition, Mistake, definition, documents, parse
from her2tracker.lib.places import Path, line_of, lines_of
from her2tracker.lib.sources import Confidence, weakest
from scheduling.catalog.regimens import regimen_from, regimens, schema
from scheduling.core.regimen import Phase, Regimen

LARGEST_BYTES = 64 * 1024
MOST_DOSES = 1000
"""Agents times cycle days of one file. A year of weekly doses of three agents is 156. Not a clinical figure."""
MOST_LETTERS = {"id": 60, "name": 160, "short_name": 24, "title": 160, "source": 120, "phase": 80, "dose": 160}
NAMES = {"name", "title", "short_name"}
HIDES_A_DOSE = re.compile(r"\d\s*(?:mg|µg|mcg|g|units?)\s*/\s*kg|\d\s*\(\s*\d", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LARGEST = Decimal(10_000_000)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that can be used: its text as written, what freezes it, and what it says."""

    text: str
    definition: Definition
    regimen: Regimen


class Faulty(CatalogError):
    """A file that cannot be used. `sentences` are for the person who wrote it, one for each mistake."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


def decode(content: bytes) -> str:
    """The text of an uploaded file. Raises Faulty when it is too large or not UTF-8."""
    if len(content) > LARGEST_BYTES:
        raise Faulty(f"The file has {len(content) // 1024} kB, and a regimen fits into {LARGEST_BYTES // 1024} kB.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Faulty(f"The file is not UTF-8 text (byte {error.start + 1}): save it as plain text in UTF-8.") from error


def read_upload(text: str) -> Upload:
    """The regimen a person wrote, through the validation of the shipped ones and more. Raises Faulty."""
    if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        raise Faulty(f"The text is longer than {LARGEST_BYTES // 1024} kB. A regimen is a few pages.")
    text = text.replace("\r\n", "\n")
    raw, lines = _tables(text), lines_of(text)
    if mistakes := [*_of_values(raw), *_of_sources(raw)]:
        raise Faulty(*(_sentence(mistake, lines) for mistake in mistakes))
    try:
        regimen = regimen_from(raw, "file")
    except CatalogError as error:
        # a list whose every entry is faulty is called empty as well, which is no help
        told = [mistake for mistake in error.mistakes if "after validation" not in mistake.said] or error.mistakes
        raise Faulty(*(_sentence(mistake, lines) for mistake in told)) from error
    if mistakes := list(_of_size(regimen)):
        raise Faulty(*(_sentence(mistake, lines) for mistake in mistakes))
    return Upload(text, definition(raw), regimen)


def _tables(text: str) -> dict[str, Any]:
    try:
        return parse(text, name="The file")
    except CatalogError as error:
        raise Faulty(f"This is not TOML. {error.__cause__}. Compare with the file of a shipped regimen.") from error
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Faulty("This is not a regimen: a number is too long, or tables stand too deep in tables.") from error


def _of_values(value: Any, path: Path = ()) -> Iterator[Mistake]:
    """What the types alone would let through."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _of_values(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _of_values(inner, (*path, index))
    elif said := _about(value, next((str(key) for key in reversed(path) if isinstance(key, str)), "")):
        yield Mistake(path, said)


def _about(value: Any, key: str) -> str:
    if isinstance(value, str):
        return _about_text(value, key)
    if isinstance(value, date | time):
        return "is a date, and a regimen has none: it counts days"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _about_figure(Decimal(value))
    return ""


def _about_figure(figure: Decimal) -> str:
    # copy_abs and comparisons never round, so that 1e99999999 is refused and not computed
    if not figure.is_finite() or figure.copy_abs() > _LARGEST or int(figure.as_tuple().exponent) < -3:
        return "is not a figure anybody could give: at most seven digits before the point and three after it"
    return "is negative, and no figure of a regimen is" if figure < 0 else ""


def _about_text(text: str, key: str) -> str:
    if key in figures():
        return f"holds the text “{_short(text)}” where a figure belongs, and no figure is guessed from text. {_HOW}"
    if key in tables():
        return f"holds the text “{_short(text)}” where a table belongs. {_HOW}"
    if key in NAMES and HIDES_A_DOSE.search(text):
        return f"hides a dose in a name, “{_short(text)}”: a name is only read, never given. {_HOW}"
    if key == "dose" or (key not in known() and HIDES_A_DOSE.search(text)):
        return f"is not a key of a regimen file, and “{_short(text)}” is not a figure. {_HOW}"
    if len(text) > MOST_LETTERS.get(key, 2000):
        return f"is longer than {MOST_LETTERS.get(key, 2000)} letters"
    return "holds a character that cannot be printed" if _CONTROL.search(text) else ""


_HOW = (
    "Write each dose as a figure in its own table: loading = { mg_per_kg = 8, … }, maintenance = { mg_per_kg = 6, … }, "
    "and what a late dose loads again with in reload."
)


def _of_sources(value: Any, path: Path = ()) -> Iterator[Mistake]:
    """Every source leads to a document, and no figure is surer than the document it is from."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, dict) and isinstance(value.get("source"), str):
        said = _about_source(value["source"], value.get("confidence", Confidence.VERIFIED))
        yield from [Mistake((*path, "source"), said)] if said else []
    for key, inner in items:
        yield from _of_sources(inner, (*path, key))


def _about_source(source: str, confidence: Any) -> str:
    document = documents().get(source.split("#")[0])
    if document is None:
        known_ = ", ".join(sorted(documents()))
        return f"names “{_short(source)}”, and there is no such document. Write document#section with one of: {known_}"
    if confidence in list(Confidence) and weakest([Confidence(confidence), document.confidence]) != confidence:
        return (
            f"is surer than its document: {document.id} is {document.confidence.value}. "
            f'Write confidence = "{document.confidence.value}" beside it'
        )
    return ""


def _of_size(regimen: Regimen) -> Iterator[Mistake]:
    """What a plan of it could not hold."""
    doses = sum(phase.cycles * sum(len(agent.days) for agent in phase.agents) for phase in regimen.phases)
    if doses > MOST_DOSES:
        yield Mistake(("phases",), f"hold {doses} doses, and a plan has at most {MOST_DOSES}: check the cycles")
    if regimen.version > 9999:
        yield Mistake(("version",), "is higher than 9999")
    phases = [phase.name for phase in regimen.phases]
    if len(set(phases)) != len(phases):
        yield Mistake(("phases",), "have one name twice: give each phase its own")
    for index, phase in enumerate(regimen.phases):
        yield from _of_phase(phase, ("phases", index))


def _of_phase(phase: Phase, path: Path) -> Iterator[Mistake]:
    if len(phase.name) > MOST_LETTERS["phase"]:
        yield Mistake((*path, "name"), f"is longer than {MOST_LETTERS['phase']} letters")
    names = [agent.name for agent in phase.agents]
    if len(set(names)) != len(names):
        yield Mistake((*path, "agents"), "name an agent twice: one table per agent, with all its days")
    for index, agent in enumerate(phase.agents):
        if agent.name not in agents():
            yield Mistake((*path, "agents", index, "name"), f"names “{_short(agent.name)}”, {_UNKNOWN}")
        doses = (agent.loading, agent.first, agent.maintenance, agent.reload.dose)
        if any(dose and len(dose.in_words()) > MOST_LETTERS["dose"] for dose in doses):
            yield Mistake((*path, "agents", index), "has a dose of too many components")


def _sentence(mistake: Mistake, lines: dict[Path, int]) -> str:
    line = line_of(lines, mistake.path)
    where = (
        ".".join(str(key + 1) if isinstance(key, int) else str(key) for key in mistake.path) or "The file as a whole"
    )
    said = _plainly(mistake.said).rstrip(".")
    gap = " " if said.split(" ")[0] in _VERBS else ": "
    return f"Line {line}, {where}{gap}{said}." if line else f"{where}{gap}{said}."


_VERBS = {"is", "are", "has", "hold", "holds", "hides", "name", "names", "must", "may"}


def _plainly(said: str) -> str:
    """pydantic's words as an instruction."""
    known_ = {
        "Field required": "is missing: add it",
        "Extra inputs are not permitted": "is not a key of a regimen file: check its spelling or take it out",
    }
    said = said.removeprefix("Value error, ")
    if said.startswith("Input should be a valid dictionary or instance of"):
        return f"must be a table, such as {{ … }}. {_HOW}"
    if said.startswith(("Decimal input should be", "Input should be a valid integer")):
        return "must be a number, without quotation marks"
    if said.startswith("String should match pattern"):
        return "may hold small letters, digits and dashes only; a source is written document#section"
    return known_.get(said, said)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


_UNKNOWN = (
    "an agent that no cardiac protocol watches over, so its heart rules would be lost in silence. Write the name that "
    "a shipped regimen has for it; a biosimilar is a product of its agent, and is named where it is hung"
)


@cache
def agents() -> frozenset[str]:
    """Infused agents that the product knows: each has its cardiac protocols."""
    return frozenset(name for regimen in regimens().values() for name in regimen.agents)


@cache
def figures() -> frozenset[str]:
    """Keys whose value is never text, and is a number somewhere in a regimen file; read from its own schema."""
    return frozenset(key for key, kinds in _kinds().items() if kinds & {"number", "integer"} and "string" not in kinds)


@cache
def tables() -> frozenset[str]:
    """Keys that hold tables wherever they stand."""
    return frozenset(key for key, kinds in _kinds().items() if kinds == {"object"})


@cache
def known() -> frozenset[str]:
    """Every key that a regimen file may have."""
    return frozenset(_kinds())


@cache
def _kinds() -> dict[str, set[str]]:
    """Key -> the kinds of value it takes, wherever it stands."""
    found: dict[str, set[str]] = {}
    whole = schema()
    for table in (whole, *whole["$defs"].values()):
        for key, field in table.get("properties", {}).items():
            found.setdefault(key, set()).update(_types(field, whole["$defs"]))
    return found


def _types(field: dict[str, Any], tables_: dict[str, Any]) -> Iterator[str]:
    """A decimal's schema also allows text, which is how a row stores it and no person should write it."""
    options = [_resolved(option, tables_) for option in field.get("anyOf", [field])]
    is_number = any(option.get("type") in ("number", "integer") for option in options)
    for option in options:
        kind = option.get("type", "object")
        if kind == "array":
            yield from _types(option["items"], tables_)
        elif kind != "null" and not (kind == "string" and is_number):
            yield kind


def _resolved(field: dict[str, Any], tables_: dict[str, Any]) -> dict[str, Any]:
    name = str(field.get("$ref", "")).rpartition("/")[2]
    found: dict[str, Any] = tables_[name] if name else field
    return found
