"""Print every protocol's verdict on one LVEF.

`python -m monitoring.core --baseline 62 --now 47 --drugs trastuzumab,pertuzumab`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from her2tracker.lib.bounds import plain
from her2tracker.lib.catalog import CatalogError
from monitoring.catalog import protocols
from monitoring.core.evaluation import Evaluation, judge, protocols_for
from monitoring.core.lvef import Lvef, Unreadable
from monitoring.core.protocol import Jurisdiction, Kind, Setting
from monitoring.core.result import Assessment, Symptoms


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and return 0, or say what was wrong with the input and return 2."""
    options = _parser().parse_args(arguments)
    try:
        print("\n".join(_lines(options)))
    except (Unreadable, CatalogError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m monitoring.core", description="Print every protocol's verdict on one LVEF."
    )
    parser.add_argument("--now", required=True, help="the LVEF to judge: 47, 50-55, >55")
    parser.add_argument("--baseline", help="the baseline LVEF; leave it out to see what can be judged without")
    parser.add_argument("--drugs", required=True, help="agents, with commas: trastuzumab,pertuzumab")
    parser.add_argument("--lln", default="50", help="the site's lower limit of normal, percent (default 50)")
    parser.add_argument("--symptoms", choices=[s.value for s in Symptoms], default="none", help="of heart failure")
    parser.add_argument("--jurisdiction", choices=["US", "EU"], default="US")
    parser.add_argument("--setting", choices=[s.value for s in Setting], default="adjuvant")
    parser.add_argument("--adopted", help="guidelines the site follows, with commas: nice-ta107,esc-2022")
    return parser


def _lines(options: argparse.Namespace) -> list[str]:
    agents = _names(options.drugs)
    known = {agent for p in protocols().values() for agent in p.agents}
    if unknown := [agent for agent in agents if agent not in known]:
        raise ValueError(f"no cardiac protocol judges {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    adopted = None if options.adopted is None else _names(options.adopted)
    applying = protocols_for(
        protocols().values(), agents, Jurisdiction(options.jurisdiction), options.setting, adopted=adopted
    )
    if not any(p.kind is Kind.LABEL for p in applying):
        raise ValueError(f"no label judges {', '.join(agents)} in the {options.setting} setting")
    judgement = judge(
        applying,
        _assessment(options.now, Symptoms(options.symptoms)),
        _assessment(options.baseline, Symptoms.NONE, days=-1) if options.baseline else None,
        lower_limit_of_normal=_percent(options.lln),
    )
    lines = [f"{judgement.advice.shape} {judgement.sentence}"]
    return lines + [line for evaluation in judgement.evaluations for line in _of(evaluation)]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _percent(text: str) -> Decimal:
    try:
        return Lvef.exactly(Decimal(text)).low
    except InvalidOperation as error:
        raise ValueError(f"--lln must be a percentage, not {text!r}") from error


def _assessment(text: str, symptoms: Symptoms, days: int = 0) -> Assessment:
    """Dates do not matter to the rules; any two days will do."""
    return Assessment(date(2026, 1, 5) + timedelta(days=days), Lvef.parse(text), symptoms=symptoms)


def _of(evaluation: Evaluation) -> list[str]:
    normal = plain(evaluation.lower_limit_of_normal)
    head = f"{evaluation.advice.shape} {evaluation.title} ({evaluation.protocol_id} v{evaluation.version})"
    lines = ["", f"{head}: {evaluation.advice.label}, lower limit of normal {normal} %"]
    for finding in evaluation.findings:
        lines += [
            f"    {finding.rule_id}: {finding.arithmetic}",
            f"        rule    {finding.because} -> {finding.words}",
            f"        source  {finding.citation.key} ({finding.citation.confidence.label})",
        ]
    if not evaluation.findings:
        lines.append("    no rule is met")
    return lines + [f"    note: {note}" for note in evaluation.notes]


if __name__ == "__main__":
    raise SystemExit(main())
