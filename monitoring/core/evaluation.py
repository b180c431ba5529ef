"""Judge one LVEF assessment by cardiac protocols. Everything met is shown; the strictest advice leads."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.sources import Citation
from monitoring.core.protocol import (
    Advice,
    Condition,
    Figures,
    Jurisdiction,
    Kind,
    Protocol,
    Rule,
    StartRule,
)
from monitoring.core.result import Assessment, Symptoms, gls_fall_percent


@dataclass(frozen=True, slots=True)
class NoBaseline:
    """Refusal: rules that compare with a baseline could not be judged."""

    protocol_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a result meets, with the figures that meet it."""

    rule_id: str
    advice: Advice
    arithmetic: str
    because: str
    words: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One protocol's verdict. `findings` keep the protocol's order; no finding means continue."""

    protocol_id: str
    version: int
    title: str
    kind: Kind
    findings: tuple[Finding, ...]
    advice: Advice
    uncertain: bool
    provisional: bool
    notes: tuple[str, ...]
    lower_limit_of_normal: Decimal
    refusal: NoBaseline | None = None

    @property
    def leading(self) -> Finding | None:
        """The strictest finding, the first of equals."""
        return max(self.findings, key=lambda finding: finding.advice.severity, default=None)

    @property
    def leading_rule(self) -> str:
        return self.leading.rule_id if self.leading else ("no-baseline" if self.refusal else "none")


@dataclass(frozen=True, slots=True)
class Judgement:
    """All protocols' verdicts on one assessment; `leading` is the strictest, the first of equals."""

    evaluations: tuple[Evaluation, ...]
    leading: Evaluation
    advice: Advice

    @property
    def uncertain(self) -> bool:
        return any(evaluation.uncertain for evaluation in self.evaluations)

    @property
    def provisional(self) -> bool:
        return any(evaluation.provisional for evaluation in self.evaluations)

    @property
    def strictest(self) -> Advice:
        """Of every rule met at either end of a range; stricter than `advice` where the two ends disagree."""
        met = (finding.advice for one in self.evaluations for finding in one.findings)
        return max(met, key=lambda advice: advice.severity, default=self.advice)

    @property
    def sentence(self) -> str:
        """`Withhold advised: 62 % → 47 %: fall of 15 points (Pertuzumab, early breast cancer v1)`."""
        finding = self.leading.leading
        because = finding.arithmetic if finding else "; ".join(self.leading.notes) or "no rule is met"
        return f"{self.advice.label}: {because} ({self.leading.title} v{self.leading.version})"


@dataclass(frozen=True, slots=True)
class StartObjection:
    """Why treatment should not start on this baseline. `baseline` says what was compared."""

    protocol_id: str
    version: int
    rule_id: str
    sentence: str
    uncertain: bool
    also_not_when: tuple[str, ...]
    citation: Citation


def evaluate(
    protocol: Protocol, assessment: Assessment, baseline: Assessment | None, *, lower_limit_of_normal: Decimal
) -> Evaluation:
    """Every rule of `protocol` that `assessment` meets, at either end when the LVEF is a range.

    Ends that disagree make the verdict uncertain: it is then at least a clinical review and never
    stricter than both ends support. Without a baseline, rules about a fall are refused by name.
    """
    figures = ends_of(assessment, baseline, lower_limit_of_normal)
    findings = tuple(_findings(protocol, assessment, baseline, figures))
    ends = [_strictest(protocol, end) for end in figures]
    uncertain = len(set(ends)) > 1
    refusal = _refusal(protocol) if baseline is None else None
    advice = max(Advice.REVIEW, min(ends)) if uncertain or refusal else ends[0]
    changes = _changes(assessment, baseline)
    notes = [refusal.sentence] if refusal else []
    if uncertain:
        notes.append(f"{assessment.lvef} allows {min(ends).verb} and {max(ends).verb}: a clinician must decide.")
    if assessment.symptoms is Symptoms.UNKNOWN:
        notes.append("Symptoms of heart failure were not recorded; they would override the figures.")
    return Evaluation(
        protocol.id,
        protocol.version,
        protocol.title,
        protocol.kind,
        findings,
        advice,
        uncertain,
        bool(changes),
        (*notes, *changes),
        lower_limit_of_normal,
        refusal,
    )


