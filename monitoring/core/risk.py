"""How likely the heart is to suffer, before treatment: the HFA-ICOS proforma. An answer not given is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import Bounds, plain
from her2tracker.lib.dates import add_months
from her2tracker.lib.sources import Citation
from monitoring.core.intervals import Interval
from monitoring.core.lvef import Lvef
from monitoring.core.protocol import OnTreatment


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very-high"

    @property
    def severity(self) -> int:
        return list(Level).index(self)

    @property
    def label(self) -> str:
        return f"{self.value.replace('-', ' ').capitalize()} risk"


class Weight(StrEnum):
    """What one factor counts: the medium ones carry points, the others decide alone."""

    MEDIUM1 = "medium1"
    MEDIUM2 = "medium2"
    HIGH = "high"
    VERY_HIGH = "very-high"


class Measure(StrEnum):
    LVEF = "lvef"
    AGE = "age_years"
    BMI = "bmi"
    SYSTOLIC = "systolic_mmhg"
    DIASTOLIC = "diastolic_mmhg"
    HBA1C = "hba1c_percent"
    HBA1C_SI = "hba1c_mmol_per_mol"
    EGFR = "egfr"

    @property
    def label(self) -> str:
        return {
            Measure.LVEF: "LVEF, %",
            Measure.AGE: "age, years",
            Measure.BMI: "BMI, kg/m²",
            Measure.SYSTOLIC: "systolic blood pressure, mmHg",
            Measure.DIASTOLIC: "diastolic blood pressure, mmHg",
            Measure.HBA1C: "HbA1c, %",
            Measure.HBA1C_SI: "HbA1c, mmol/mol",
            Measure.EGFR: "eGFR, mL/min/1.73 m²",
        }[self]


@dataclass(frozen=True, slots=True)
class Factor:
    """One line of the proforma. Met by a yes, or by any figure within `measures`.

    `is_measured`: figures alone answer it; otherwise a figure within bounds is a yes, one outside is no answer
    (the patient may be treated).
    """

    id: str
    group: str
    words: str
    weight: Weight
    citation: Citation
    measures: Mapping[Measure, Bounds] = field(default_factory=dict)
    is_measured: bool = False


@dataclass(frozen=True, slots=True)
class Scoring:
    """Points of the medium factors, and from how many on the level is medium or high."""

    points: Mapping[Weight, int]
    medium: Bounds
    high: Bounds
    citation: Citation


@dataclass(frozen=True, slots=True)
class Change:
    """What a source asks for at these levels."""

    id: str
    levels: tuple[Level, ...]
    words: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class IntervalChoice:
    """A surveillance interval a clinician may set at these levels. `proposed` is the one the form begins with."""

    id: str
    name: str
    levels: tuple[Level, ...]
    rule: OnTreatment
    proposed: bool = False
    for_first_months: int | None = None

    def from_first(self, first_given_on: date) -> Interval:
        """As surveillance takes it, for a plan whose first administration was on this day."""
        until = add_months(first_given_on, self.for_first_months) if self.for_first_months else None
        return Interval(self.name, self.rule, until)


@dataclass(frozen=True, slots=True)
class Proforma:
    id: str
    version: int
    title: str
    scoring: Scoring
    factors: tuple[Factor, ...]
    changes: tuple[Change, ...] = ()
    intervals: tuple[IntervalChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known: yes or no by factor id, and figures. What is left out is unknown, never a no."""

    said: Mapping[str, bool] = field(default_factory=dict)
    measured: Mapping[Measure, Decimal | Lvef] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Met:
    """A factor that is present, and what says so."""

    factor: Factor
    because: str

    @property
    def citation(self) -> Citation:
        return self.factor.citation


