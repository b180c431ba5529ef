"""Where a key of a TOML file stands: tomllib forgets the lines, and a mistake without its line is hard to find."""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\s-]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")


def lines_of(text: str) -> dict[Path, int]:
    """Path -> line, counted from 1, for every table and every key at the start of a line.

    A key inside an inline table has its table's line. Written for finding, not for parsing.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _table(header.group(2).split("."), header.group(1) == "[[", counts)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key.group(1)), number)
    return found


def line_of(lines: dict[Path, int], path: Sequence[str | int]) -> int | None:
    """The line of `path`, or of the nearest table around it; None when there is none."""
    tried = (lines.get(tuple(path[:length])) for length in range(len(path), 0, -1))
    return next((line for line in tried if line is not None), None)


def _table(names: Sequence[str], is_list: bool, counts: dict[Path, int]) -> Path:
    """The table's own path: each list of tables on the way is entered at its last one."""
    path: Path = ()
    for index, name in enumerate(names):
        path = (*path, name.strip())
        if is_list and index == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
