"""Files of patients and plans, as a clinic would send them."""

from __future__ import annotations

from typing import Any

from her2tracker.lib.tables import to_csv

ANNA = {
    "mrn": "I-1", "family_name": "Arnold", "given_name": "Anna", "born_on": "1970-05-17",
    "regimen": "trastuzumab-q3w-17", "setting": "adjuvant", "start_on": "2026-01-05", "weight_kg": "70",
    "weighed_on": "2026-01-02",
}  # fmt: skip


def sheet(*rows: dict[str, Any]) -> str:
    """A file of these lines; without any, of Anna."""
    rows = rows or (ANNA,)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return to_csv(columns, [[row.get(name, "") for name in columns] for row in rows])


def person(number: int, **cells: Any) -> dict[str, Any]:
    """Anna's line for somebody else."""
    return ANNA | {"mrn": f"I-{number}", "family_name": f"Testcase{number}"} | cells
