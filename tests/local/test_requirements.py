"""The locks: what runs at a clinic is what was tested."""

from __future__ import annotations

import re

from her2tracker.local.state import ROOT

PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)(?: ;[^\\]+)?", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str]]:
    return {(match[1], match[2]) for match in PIN.finditer((ROOT / "requirements" / f"{name}.txt").read_text())}


def test_the_development_lock_holds_all_of_the_run_lock() -> None:
    assert pins("run")
    assert pins("run") <= pins("dev")


def test_no_lock_names_an_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in path.read_text(), path.name
