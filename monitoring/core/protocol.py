"""What a cardiac protocol says: start rules, surveillance, rules on a result, clocks of a hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import Bounds, plain
from her2tracker.lib.sources import Citation
from monitoring.core.result import Dysfunction, Symptoms


class Advice(StrEnum):
    """What a rule says to do, ordered from mildest to strictest."""

    CONTINUE = "continue"
    REVIEW = "review"
    REPEAT = "repeat"
    WITHHOLD = "withhold"
    DISCONTINUE = "discontinue"

    @property
    def severity(self) -> int:
        return _SEVERITIES[self]

    @property
    def label(self) -> str:
        return {
            Advice.CONTINUE: "Continue",
            Advice.REVIEW: "Clinical review needed",
            Advice.REPEAT: "Continue and repeat the LVEF",
            Advice.WITHHOLD: "Withhold advised",
            Advice.DISCONTINUE: "Discontinue advised",
        }[self]

    @property
    def verb(self) -> str:
        return {Advice.REPEAT: "repeat LVEF"}.get(self, self.value)

    @property
    def shape(self) -> str:
        """State is never colour alone: circle, triangle, square."""
        return {Advice.CONTINUE: "●", Advice.REVIEW: "▲", Advice.REPEAT: "▲"}.get(self, "■")

    @property
    def needs_decision(self) -> bool:
        """Whether a clinician must decide before anything is confirmed."""
        return self is not Advice.CONTINUE

    # str compares alphabetically; "continue" < "discontinue" must mean mildness instead.
    def __lt__(self, other: str) -> bool:
        return self.severity < Advice(other).severity

    def __le__(self, other: str) -> bool:
        return self.severity <= Advice(other).severity

    def __gt__(self, other: str) -> bool:
        return self.severity > Advice(other).severity

    def __ge__(self, other: str) -> bool:
        return self.severity >= Advice(other).severity


_SEVERITIES = {one: place for place, one in enumerate(Advice)}


class Jurisdiction(StrEnum):
    US = "US"
    EU = "EU"
    ANY = "any"


class Setting(StrEnum):
    NEOADJUVANT = "neoadjuvant"
    ADJUVANT = "adjuvant"
    METASTATIC = "metastatic"


class Kind(StrEnum):
    """Whose rules: a label binds its agent, a guideline binds a site that adopts it, site policy always binds."""

    LABEL = "label"
    GUIDELINE = "guideline"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Figures:
    """An assessment set against its baseline, ends of ranges already chosen. None: not known."""

    lvef: Decimal
    fall: Decimal | None
    lower_limit_of_normal: Decimal
    symptoms: Symptoms = Symptoms.UNKNOWN
    gls_fall_percent: Decimal | None = None
    biomarker_rise: bool | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """True when everything it names is true. A figure that is not known meets nothing.

    `fall` is in points below baseline, `lvef` in percent, `gls_fall_percent` relative;
    `symptoms` is the mildest grade that counts.
    """

    fall: Bounds | None = None
    lvef: Bounds | None = None
    below_normal: bool | None = None
    symptoms: Symptoms | None = None
    gls_fall_percent: Bounds | None = None
    biomarker_rise: bool | None = None

    def holds(self, figures: Figures) -> bool:
        return (
            _within(self.fall, figures.fall)
            and _within(self.lvef, figures.lvef)
            and _within(self.gls_fall_percent, figures.gls_fall_percent)
            and self.below_normal in (None, figures.lvef < figures.lower_limit_of_normal)
            and (self.symptoms is None or figures.symptoms.grade >= self.symptoms.grade)
            and self.biomarker_rise in (None, bool(figures.biomarker_rise))
        )

    @property
    def needs_baseline(self) -> bool:
        return self.fall is not None

    def in_words(self, lower_limit_of_normal: Decimal) -> str:
        """`below 50 % and fall of at least 10 points`, for people."""
        words = [
            self.lvef and self.lvef.in_words(" %"),
            self._normal_in_words(lower_limit_of_normal),
            self.fall and f"fall of {self.fall.in_words()} points",
            self.symptoms and "symptomatic heart failure",
            self.gls_fall_percent and f"relative GLS fall of {self.gls_fall_percent.in_words(' %')}",
            self.biomarker_rise and "biomarker rise",
        ]
        return " and ".join(word for word in words if word)

    def _normal_in_words(self, lower_limit_of_normal: Decimal) -> str:
        if self.below_normal is None:
            return ""
        side = "below normal" if self.below_normal else "within normal limits"
        return f"{side} ({plain(lower_limit_of_normal)} %)"


def _within(bounds: Bounds | None, figure: Decimal | None) -> bool:
    return bounds is None or (figure is not None and bounds.hold(figure))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a label's or guideline's table. `words` says the act in the software's own short words.

    `grade` is what the row calls a result that meets it, when its source grades at all.
    """

    id: str
    when: Condition
    then: Advice
    words: str
    citation: Citation
    grade: Dysfunction | None = None