@dataclass(frozen=True, slots=True)
class Score:
    """`level` is what the answers support, `could_be` what it would be if every open question were a yes."""

    proforma_id: str
    version: int
    level: Level
    could_be: Level
    points: int
    met: tuple[Met, ...]
    asked: tuple[Factor, ...]
    changes: tuple[Change, ...]
    intervals: tuple[IntervalChoice, ...]
    citation: Citation

    @property
    def is_final(self) -> bool:
        """Whether the open questions can no longer change the level."""
        return self.level is self.could_be

    @property
    def proposed(self) -> IntervalChoice | None:
        return next((one for one in self.intervals if one.proposed), None)

    @property
    def sentence(self) -> str:
        """`High risk: 5 points (65 to 79 years, …)`, with what is still asked."""
        reasons = "; ".join(one.factor.words for one in self.met) or "no factor is known"
        text = f"{self.level.label}, {_counted(self.points, 'point')}: {reasons}."
        if self.is_final:
            return text
        open_ = f"Not answered: {_counted(len(self.asked), 'question')}; at most {self.could_be.label.lower()}."
        return f"At least {text[0].lower()}{text[1:]} {open_}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def score(proforma: Proforma, answers: Answers) -> Score:
    """The level by this proforma. Raises KeyError when an answer names a factor the proforma does not hold."""
    if unknown := set(answers.said) - {factor.id for factor in proforma.factors}:
        raise KeyError(f"{proforma.id} has no factor {', '.join(sorted(unknown))}")
    judged = [(factor, *_presence(factor, answers)) for factor in proforma.factors]
    met = tuple(Met(factor, because) for factor, present, because in judged if present)
    asked = tuple(factor for factor, present, _ in judged if present is None)
    points, level = _level(proforma.scoring, [one.factor for one in met])
    _, could_be = _level(proforma.scoring, [*(one.factor for one in met), *_at_most_together(asked)])
    return Score(
        proforma.id,
        proforma.version,
        level,
        could_be,
        points,
        met,
        asked,
        tuple(one for one in proforma.changes if level in one.levels),
        tuple(one for one in proforma.intervals if level in one.levels),
        proforma.scoring.citation,
    )


def _presence(factor: Factor, answers: Answers) -> tuple[bool | None, str]:
    """Present, absent or unknown. A figure within bounds outweighs a no."""
    said, ends = answers.said.get(factor.id), set[bool]()
    for measure, bounds in factor.measures.items():
        if (figure := answers.measured.get(measure)) is None:
            continue
        held = _held(bounds, figure)
        if held == {True}:
            shown = figure if isinstance(figure, Lvef) else plain(figure)
            return True, f"{measure.label}: {shown}, {bounds.in_words()}"
        ends |= held
    if factor.is_measured and ends:
        return (False, "") if ends == {False} else (None, "")
    return said, "answered yes"


def _held(bounds: Bounds, figure: Decimal | Lvef) -> set[bool]:
    """At both ends of a range; one value when they agree."""
    ends = (figure.worst, figure.best) if isinstance(figure, Lvef) else (figure,)
    return {bounds.hold(end) for end in ends}


def _at_most_together(asked: Iterable[Factor]) -> Iterable[Factor]:
    """Of factors that share a measure (two age bands) only the gravest can be true."""
    gravest: dict[str, Factor] = {}
    for factor in asked:
        key = next(iter(factor.measures), factor.id) if factor.is_measured else factor.id
        if key not in gravest or list(Weight).index(factor.weight) > list(Weight).index(gravest[key].weight):
            gravest[key] = factor
    return gravest.values()


def _level(scoring: Scoring, factors: Iterable[Factor]) -> tuple[int, Level]:
    weights = [factor.weight for factor in factors]
    points = sum(scoring.points.get(weight, 0) for weight in weights)
    if Weight.VERY_HIGH in weights:
        return points, Level.VERY_HIGH
    if Weight.HIGH in weights or scoring.high.hold(points):
        return points, Level.HIGH
    return points, Level.MEDIUM if scoring.medium.hold(points) else Level.LOW
