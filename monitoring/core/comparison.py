"""What every rule set says about one result, side by side: what would the other one say?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from her2tracker.lib.sources import Citation
from monitoring.core.evaluation import Evaluation, evaluate
from monitoring.core.protocol import Advice, Jurisdiction, Kind, Protocol, Setting
from monitoring.core.result import Assessment


@dataclass(frozen=True, slots=True)
class Row:
    """One rule set's verdict. `applies`: it judges this plan at this site; the others are shown to compare."""

    protocol_id: str
    version: int
    title: str
    kind: Kind
    jurisdiction: Jurisdiction
    advice: Advice
    arithmetic: str
    because: str
    words: str
    citation: Citation | None
    applies: bool
    differs: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`leading` is the advice that counts here: the strictest of the rule sets that apply. None: none applies."""

    rows: tuple[Row, ...]
    leading: Advice | None

    @property
    def differing(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.differs)

    @property
    def stricter(self) -> tuple[Row, ...]:
        """Rule sets that would say more than what counts here."""
        return tuple(row for row in self.rows if self.leading is not None and row.advice > self.leading)

    @property
    def sentence(self) -> str:
        """`Here: Withhold advised. 2 of 5 rule sets say otherwise: …`."""
        here = "No rule set applies here" if self.leading is None else f"Here: {self.leading.label}"
        if not self.differing:
            return f"{here}. All {len(self.rows)} rule sets agree."
        others = "; ".join(f"{row.title}: {row.advice.verb}" for row in self.differing)
        return f"{here}. {len(self.differing)} of {len(self.rows)} rule sets say otherwise: {others}."


def rule_sets(protocols: Iterable[Protocol], agents: Collection[str], setting: Setting | str) -> tuple[Protocol, ...]:
    """The newest version of everything that could judge these agents in this setting, in any jurisdiction."""
    newest = {one.id: one for one in sorted(protocols, key=lambda one: one.version)}
    binding = (one for one in newest.values() if one.kind is Kind.SITE or set(one.agents) & set(agents))
    fitting = [one for one in binding if setting in one.settings]
    return tuple(sorted(fitting, key=lambda one: (list(Kind).index(one.kind), one.id)))


def compare(
    protocols: Iterable[Protocol],
    assessment: Assessment,
    baseline: Assessment | None,
    *,
    lower_limit_of_normal: Decimal,
    applying: Collection[str],
) -> Comparison:
    """One row per protocol, in the order given. `applying` holds the ids of those that judge this plan here.

    A row differs when its advice is not the one that counts; with nothing applying, when rows disagree.
    """
    judged = [
        (one, evaluate(one, assessment, baseline, lower_limit_of_normal=lower_limit_of_normal)) for one in protocols
    ]
    counting = [verdict.advice for protocol, verdict in judged if protocol.id in applying]
    leading = max(counting, default=None)
    said = {verdict.advice for _, verdict in judged}
    rows = (
        _row(
            protocol,
            verdict,
            applies=protocol.id in applying,
            differs=len(said) > 1 if leading is None else verdict.advice is not leading,
        )
        for protocol, verdict in judged
    )
    return Comparison(tuple(rows), leading)


def _row(protocol: Protocol, verdict: Evaluation, *, applies: bool, differs: bool) -> Row:
    finding = verdict.leading
    return Row(
        protocol.id,
        protocol.version,
        protocol.title,
        protocol.kind,
        protocol.jurisdiction,
        verdict.advice,
        finding.arithmetic if finding else "; ".join(verdict.notes[:1] if verdict.refusal else ()) or "no rule is met",
        finding.because if finding else "",
        finding.words if finding else "",
        finding.citation if finding else None,
        applies,
        differs,
        verdict.notes,
    )