@dataclass(frozen=True, slots=True)
class StartRule:
    """Objects to a start when the baseline lies within `baseline`. `also_not_when` is for a person to check."""

    id: str
    baseline: Bounds
    words: str
    citation: Citation
    after_anthracycline: bool | None = None
    also_not_when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnTreatment:
    """Days counted from the last result. `overdue_after_days` is the last day that is not yet overdue."""

    every_days: int
    opens_after_days: int
    overdue_after_days: int
    citation: Citation

    @property
    def opens_before_due_days(self) -> int:
        return self.every_days - self.opens_after_days

    @property
    def grace_days(self) -> int:
        return self.overdue_after_days - self.every_days


@dataclass(frozen=True, slots=True)
class WhileHeld:
    every_days: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Months after the last administration; with `within`, any result after it and by then answers."""

    months: tuple[int, ...]
    citation: Citation
    within: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """What replaces `on_treatment` in these settings once treatment has lasted `after_months` without dysfunction."""

    after_months: int
    settings: tuple[Setting, ...]
    on_treatment: OnTreatment


@dataclass(frozen=True, slots=True)
class Surveillance:
    on_treatment: OnTreatment
    while_held: WhileHeld | None = None
    at_completion: Citation | None = None
    follow_up: FollowUp | None = None
    with_dysfunction: OnTreatment | None = None
    later: Later | None = None


@dataclass(frozen=True, slots=True)
class StopClock:
    """When a hold becomes a stop. `confirmed` must hold on the assessment that led to the hold and on a repeat."""

    words: str
    citation: Citation
    persistent_days: Bounds | None = None
    holds: Bounds | None = None
    confirmed: tuple[Condition, ...] = ()
    unrecovered_at_repeat: bool = False
    not_improved_at_repeat: bool = False


@dataclass(frozen=True, slots=True)
class HoldClocks:
    """A hold lasts at least `minimum_days`; any condition of `resume_when` permits resuming.

    No condition at all means the source leaves resuming to a clinician.
    """

    citation: Citation
    resume_words: str
    minimum_days: int | None = None
    recheck_within_days: int | None = None
    resume_when: tuple[Condition, ...] = ()
    stop: tuple[StopClock, ...] = ()


@dataclass(frozen=True, slots=True)
class Protocol:
    """One published version. `together_with` are agents its advice also binds when given beside `agents`."""

    id: str
    version: int
    title: str
    kind: Kind
    agents: tuple[str, ...]
    jurisdiction: Jurisdiction
    settings: tuple[Setting, ...]
    baseline_is: str
    rules: tuple[Rule, ...]
    together_with: tuple[str, ...] = ()
    start: tuple[StartRule, ...] = ()
    surveillance: Surveillance | None = None
    hold: HoldClocks | None = None

    @property
    def needs_baseline(self) -> bool:
        """Whether any rule compares with a baseline."""
        return any(rule.when.needs_baseline for rule in self.rules)
