"""How grave a cardiac dysfunction is by ESC 2022, Table 3. It grades what happened; it advises nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.sources import Citation
from monitoring.core.evaluation import arithmetic, ends_of
from monitoring.core.protocol import Figures, Protocol, Rule
from monitoring.core.result import Assessment, Dysfunction, Symptoms, gls_fall_percent

_TENTH = Decimal("0.1")
_SYMPTOMATIC = {
    Symptoms.MILD: Dysfunction.SYMPTOMATIC_MILD,
    Symptoms.MODERATE: Dysfunction.SYMPTOMATIC_MODERATE,
    Symptoms.SEVERE: Dysfunction.SYMPTOMATIC_SEVERE,
    Symptoms.VERY_SEVERE: Dysfunction.SYMPTOMATIC_VERY_SEVERE,
}


@dataclass(frozen=True, slots=True)
class Grading:
    """`grade` is None when the figures allow several grades or there is nothing to compare with.

    `mildest` and `gravest` are what they allow; `asked` names what was not measured and could change it.
    """

    grade: Dysfunction | None
    mildest: Dysfunction
    gravest: Dysfunction
    because: str
    asked: tuple[str, ...]
    citation: Citation | None

    @property
    def is_certain(self) -> bool:
        return self.grade is not None and not self.asked

    @property
    def known(self) -> Dysfunction | None:
        """As surveillance may act on it: present whatever else was not measured, absent only once ruled out."""
        if self.mildest is not Dysfunction.NONE:
            return self.grade or self.mildest
        return Dysfunction.NONE if self.is_certain else None

    @property
    def name(self) -> str:
        """The grade in words, or both ends of what the figures allow."""
        found = f"{self.mildest.label} to {self.gravest.label}" if self.grade is None else self.grade.label
        return f"{found[0].upper()}{found[1:]}"

    @property
    def sentence(self) -> str:
        """`Moderate asymptomatic dysfunction … : 59 % → 49 %: fall of 10 points`, with what was not measured."""
        text = f"{self.name} (ESC 2022): {self.because}."
        return f"{text} Not measured: {', '.join(self.asked)}." if self.asked else text


def grade(
    protocol: Protocol, assessment: Assessment, baseline: Assessment | None, *, lower_limit_of_normal: Decimal
) -> Grading:
    """Grade by the rules of `protocol` that carry a grade (ESC 2022); symptoms outrank the figures.

    `baseline` is the LVEF before any cancer treatment. Table 3 speaks of a new fall to below
    50 or 40 %: an LVEF no lower than before treatment is none, and without a baseline nobody can say.
    """
    graded = [rule for rule in protocol.rules if rule.grade is not None]
    if assessment.symptoms in _SYMPTOMATIC:
        found = _SYMPTOMATIC[assessment.symptoms]
        return Grading(found, found, found, assessment.symptoms.label, (), _citation(graded))
    ends = ends_of(assessment, baseline, lower_limit_of_normal)
    if baseline is None:
        return _without_baseline(graded, assessment, ends)
    found_at = sorted((_gravest(graded, end) for end in ends), key=lambda one: one[0].severity)
    mildest, (gravest, rule, figures) = found_at[0][0], found_at[-1]
    return Grading(
        mildest if mildest is gravest else None,
        mildest,
        gravest,
        _because(rule, assessment, baseline, figures),
        tuple(_asked(graded, assessment, baseline, gravest, ends)),
        rule.citation if rule else _citation(graded),
    )


def measured(assessment: Assessment, baseline: Assessment | None) -> tuple[tuple[str, str], ...]:
    """What a grade is computed from, by name and in words; what was not measured says so."""
    return (
        ("LVEF", f"{baseline.lvef} → {assessment.lvef}" if baseline else f"{assessment.lvef}, no baseline"),
        ("GLS", _gls(assessment, baseline)),
        ("Biomarkers", {None: "not measured", True: "rise", False: "no rise"}[assessment.biomarker_rise]),
        ("Symptoms", assessment.symptoms.label),
    )


def _gls(assessment: Assessment, baseline: Assessment | None) -> str:
    """The fall is relative to the baseline and shown with one decimal; it is compared as it is."""
    if assessment.gls is None:
        return "not measured"
    if baseline is None or baseline.gls is None:
        return f"{plain(assessment.gls)} %, not measured at baseline"
    fall = gls_fall_percent(baseline.gls, assessment.gls)
    text = f"{plain(baseline.gls)} % → {plain(assessment.gls)} %"
    return text if fall is None else f"{text}, relative fall {fall.quantize(_TENTH, ROUND_HALF_UP)} %"


def _gravest(graded: Iterable[Rule], figures: Figures) -> tuple[Dysfunction, Rule | None, Figures]:
    met = [rule for rule in graded if rule.when.holds(figures) and _is_new(rule, figures)]
    rule = max(met, key=_severity, default=None)
    return (rule.grade or Dysfunction.NONE) if rule else Dysfunction.NONE, rule, figures


def _is_new(rule: Rule, figures: Figures) -> bool:
    """A row that demands an LVEF below something speaks of a new fall to there: one no lower than before is none."""
    lvef = rule.when.lvef
    is_reduced = lvef is not None and (lvef.below is not None or lvef.at_most is not None)
    return not is_reduced or (figures.fall is not None and figures.fall > 0)


def _severity(rule: Rule) -> int:
    return rule.grade.severity if rule.grade else 0


def _because(rule: Rule | None, assessment: Assessment, baseline: Assessment, figures: Figures) -> str:
    if rule is not None:
        return arithmetic(rule.when, assessment, baseline, figures)
    return f"{baseline.lvef} → {assessment.lvef}: no row of Table 3 is met"


def _without_baseline(graded: list[Rule], assessment: Assessment, ends: tuple[Figures, ...]) -> Grading:
    """Only what GLS and biomarkers alone say; the rest is as grave as the LVEF allows."""
    mildest = min((_gravest(graded, end)[0] for end in ends), key=lambda one: one.severity)
    allowed = [rule for rule in graded for end in ends if rule.when.lvef is None or rule.when.lvef.hold(end.lvef)]
    gravest = max((rule.grade or mildest for rule in allowed), key=lambda one: one.severity, default=mildest)
    because = f"{assessment.lvef}, no baseline: whether it is a new fall cannot be said"
    known = mildest if mildest is gravest else None
    return Grading(known, mildest, gravest, because, ("baseline LVEF",), _citation(graded))


def _asked(
    graded: list[Rule], assessment: Assessment, baseline: Assessment, found: Dysfunction, ends: tuple[Figures, ...]
) -> Iterable[str]:
    """What is unknown and could make the grade graver."""
    if assessment.symptoms is Symptoms.UNKNOWN:
        yield "symptoms of heart failure"
    open_rules = [rule for rule in graded if _severity(rule) > found.severity and any(_fits(rule, end) for end in ends)]
    if assessment.biomarker_rise is None and any(rule.when.biomarker_rise for rule in open_rules):
        yield "biomarkers"
    is_missing = assessment.gls is None or baseline.gls is None
    if is_missing and any(rule.when.gls_fall_percent for rule in open_rules):
        yield "GLS"


def _fits(rule: Rule, figures: Figures) -> bool:
    """Whether LVEF and fall already meet the rule, whatever GLS and biomarkers say."""
    when = rule.when
    fall_fits = when.fall is None or (figures.fall is not None and when.fall.hold(figures.fall))
    return _is_new(rule, figures) and fall_fits and (when.lvef is None or when.lvef.hold(figures.lvef))


def _citation(graded: list[Rule]) -> Citation | None:
    return graded[0].citation if graded else None
