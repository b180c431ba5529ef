"""Print a plan without a database: every date, dose, its arithmetic and its source.

python -m scheduling.core apt 2026-01-05 --kg 62
python -m scheduling.core trastuzumab-pertuzumab 2026-06-01 --kg 62 --given 6 --last 2026-05-11
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from scheduling.core.dosing import Calculation, calculate_each
from scheduling.core.expansion import Entry, expand
from scheduling.core.facts import Credit
from scheduling.core.gaps import AskClinician
from scheduling.core.regimen import Regimen

HEADINGS = ("date", "cycle", "day", "agent", "kind", "dose", "source", "confidence")


def main(arguments: Sequence[str] | None = None) -> int:
    # files are the catalog's business; the core itself must stay importable without it
    from her2tracker.lib.catalog import CatalogError
    from scheduling import catalog

    options = _options(arguments)
    try:
        regimen = catalog.regimen(options.regimen)
        entries = expand(regimen, options.start, credits=_credits(options, regimen))
    except AskClinician as question:
        print(question.sentence, file=sys.stderr)
        return 2
    except (CatalogError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    _print_plan(regimen, entries, options.kg, options.round_to)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scheduling.core", description="Print a plan's dates and doses.")
    parser.add_argument("regimen", help="a regimen's id, such as trastuzumab-q3w-17")
    parser.add_argument("start", type=_date, help="date of the first dose here, such as 2026-01-05")
    parser.add_argument("--kg", type=_kilograms, help="body weight that doses by weight are calculated with")
    parser.add_argument("--round-to", type=_kilograms, metavar="MG", help="round milligrams to this step where allowed")
    parser.add_argument("--given", type=int, metavar="N", help="doses of the same agents given before")
    parser.add_argument("--last", type=_date, metavar="DATE", help="date of the last of them")
    options = parser.parse_args(arguments)
    if (options.given is None) != (options.last is None):
        parser.error("--given and --last go together")
    return options


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-01-05") from error


def _kilograms(text: str) -> Decimal:
    try:
        figure = Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not (figure.is_finite() and figure > 0):
        raise argparse.ArgumentTypeError(f"{text} must be more than 0")
    return figure


def _credits(options: argparse.Namespace, regimen: Regimen) -> tuple[Credit, ...]:
    if options.given is None:
        return ()
    return tuple(Credit(agent, options.given, options.last) for agent in regimen.agents)


def _print_plan(regimen: Regimen, entries: Sequence[Entry], kg: Decimal | None, step: Decimal | None) -> None:
    print(f"{regimen.name} (version {regimen.version}), {regimen.cap.in_words()}; {regimen.confidence.label}")
    print()
    calculations = calculate_each(regimen, entries, kg, step_mg=step)
    rows = [HEADINGS, *(_row(entry, made) for entry, made in zip(entries, calculations, strict=True))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    _print_remarks(regimen, entries)


def _beside(regimen: Regimen) -> list[str]:
    """What is given or taken on the plan's days and has no row of its own."""
    infused = [f"{one.title}: {plain(one.mg_per_m2)} mg/m²" for one in regimen.companions]
    return infused + [f"{one.title}: {dose.in_words()}" for one in regimen.oral for dose in one.doses]


def _print_remarks(regimen: Regimen, entries: Sequence[Entry]) -> None:
    remarks = dict.fromkeys(
        f"Cycle {entry.cycle}: {remark}" for entry in (*entries[:1], *entries) for remark in _remarks(entry, entries[0])
    )
    printed = (
        ("Beside it", _beside(regimen)),
        ("Remarks", list(remarks)),
        ("To be verified by a clinician", list(regimen.unverified)),
    )
    for heading, lines in printed:
        if lines:
            print(f"\n{heading}:")
            print("\n".join(f"- {line}" for line in lines))


def _remarks(entry: Entry, first: Entry) -> list[str]:
    judged = entry.judgement is not None and (entry.cycle == first.cycle or entry.kind.value == "reload")
    return [said for said in (entry.judgement.reason if judged and entry.judgement else "", entry.note) if said]


def _row(entry: Entry, calculation: Calculation) -> tuple[str, ...]:
    citation = entry.dose.citation
    return (
        in_words(entry.on),
        str(entry.cycle),
        str(entry.day),
        entry.agent,
        entry.kind.label,
        calculation.arithmetic,
        citation.key,
        citation.confidence.value,
    )


if __name__ == "__main__":
    raise SystemExit(main())
