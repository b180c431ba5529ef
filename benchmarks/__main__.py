"""`make bench`: build a clinic, measure every bar there is, print one table, keep it as JSON.

Each row is printed as soon as it is measured: a run that somebody ends has said what it found until then.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from benchmarks.bars import RESULTS, Bar

if TYPE_CHECKING:
    from her2tracker.accounts.models import Site

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "her2tracker.settings")
PARTS = ("core", "plans", "pages", "search", "sweeps", "mail", "imports")


def main() -> int:
    import django

    django.setup()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--plans", type=int, default=10_000, help="how many plans the clinic has")
    only = "measure these parts alone; of the JSON kept, their bars alone are replaced"
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help=only)
    parser.add_argument(
        "--grow", type=int, default=0, help="pages: measure again beside another clinic of so many times the plans"
    )
    asked = parser.parse_args()
    plans: int = asked.plans
    _prepare()
    from benchmarks.clinic import build

    site = build(plans)
    found = []
    _head(plans)
    for part in (part for part in PARTS if part in asked.only):
        for bar in _bars(part, site, asked.grow):
            found.append(bar)
            _show(bar)
    _keep(found, plans)
    return 0


def _bars(part: str, site: Site, grow: int) -> Iterator[Bar]:
    from benchmarks import core_bars, import_bars, mail_bars, page_bars, plan_bars, search_bars, sweep_bars

    if part == "core":
        return core_bars.bars()
    if part == "pages":
        return page_bars.bars(site, grow)
    parts = {"plans": plan_bars, "search": search_bars, "sweeps": sweep_bars, "mail": mail_bars, "imports": import_bars}
    return parts[part].bars(site)


def _prepare() -> None:
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment(debug=False)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("publish", verbosity=0, stdout=sys.stderr)


def _head(plans: int) -> None:
    print(f"\n{plans} plans\n")
    print(f"{'':4} {'what':62} {'measured':>12} {'limit':>12} {'ratio':>8} {'bar':>8}", flush=True)


def _show(bar: Bar) -> None:
    sign, said = (">=" if bar.at_least else "<="), f"{bar.name:4} {bar.what:62} {bar.measured:9.2f} {bar.unit:3}"
    if bar.limit is None or bar.ratio is None:
        told = f"{said}{'–':>9}    {'–':>8} {sign} {bar.bar:g}  nothing to compare with  {bar.note}"
    else:
        verdict = "met" if bar.met else "NOT MET"
        told = f"{said}{bar.limit:9.2f} {bar.unit:3}{bar.ratio:8.2f} {sign} {bar.bar:g}  {verdict}  {bar.note}"
    print(told, flush=True)


def _keep(found: Sequence[Bar], plans: int) -> None:
    """What was measured takes the place of the same bars of earlier runs; other bars stay as they were."""
    RESULTS.mkdir(exist_ok=True)
    kept, measured = RESULTS / f"{plans}.json", {bar.name for bar in found}
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    rows = [row for row in before if row["name"] not in measured]
    rows += [dataclasses.asdict(bar) | {"ratio": bar.ratio, "met": bar.met} for bar in found]
    rows.sort(key=lambda row: int(row["name"].removeprefix("S")))  # stable: the rows of a bar stay in order
    kept.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
