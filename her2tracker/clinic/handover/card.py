"""What a handover card holds, and how it is written and read. No database: the same at both hospitals.

The format is described in docs/how-to/handover-card.md. A change of it is a new `VERSION`, and old ones stay readable.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from her2tracker.lib import strict_json
from her2tracker.lib.dates import in_words
from monitoring.core.lvef import Lvef
from monitoring.core.result import Modality, Symptoms
from scheduling.core.policy import Anchor, CapPolicy, ReloadPolicy
from scheduling.core.regimen import DoseKind
from scheduling.words import CeaseReason, DayState, HoldReason, Setting, Sex

FORMAT, VERSION = "her2tracker-handover-card", 1


@dataclass(frozen=True, slots=True)
class Person:
    mrn: str  # of the hospital that made the card
    family_name: str
    given_name: str
    born_on: date
    sex: Sex
    language: str
    allergies: str


@dataclass(frozen=True, slots=True)
class RegimenOnCard:
    """`digest` is of its published definition: the same id and version with another digest is another regimen."""

    key: str
    version: int
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Policies:
    """The plan's own choices where the labels disagree."""

    reload_with_pertuzumab: ReloadPolicy
    anchor: Anchor
    cap: CapPolicy
    minimum_gap_days: int | None


@dataclass(frozen=True, slots=True)
class EarlierDoses:
    """Doses of one agent given before the plan; as `scheduling.core.facts.Credit`."""

    agent: str
    doses: int
    first_given_on: date | None
    last_given_on: date
    place: str
    decided_kind: Literal["", "loading", "maintenance"]
    passed: int
    made_up: int


@dataclass(frozen=True, slots=True)
class DoseOnCard:
    """One agent of one cycle day. mg, or mL of a fixed combination; `given_on` is empty while it is planned."""

    agent: str
    kind: DoseKind
    mg: Decimal | None
    ml: Decimal | None
    given_on: date | None
    product: str
    lot: str
    omitted: str  # why this agent alone was left out


@dataclass(frozen=True, slots=True)
class DayOnCard:
    cycle: int
    day: int
    state: DayState
    on: date
    reason: str  # of an omission
    made_up: bool
    doses: tuple[DoseOnCard, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A cycle day delayed (with all later ones, or alone) or brought forward. In the order in which it was decided."""

    kind: Literal["later", "only", "forward"]
    cycle: int
    day: int
    from_on: date
    to_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class More:
    """Cycles added to the regimen's."""

    cycles: int
    reason: str
    overridden: bool


@dataclass(frozen=True, slots=True)
class LevelOnCard:
    """mg per kg from a cycle on, or mg of a drug taken at home from a day on."""

    agent: str
    from_cycle: int | None
    from_on: date | None
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class HoldOnCard:
    begun_on: date
    reason: HoldReason
    repeat_by: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class ResultOnCard:
    """One measured LVEF, percent; both ends, as it was reported."""

    performed_on: date
    low: Decimal
    high: Decimal
    low_open: bool
    high_open: bool
    modality: Modality
    lab: str
    symptoms: Symptoms
    gls_percent: Decimal | None
    note: str
    is_baseline: bool

    @property
    def lvef(self) -> Lvef:
        return Lvef(self.low, self.high, self.low_open, self.high_open)


@dataclass(frozen=True, slots=True)
class PlanOnCard:
    setting: Setting
    started_on: date
    state: str
    ended_on: date | None
    end_reason: str
    weight_kg: Decimal | None
    weighed_on: date | None
    policies: Policies
    earlier: tuple[EarlierDoses, ...]
    cycle_days: tuple[DayOnCard, ...]
    moves: tuple[Move, ...]
    extensions: tuple[More, ...]
    levels: tuple[LevelOnCard, ...]
    holds: tuple[HoldOnCard, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """What is next, as it stood when the card was made."""

    infusion_on: date | None
    echo_due_on: date | None
    last_day_without_reload: date | None


@dataclass(frozen=True, slots=True)
class Card:
    """`id` follows from what it says: two cards of the same facts are the same card."""

    id: UUID
    made_at: datetime
    made_by: str
    hospital: str
    patient: Person
    regimen: RegimenOnCard
    plan: PlanOnCard
    results: tuple[ResultOnCard, ...]
    coming: Coming
    flags: tuple[str, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 of the card in its canonical form."""
        return hashlib.sha256(strict_json.canonical(strict_json.dump(self))).hexdigest()

    @property
    def given(self) -> tuple[DayOnCard, ...]:
        return tuple(day for day in self.plan.cycle_days if day.state is DayState.GIVEN)

    @property
    def left(self) -> tuple[DayOnCard, ...]:
        return tuple(day for day in self.plan.cycle_days if day.state is DayState.PLANNED)

    @property
    def open_hold(self) -> HoldOnCard | None:
        return next((hold for hold in self.plan.holds if hold.ended_on is None), None)

    @property
    def goes_on(self) -> bool:
        """Whether there is treatment to go on with: not after an end, unless it ended by leaving that hospital."""
        return bool(self.left) and (self.plan.state == "active" or self.plan.end_reason == CeaseReason.TRANSFERRED)


def identified(card: Card) -> Card:
    """The card with the id that follows from its facts, whoever made it and when."""
    nobody = replace(card, id=UUID(int=0), made_at=datetime.min.replace(tzinfo=UTC), made_by="")
    return replace(card, id=uuid5(NAMESPACE_URL, f"{FORMAT}:{nobody.checksum}"))


def write(card: Card) -> str:
    """The card as a file."""
    body = {"format": FORMAT, "version": VERSION, "checksum": card.checksum, "card": strict_json.dump(card)}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class Apart:
    """One dose still to be given that is not the same: as the card has it, and as it is here. In words."""

    cycle: int
    day: int
    agent: str
    there: str
    here: str


def differences(there: Sequence[DayOnCard], here: Sequence[DayOnCard]) -> tuple[Apart, ...]:
    """Dose by dose what differs in what is left: day, kind or amount. Empty when all of it is the same."""

    def told(days: Sequence[DayOnCard]) -> dict[tuple[int, int, str], str]:
        return {(day.cycle, day.day, dose.agent): _in_words(day, dose) for day in days for dose in day.doses}

    theirs, ours = told(there), told(here)
    return tuple(
        Apart(*key, theirs.get(key, "not planned"), ours.get(key, "not planned"))
        for key in sorted({*theirs, *ours})
        if theirs.get(key) != ours.get(key)
    )


def _in_words(day: DayOnCard, dose: DoseOnCard) -> str:
    amount = f"{dose.mg.normalize():f} mg" if dose.mg else f"{dose.ml.normalize():f} mL" if dose.ml else "no amount"
    return f"{in_words(day.on)}, {dose.kind}, {amount}"
