"""What is to be given, or went in, as pages show it: one line per agent of a cycle day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from scheduling.actions.administrations import Due
from scheduling.core.regimen import DoseKind, Regimen
from scheduling.models import Administration, CycleDay
from scheduling.models.standing import regimen_of
from scheduling.words import OmissionReason


@dataclass(frozen=True, slots=True)
class Amount:
    """One agent's line. `mg` is None for a fixed combination, whose `words` and `ml` say what is in it."""

    title: str
    kind: str  # a kind of her2tracker.clinic.marks: first, loading, reload, maintenance
    mg: Decimal | None
    ml: Decimal | None
    words: str
    minutes: int
    because: str
    arithmetic: str
    source: str
    confidence: str
    planned_mg: Decimal | None = None  # beside `mg` when what went in differs
    omitted: str = ""

    @property
    def is_changed(self) -> bool:
        return self.planned_mg is not None and self.mg is not None and self.planned_mg != self.mg

    @property
    def is_known(self) -> bool:
        return self.mg is not None or self.ml is not None


def amounts_of(day: CycleDay) -> tuple[Amount, ...]:
    """The lines of a cycle day, planned or given. Reads prefetched administrations."""
    regimen = regimen_of(day.plan.regimen)
    return tuple(_amount(row, regimen, day.phase) for row in day.administrations.all())


def amounts_due(due: Iterable[Due], regimen: Regimen) -> tuple[Amount, ...]:
    """The lines as they would be on another day."""
    return tuple(
        Amount(
            title=regimen.agent(one.agent, one.entry.phase).title,
            kind=kind_shown(one.entry.kind, bool(one.entry.judgement)),
            mg=one.calculation.planned_mg,
            ml=one.calculation.ml,
            words=one.entry.dose.in_words(),
            minutes=one.entry.dose.minutes or 0,
            because=one.entry.judgement.reason if one.entry.judgement else "",
            arithmetic=one.calculation.arithmetic,
            source=one.entry.dose.citation.key,
            confidence=one.entry.dose.citation.confidence.value,
        )
        for one in due
    )


def kind_shown(kind: str, has_earlier: bool) -> str:
    """An agent without a loading dose still has a first one, which runs longer and is watched longer."""
    return "first" if kind == DoseKind.MAINTENANCE and not has_earlier else str(kind)


def _amount(row: Administration, regimen: Regimen, phase: str) -> Amount:
    given = row.given_on is not None
    return Amount(
        title=regimen.agent(row.agent, phase).title,
        kind=kind_shown(row.kind, bool(row.because)),
        mg=row.given_mg if given else row.planned_mg,
        ml=row.given_ml if given else row.planned_ml,
        words=row.dose_text,
        minutes=row.minutes,
        because=row.because,
        arithmetic=row.arithmetic,
        source=row.source,
        confidence=row.confidence,
        planned_mg=row.planned_mg if given else None,
        omitted=OmissionReason(row.omission_reason).label if row.omission_reason else "",
    )
