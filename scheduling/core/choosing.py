"""Which regimens the sources name for a tumour. What is not known is asked for, never assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation


@dataclass(frozen=True, slots=True)
class Tumour:
    """What is known of the tumour; None means nobody has said. Size in millimetres."""

    size_mm: Decimal | int | None = None
    nodes_positive: int | None = None
    er: bool | None = None
    pr: bool | None = None
    her2: bool | None = None
    neoadjuvant: bool | None = None
    residual_disease: bool | None = None
    surgery_on: date | None = None

    @property
    def hormone_receptor_positive(self) -> bool | None:
        """Either receptor positive is positive; negative needs both to be known."""
        if self.er or self.pr:
            return True
        return None if self.er is None or self.pr is None else False


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that must all hold. None does not count."""

    size_mm: Bounds | None = None
    nodes_positive: Bounds | None = None
    hormone_receptor_positive: bool | None = None
    neoadjuvant: bool | None = None
    residual_disease: bool | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a choices file. `otherwise` applies when no other row does."""

    id: str
    regimen: str
    when: When
    otherwise: bool
    reason: str
    would_change: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    would_change: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Suggestion:
    regimen: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A fact whose answer decides. `field` names it in Tumour."""

    field: str
    text: str


class Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


QUESTIONS = {
    "her2": "Is the tumour HER2 positive?",
    "neoadjuvant": "Was HER2-directed treatment given before surgery?",
    "residual_disease": "Was there residual invasive disease at surgery?",
    "nodes_positive": "How many lymph nodes were positive?",
    "size_mm": "How large was the tumour, in millimetres?",
    "er": "Is the oestrogen receptor positive?",
    "pr": "Is the progesterone receptor positive?",
    "surgery_on": "When was the operation?",
}


def suggest(tumour: Tumour, choices: Sequence[Choice]) -> tuple[Suggestion | Question | Refusal, ...]:
    """Suggestions in the file's order, then what is still to be asked; or the one refusal."""
    if tumour.her2 is None:
        return (_ask("her2"),)
    if not tumour.her2:
        return (Refusal("not-her2-positive", "These regimens treat HER2-positive tumours only; this one is not."),)
    asked = dict.fromkeys(_unknowns(tumour, choices))
    met = [choice for choice in choices if not choice.otherwise and _verdict(tumour, choice)[0] is Verdict.YES]
    if not met and not asked:
        met = [choice for choice in choices if choice.otherwise]
    if tumour.surgery_on is None and met:
        asked["surgery_on"] = None
    return (*_grouped(met), *(_ask(field) for field in asked))


def _ask(field: str) -> Question:
    return Question(field, QUESTIONS[field])


def _grouped(met: Sequence[Choice]) -> list[Suggestion]:
    reasons: dict[str, list[Reason]] = {}
    for choice in met:
        reasons.setdefault(choice.regimen, []).append(Reason(choice.reason, choice.would_change, choice.citation))
    return [Suggestion(regimen, tuple(found)) for regimen, found in reasons.items()]


def _unknowns(tumour: Tumour, choices: Sequence[Choice]) -> Iterator[str]:
    for choice in choices:
        verdict, field = _verdict(tumour, choice)
        if verdict is Verdict.UNKNOWN and not choice.otherwise:
            yield field


def _verdict(tumour: Tumour, choice: Choice) -> tuple[Verdict, str]:
    """Whether the choice applies; when that is unknown, the first fact that would tell."""
    answers = list(_answers(tumour, choice.when))
    if any(verdict is Verdict.NO for verdict, _ in answers):
        return Verdict.NO, ""
    return next((answer for answer in answers if answer[0] is Verdict.UNKNOWN), (Verdict.YES, ""))


def _answers(tumour: Tumour, when: When) -> Iterator[tuple[Verdict, str]]:
    """In the order in which a clinician would ask."""
    if when.neoadjuvant is not None:
        yield _is(tumour.neoadjuvant, when.neoadjuvant), "neoadjuvant"
    if when.residual_disease is not None:
        yield _is(tumour.residual_disease, when.residual_disease), "residual_disease"
    if when.nodes_positive is not None:
        yield _holds(tumour.nodes_positive, when.nodes_positive.hold), "nodes_positive"
    if when.size_mm is not None:
        yield _holds(tumour.size_mm, when.size_mm.hold), "size_mm"
    if when.hormone_receptor_positive is not None:
        unknown = "er" if tumour.er is None else "pr"
        yield _is(tumour.hormone_receptor_positive, when.hormone_receptor_positive), unknown


def _is(known: bool | None, wanted: bool) -> Verdict:
    if known is None:
        return Verdict.UNKNOWN
    return Verdict.YES if known is wanted else Verdict.NO


def _holds(known: Decimal | int | None, condition: Callable[[Decimal | int], bool]) -> Verdict:
    if known is None:
        return Verdict.UNKNOWN
    return Verdict.YES if condition(known) else Verdict.NO
