"""Files of LVEF results, as an echo lab would send them."""

from __future__ import annotations

from typing import Any

from her2tracker.lib.tables import to_csv
from scheduling.models import Patient


def result(of: Patient | str, lvef: str | int = 62, **cells: Any) -> dict[str, Any]:
    """A line about this patient, or about an MRN nobody has."""
    whose = of if isinstance(of, str) else of.mrn
    born = "1970-05-17" if isinstance(of, str) else str(of.born_on)
    return {
        "mrn": whose, "born_on": born, "performed_on": "2026-04-02", "lvef": str(lvef), "modality": "echo-2d",
    } | cells  # fmt: skip


def sheet(*rows: dict[str, Any]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return to_csv(columns, [[row.get(name, "") for name in columns] for row in rows])
