"""Two versions of a regimen, in words (A6): every fact that changes is told."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from her2tracker.lib import catalog as files
from scheduling import catalog
from scheduling.core.difference import difference

PATHS = sorted(catalog.REGIMENS.glob("*.toml"))
# figures whose change alone the file's own validation refuses: a cap and its phases must agree
BOUND = ("doses", "cycles")
ROUNDING = "within 10 %, down only [hopa-rounding#ten-percent, secondary]"


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    return None


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    elif changed(value) is not None and path[-1] not in BOUND and path != ("version",):
        yield path


def with_change(raw: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    made = copy.deepcopy(raw)
    place: Any = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = changed(place[path[-1]])
    return made


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_figure_that_changes_is_told(path: Any) -> None:
    raw = files.read(path)
    old = catalog.regimen_from(raw, path.name)
    assert difference(old, old) == ()
    for leaf in leaves(raw):
        try:
            new = catalog.regimen_from(with_change(raw, leaf), path.name)
        except files.CatalogError:
            continue  # not a regimen any more: refused before anybody compares it
        assert difference(old, new), leaf


def test_a_change_reads_as_a_sentence_with_its_source() -> None:
    raw = files.read(catalog.REGIMENS / "t-dm1-v1.toml")
    new = copy.deepcopy(raw)
    new["version"] = 2
    new["phases"][0]["agents"][0]["maintenance"]["mg_per_kg"] = Decimal("3.5")
    new["cautions"] = []
    new["agents"]["trastuzumab-emtansine"]["rounding"]["confidence"] = "secondary"
    found = difference(catalog.regimen_from(raw, "old"), catalog.regimen_from(new, "new"))
    phase, label = "every three weeks, trastuzumab-emtansine", "[kadcyla-hcp#recommended-doses]"
    caution = "Trastuzumab, with or without pertuzumab, completes the year."
    assert [one.sentence for one in found] == [
        f"{phase}: maintenance dose: 3.6 mg/kg over 30 min {label} → 3.5 mg/kg over 30 min {label}",
        f"{phase}: rounding: within 10 %, down only [hopa-rounding#ten-percent] → {ROUNDING}",
        f"cautions, when stopped for toxicity: {caution} [nccn-quoted-by-payer#after-t-dm1, secondary] (gone)",
    ]


def test_a_number_of_cycles_is_told_with_the_end() -> None:
    old, new = catalog.regimen("trastuzumab-q3w-17"), catalog.regimen("trastuzumab-q3w-18")
    told = {one.what: one for one in difference(old, new)}
    assert told["end"].was.startswith("17 doses in all")
    assert told["end"].now.startswith("18 doses in all, or 52 weeks from the first")
    assert told["phase 1"].was.startswith("every three weeks, 17 cycles of 21 days")
