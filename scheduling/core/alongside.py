"""What runs beside the infusions of a plan: shown from when to when where that is recorded. It moves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.sources import Citation
from scheduling.core.at_home import Course, Step
from scheduling.core.regimen import Companion, Regimen, Statement


class AlongsideKind(StrEnum):
    """What may be recorded to run alongside."""

    ENDOCRINE_THERAPY = "endocrine-therapy"
    RADIOTHERAPY = "radiotherapy"
    CHEMOTHERAPY = "chemotherapy"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Recorded:
    """Dates somebody recorded; `until` is None while it lasts or its end is not known."""

    since: date
    until: date | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One thing beside the infusions. Without `since` no date is known, and `words` say what is."""

    title: str
    words: str
    citation: Citation | None
    since: date | None = None
    until: date | None = None
    is_at_home: bool = False

    @property
    def span(self) -> str:
        """The dates, or that there are none: never a date nobody recorded."""
        if self.since is None:
            return "no date recorded"
        return f"{in_words(self.since)} to {in_words(self.until)}" if self.until else f"from {in_words(self.since)} on"


def lanes(
    regimen: Regimen,
    infusions: Sequence[date],
    recorded: Mapping[AlongsideKind, Recorded],
    *,
    hormone_receptor_positive: bool | None = None,
    courses: Sequence[Course] = (),
) -> tuple[Lane, ...]:
    """The `courses` by mouth, agents of the infusion days, and what the regimen names; then what was recorded besides.

    Endocrine therapy is left out where the hormone receptors are known to be negative and none was recorded.
    """
    return (
        *(
            Lane(
                course.agent.title,
                _doses(course.doses),
                course.doses[0].dose.citation,
                course.starts_on,
                course.ends_on,
                is_at_home=True,
            )
            for course in courses
            if course.doses
        ),
        *(_of_companion(companion, infusions) for companion in regimen.companions),
        *_named(regimen, recorded, hormone_receptor_positive),
    )


def _doses(steps: Sequence[Step]) -> str:
    return "; ".join(step.sentence if step.is_dated else step.dose.in_words() for step in steps)


def _of_companion(companion: Companion, infusions: Sequence[date]) -> Lane:
    """Infused on the same days: its dates are the plan's own, and go where they go."""
    most = f" to {plain(companion.mg_per_m2_at_most)}" if companion.mg_per_m2_at_most else ""
    words = f"{plain(companion.mg_per_m2)}{most} mg/m² on the infusion days"
    since, until = (infusions[0], infusions[-1]) if infusions else (None, None)
    return Lane(companion.title, words, companion.citation, since, until)


def _named(
    regimen: Regimen, recorded: Mapping[AlongsideKind, Recorded], hormone_receptor_positive: bool | None
) -> Iterator[Lane]:
    told = set()
    for said in regimen.alongside:
        kind = kind_of(said)
        told.add(kind)
        found = recorded.get(kind)
        if found or kind is not AlongsideKind.ENDOCRINE_THERAPY or hormone_receptor_positive is not False:
            yield _lane(said.name.capitalize(), found, said)
    for kind, found in recorded.items():
        if kind not in told:
            yield _lane(kind.label, found, None)


def kind_of(said: Statement) -> AlongsideKind:
    """By its name; what is neither of the two is the chemotherapy the regimen is given with."""
    name = said.name.replace(" ", "-")
    return AlongsideKind(name) if name in set(AlongsideKind) else AlongsideKind.CHEMOTHERAPY


def _lane(title: str, found: Recorded | None, said: Statement | None) -> Lane:
    words = " ".join(part for part in (said.text if said else "", found.note if found else "") if part)
    citation = said.citation if said else None
    return Lane(title, words, citation, found.since, found.until) if found else Lane(title, words, citation)
