"""`make bench`: build a clinic, measure every bar there is, print one table, keep it as JSON."""

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
    parser.add_argument("--only", choices=PARTS, help="measure this part alone; the JSON kept is then left as it is")
    parser.add_argument(
        "--grow", type=int, default=0, help="pages: measure again beside another clinic of so many times the plans"
    )
    asked = parser.parse_args()
    plans: int = asked.plans
    _prepare()
    from benchmarks.clinic import build

    site = build(plans)
    found = [bar for part in PARTS if asked.only in (None, part) for bar in _bars(part, site, asked.grow)]
    _show(found, plans)
    if asked.only is None:
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


def _show(found: Sequence[Bar], plans: int) -> None:
    print(f"\n{plans} plans\n")
    print(f"{'':4} {'what':62} {'measured':>12} {'limit':>12} {'ratio':>8} {'bar':>8}")
    for bar in found:
        sign, said = (">=" if bar.at_least else "<="), f"{bar.name:4} {bar.what:62} {bar.measured:9.2f} {bar.unit:3}"
        if bar.limit is None or bar.ratio is None:
            print(f"{said}{'–':>9}    {'–':>8} {sign} {bar.bar:g}  nothing to compare with  {bar.note}")
        else:
            verdict = "met" if bar.met else "NOT MET"
            print(f"{said}{bar.limit:9.2f} {bar.unit:3}{bar.ratio:8.2f} {sign} {bar.bar:g}  {verdict}  {bar.note}")


def _keep(found: Sequence[Bar], plans: int) -> None:
    RESULTS.mkdir(exist_ok=True)
    rows = [dataclasses.asdict(bar) | {"ratio": bar.ratio, "met": bar.met} for bar in found]
    (RESULTS / f"{plans}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
