"""Lines of a TOML file's keys: good enough to point at a mistake, never in the way of reading."""

from __future__ import annotations

from her2tracker.lib.places import line_of, lines_of

TEXT = """\
id = "x"
cap = { doses = 18 }

[agents.trastuzumab]
title = "T"

[[phases]]
name = "one"
[[phases.agents]]
name = "a"
[phases.agents.loading]
mg = 1
[[phases.agents]]
name = "b"
[[phases]]
[[phases.agents]]
name = "c"
"""


def test_each_key_has_its_line_through_lists_of_tables() -> None:
    lines = lines_of(TEXT)
    assert line_of(lines, ("id",)) == 1
    assert line_of(lines, ("agents", "trastuzumab", "title")) == 5
    assert line_of(lines, ("phases", 0, "agents", 0, "loading", "mg")) == 12
    assert line_of(lines, ("phases", 0, "agents", 1, "name")) == 14
    assert line_of(lines, ("phases", 1, "agents", 0, "name")) == 17


def test_a_key_inside_a_table_of_one_line_has_that_line_and_an_unknown_one_has_none() -> None:
    lines = lines_of(TEXT)
    assert line_of(lines, ("cap", "doses")) == 2
    assert line_of(lines, ("phases", 0, "agents", 1, "maintenance")) == 13
    assert line_of(lines, ("nothing", 0)) is None
    assert line_of(lines, ()) is None
