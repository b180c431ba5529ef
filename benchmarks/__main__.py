"""`make bench`: build a clinic, measure every bar there is, print one table, keep it as JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "her2tracker.settings")
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    import django

    django.setup()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--plans", type=int, default=10_000, help="how many plans the clinic has")
    plans: int = parser.parse_args().plans
    _prepare()
    from benchmarks import core_bars, page_bars, plan_bars, sweep_bars
    from benchmarks.clinic import build

    found = list(core_bars.bars())
    site = build(plans)
    for part in (plan_bars, page_bars, sweep_bars):
        found += part.bars(site)
    _show(found, plans)
    return 0


def _prepare() -> None:
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment(debug=False)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("publish", verbosity=0, stdout=sys.stderr)


def _show(found: list, plans: int) -> None:  # type: ignore[type-arg]
    print(f"\n{plans} plans\n")
    print(f"{'':4} {'what':62} {'measured':>12} {'limit':>12} {'ratio':>8} {'bar':>8}")
    for bar in found:
        sign, verdict = (">=" if bar.at_least else "<="), ("met" if bar.met else "NOT MET")
        print(
            f"{bar.name:4} {bar.what:62} {bar.measured:9.2f} {bar.unit:3}{bar.limit:9.2f} {bar.unit:3}"
            f"{bar.ratio:8.2f} {sign} {bar.bar:g}  {verdict}  {bar.note}"
        )
    RESULTS.mkdir(exist_ok=True)
    rows = [dataclasses.asdict(bar) | {"ratio": bar.ratio, "met": bar.met} for bar in found]
    (RESULTS / f"{plans}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
