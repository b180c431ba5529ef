"""`python -m scheduling.core`, and what importing a core brings along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scheduling.core.__main__ import main

PRINT_LOADED = "import {core}, sys; print([n for n in ('django', 'celery', 'pydantic') if n in sys.modules])"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("app", ["scheduling", "monitoring"])
def test_importing_a_core_brings_no_framework_along(app: str) -> None:
    files = (ROOT / app / "core").glob("*.py")
    modules = sorted(f"{app}.core.{file.stem}" for file in files if not file.stem.startswith("__"))
    assert modules
    command = [sys.executable, "-c", PRINT_LOADED.format(core=", ".join(modules))]
    found = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    assert found.stdout == "[]\n"


def test_a_plan_is_printed_with_every_date_and_dose(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trastuzumab-q3w-17", "2026-01-05", "--kg", "62"]) == 0
    lines = capsys.readouterr().out.splitlines()
    first = "Mon 5 Jan 2026   1      1    trastuzumab  loading      8 mg/kg × 62 kg = 496 mg  herceptin-hcp#dosing"
    assert lines[3].startswith(first)
    last = "Mon 7 Dec 2026   17     1    trastuzumab  maintenance  6 mg/kg × 62 kg = 372 mg  herceptin-hcp#dosing"
    assert lines[19].startswith(last)
    assert "To be verified by a clinician:" in lines


def test_earlier_doses_are_counted_and_the_gap_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trastuzumab-pertuzumab", "2026-06-01", "--kg", "62", "--given", "6", "--last", "2026-05-03"]) == 0
    printed = capsys.readouterr().out
    assert "29 days since the last dose, 8 late: trastuzumab re-loads at 8 mg/kg" in printed
    assert "29 days since the last dose, 8 late: pertuzumab continues at 420 mg" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing", "2026-01-05"], "there is no regimen nothing; there are: ac-th, apt"),
        (["t-dm1", "2026-01-05", "--given", "14", "--last", "2025-12-01"], "14 doses were already given"),
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["apt", "2026-02-30"], ["apt", "2026-02-03", "--kg", "-5"], ["apt", "2026-02-03", "--given", "2"]]
)
def test_arguments_that_cannot_be_read_are_explained(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
