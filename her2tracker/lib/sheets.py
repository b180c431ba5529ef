"""Tables that come into the house as CSV: read, or refused in sentences that name the line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from her2tracker.lib.tables import as_typed

LARGEST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 10_000
LONGEST_CELL = 1000
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Unreadable(ValueError):
    """A file that is no such table. `sentences` are for the person who sent it, one for each mistake."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


@dataclass(frozen=True, slots=True)
class Row:
    """One line below the header, trimmed. `line` counts from 1 as an editor does; `fault` says why it is no row."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""

    def __getitem__(self, column: str) -> str:
        """What stands in the column; empty where the file does not have it."""
        return self.cells.get(column, "")


def decode(content: bytes) -> str:
    """The text of an uploaded file. Raises Unreadable when it is too large, not UTF-8, or not text at all."""
    if len(content) > LARGEST_BYTES:
        raise Unreadable(too_large(len(content)))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"Line {line}: the file is not UTF-8 text. In a spreadsheet, save it as “CSV UTF-8”."
        ) from error
    return refuse_nul(text)


def refuse_nul(text: str) -> str:
    """The text itself, unless it holds a NUL: then it is no text, and no database keeps it."""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(f"Line {line}: the file holds a NUL byte, so it is not a text file. Save it as “CSV UTF-8”.")
    return text


def too_large(size: int) -> str:
    """The sentence for a file of `size` bytes."""
    return (
        f"The file has {size / 1024 / 1024:.1f} MB, and at most {LARGEST_BYTES // 1024 // 1024} MB are read. Divide it."
    )


def read(text: str, *, required: Collection[str], optional: Collection[str] = ()) -> list[Row]:
    """The rows below the header. Raises Unreadable when the table as a whole cannot be read.

    Commas, semicolons and tabs may separate; the header decides. Empty lines are passed over.
    """
    records = _records(refuse_nul(text.removeprefix("\ufeff")))
    _, header = next(records, (1, []))
    if not header:
        raise Unreadable("The file is empty. Its first line names the columns.")
    columns = _columns(header, required, optional)
    rows: list[Row] = []
    for line, values in records:
        if len(rows) == MOST_ROWS:
            raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Divide it.".replace(",", "\u2009"))
        rows.append(_row(line, columns, values))
    if not rows:
        raise Unreadable("The file has a header and no row below it.")
    return rows


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not empty with the line it begins on."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    while True:
        begins = lines.line_num + 1
        try:
            values = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(_broken(begins, str(error))) from error
        values = [as_typed(value.strip()) for value in values]
        if any(values):
            yield begins, values


def _broken(line: int, error: str) -> str:
    if "field limit" in error:
        return f"Line {line}: a value is too long to be one. Is a quotation mark missing?"
    return (
        f"Line {line}: quotation marks do not match. Put one before and one after a value, and write a mark inside it "
        "twice."
    )


def _separator(text: str) -> str:
    """What stands most often in the first line that says anything."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count)


def _columns(header: list[str], required: Collection[str], optional: Collection[str]) -> list[str]:
    names = [name.lower() for name in header]
    while names and not names[-1]:  # what spreadsheets leave behind the last column
        names.pop()
    known = (*required, *optional)
    wrong = [*_unknown(names, known), *_twice(names), *_missing(names, required)]
    if wrong:
        raise Unreadable(*wrong)
    return names


def _unknown(names: Iterable[str], known: Collection[str]) -> Iterator[str]:
    for place, name in enumerate(names, start=1):
        if not name:
            yield f"Column {place} has no name. Name it or take it out."
        elif name not in known:
            near = get_close_matches(name[:LONGEST_CELL], known, n=1)
            meant = f" Do you mean “{near[0]}”?" if near else ""
            yield f"No column is called “{_shown(name)}”.{meant}"


def _twice(names: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        yield f"The column “{_shown(name)}” is there {names.count(name)} times."


def _missing(names: Collection[str], required: Iterable[str]) -> Iterator[str]:
    missing = [name for name in required if name not in names]
    if missing:
        yield f"Missing: {', '.join(missing)}. The first line names the columns."


def _row(line: int, columns: list[str], values: list[str]) -> Row:
    while len(values) > len(columns) and not values[-1]:
        values.pop()
    cells = dict(zip(columns, values, strict=False))
    if len(values) != len(columns):
        return Row(line, cells, f"It has {len(values)} values, and the first line names {len(columns)} columns.")
    for name, value in cells.items():
        if _CONTROL.search(value):
            return Row(line, cells, f"{name}: a value cannot hold a line break, a tab or another control character.")
        if len(value) > LONGEST_CELL:
            return Row(line, cells, f"{name}: {len(value)} characters are too many for one value.")
    return Row(line, cells)


def _shown(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:40]}…"