def judge(
    protocols: Iterable[Protocol],
    assessment: Assessment,
    baseline: Assessment | None,
    *,
    lower_limit_of_normal: Decimal,
) -> Judgement:
    """Judge by every protocol. Raises ValueError when there is none: nothing was judged, which is not 'continue'."""
    evaluations = tuple(
        evaluate(protocol, assessment, baseline, lower_limit_of_normal=lower_limit_of_normal) for protocol in protocols
    )
    if not evaluations:
        raise ValueError("no cardiac protocol was given to judge by")
    leading = max(evaluations, key=_lead)
    return Judgement(evaluations, leading, leading.advice)


def _lead(evaluation: Evaluation) -> tuple[int, int]:
    """Strictest advice first; among equals one that met a rule before one that only lacks its baseline."""
    return evaluation.advice.severity, evaluation.leading.advice.severity if evaluation.leading else -1


def judge_start(
    protocols: Iterable[Protocol], baseline: Assessment | None, *, after_anthracycline: bool | None = None
) -> tuple[StartObjection, ...] | NoBaseline:
    """What objects to a first administration on this baseline; NoBaseline when there is none.

    `after_anthracycline=None` means nobody said; every start rule then counts.
    """
    if baseline is None:
        return NoBaseline("", "No baseline LVEF is on record. Record or choose one before treatment starts.")
    return tuple(
        _objection(protocol, rule, baseline)
        for protocol in protocols
        for rule in protocol.start
        if rule.baseline.hold(baseline.lvef.worst) or rule.baseline.hold(baseline.lvef.best)
        if None in (rule.after_anthracycline, after_anthracycline) or rule.after_anthracycline is after_anthracycline
    )


def protocols_for(
    protocols: Iterable[Protocol],
    agents: Collection[str],
    jurisdiction: str,
    setting: str,
    *,
    adopted: Collection[str] | None = None,
) -> tuple[Protocol, ...]:
    """The newest version of each protocol that judges these agents: labels, adopted guidelines, site policy.

    A guideline counts when its id is in `adopted`; with None, when it belongs to the jurisdiction.
    An agent with no label protocol in the jurisdiction falls back to another jurisdiction's, because
    an unfitting rule shown with its origin is safer than no rule.
    """
    fitting = [
        p for p in _newest(protocols) if setting in p.settings and (p.kind is Kind.SITE or set(p.agents) & set(agents))
    ]
    chosen = [p for p in fitting if _applies(p, jurisdiction, adopted)]
    judged = {agent for p in chosen if p.kind is Kind.LABEL for agent in p.agents}
    chosen += [p for p in fitting if p.kind is Kind.LABEL and p not in chosen and set(p.agents) & set(agents) - judged]
    return tuple(sorted(chosen, key=lambda p: (list(Kind).index(p.kind), p.id)))


def ends_of(assessment: Assessment, baseline: Assessment | None, lower_limit_of_normal: Decimal) -> tuple[Figures, ...]:
    """The figures at the worst and at the best end; once only when nothing is a range."""
    is_exact = assessment.lvef.is_exact and (baseline is None or baseline.lvef.is_exact)
    ends = ("worst",) if is_exact else ("worst", "best")
    return tuple(figures_of(assessment, baseline, lower_limit_of_normal, end) for end in ends)


def figures_of(
    assessment: Assessment, baseline: Assessment | None, lower_limit_of_normal: Decimal, end: str
) -> Figures:
    """The figures a condition sees, at the `worst` or `best` end of both ranges."""
    lvef = assessment.lvef.worst if end == "worst" else assessment.lvef.best
    fall = None
    if baseline is not None:
        fall = (baseline.lvef.best if end == "worst" else baseline.lvef.worst) - lvef
    return Figures(
        lvef,
        fall,
        lower_limit_of_normal,
        assessment.symptoms,
        gls_fall_percent(baseline.gls if baseline else None, assessment.gls),
        assessment.biomarker_rise,
    )


def arithmetic(when: Condition, assessment: Assessment, baseline: Assessment | None, figures: Figures) -> str:
    """`62 % → 47 %: fall of 15 points, below 50 %`: the figures, then what of them meets the condition."""
    parts = []
    if figures.fall is not None:
        direction = "fall" if figures.fall >= 0 else "rise"
        at = "" if assessment.lvef.is_exact else f"at {plain(figures.lvef)} %, "
        parts.append(f"{at}{direction} of {plain(abs(figures.fall))} points")
    if when.lvef:
        parts.append(when.lvef.in_words(" %"))
    if when.below_normal:
        parts.append(f"below normal ({plain(figures.lower_limit_of_normal)} %)")
    if when.symptoms:
        parts.append(assessment.symptoms.label)
    if when.gls_fall_percent and figures.gls_fall_percent is not None:
        parts.append(f"relative GLS fall of {plain(round(figures.gls_fall_percent, 1))} %")
    if when.biomarker_rise:
        parts.append("biomarker rise")
    shown = f"{baseline.lvef} → {assessment.lvef}" if baseline else f"{assessment.lvef}"
    return f"{shown}: {', '.join(parts)}" if parts else shown


def _findings(
    protocol: Protocol, assessment: Assessment, baseline: Assessment | None, ends: tuple[Figures, ...]
) -> Iterable[Finding]:
    for rule in protocol.rules:
        met = next((figures for figures in ends if rule.when.holds(figures)), None)
        if met is not None:
            yield _finding(rule, assessment, baseline, met)


def _finding(rule: Rule, assessment: Assessment, baseline: Assessment | None, figures: Figures) -> Finding:
    return Finding(
        rule.id,
        rule.then,
        arithmetic(rule.when, assessment, baseline, figures),
        rule.when.in_words(figures.lower_limit_of_normal),
        rule.words,
        rule.citation,
    )


def _strictest(protocol: Protocol, figures: Figures) -> Advice:
    return max((rule.then for rule in protocol.rules if rule.when.holds(figures)), default=Advice.CONTINUE)


def _refusal(protocol: Protocol) -> NoBaseline | None:
    if protocol.needs_baseline:
        return NoBaseline(protocol.id, "No baseline LVEF: a fall cannot be judged. Choose a baseline for this plan.")
    return None


def _changes(assessment: Assessment, baseline: Assessment | None) -> tuple[str, ...]:
    """Why a comparison with the baseline is only provisional."""
    if baseline is None:
        return ()
    changes = []
    if baseline.modality is not assessment.modality:
        changes.append(
            f"Provisional: baseline by {baseline.modality.label}, this by {assessment.modality.label}; "
            "methods differ by several points."
        )
    if baseline.lab and assessment.lab and baseline.lab.casefold() != assessment.lab.casefold():
        changes.append(f"Provisional: baseline measured at {baseline.lab}, this at {assessment.lab}.")
    return tuple(changes)


def _objection(protocol: Protocol, rule: StartRule, baseline: Assessment) -> StartObjection:
    ends = (rule.baseline.hold(baseline.lvef.worst), rule.baseline.hold(baseline.lvef.best))
    return StartObjection(
        protocol.id,
        protocol.version,
        rule.id,
        f"Baseline LVEF {baseline.lvef} is {rule.baseline.in_words(' %')}: {rule.words} ({protocol.title})",
        ends[0] != ends[1],
        rule.also_not_when,
        rule.citation,
    )


def _applies(protocol: Protocol, jurisdiction: str, adopted: Collection[str] | None) -> bool:
    if protocol.kind is Kind.GUIDELINE and adopted is not None:
        return protocol.id in adopted
    return protocol.jurisdiction in (Jurisdiction.ANY, jurisdiction)


def _newest(protocols: Iterable[Protocol]) -> tuple[Protocol, ...]:
    by_id = {protocol.id: protocol for protocol in sorted(protocols, key=lambda p: p.version)}
    return tuple(by_id.values())
