"""A closed span's moves as they are read: a group per doctor, a line per infusion, and where they all go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.forms import BoundField
from django.urls import reverse

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from scheduling.actions.closures import Line
from scheduling.forms.closures import ChoicesForm
from scheduling.models import Closure, ClosureMove, CycleDay
from scheduling.models.standing import regimen_of
from scheduling.views.shown import done_meanwhile
from scheduling.words import ClosureState, MoveState

_COUNTED = {
    MoveState.PROPOSED: "to be confirmed", MoveState.CONFIRMED: "confirmed and not yet moved",
    MoveState.DECLINED: "declined", MoveState.LEFT: "left for later", MoveState.DONE: "moved",
    MoveState.REFUSED: "not moved",
}  # fmt: skip
_LEFT_BEHIND = (MoveState.DECLINED, MoveState.LEFT, MoveState.REFUSED)


@dataclass(frozen=True, slots=True)
class LineShown:
    """One infusion of the span. `meanwhile` is what others did to its plan since the set was prepared."""

    line: Line
    field: BoundField | None
    meanwhile: tuple[str, ...]

    @property
    def state(self) -> MoveState:
        return MoveState(self.line.move.state)

    @property
    def word(self) -> str:
        return self.state.label

    @property
    def regimen(self) -> str:
        return regimen_of(self.line.move.plan.regimen).short_name

    @property
    def note(self) -> str:
        """Why there is nothing to choose, or what is to be looked at first."""
        if self.line.follows:
            return "Follows an earlier infusion of this plan in the span: decide once that one has moved."
        if self.line.found is not None and not self.line.candidates:
            return "No open day near it keeps every interval: decide by hand."
        return "The plan is on hold." if self.line.is_held else ""

    @property
    def changed(self) -> str:
        return self.line.changed if self.state in (MoveState.PROPOSED, MoveState.CONFIRMED) else ""

    @property
    def by_hand(self) -> str:
        """Where an infusion that stays in the span is moved by hand, towards the day proposed; nothing if settled."""
        line, state = self.line, self.state
        if line.row is None or line.found is None or state not in _LEFT_BEHIND:
            return ""
        day = line.chosen or next(iter(line.candidates), None)
        name = "cycle-forward" if day and day.days_moved < 0 else "cycle-delay"
        return reverse(name, args=[line.row.uuid]) + (f"?to_on={day.on}" if day else "")

    @property
    def risk(self) -> str:
        return self.line.chosen.risk if self.line.chosen else ""

    @property
    def reloads(self) -> bool:
        chosen = self.line.chosen
        return bool(chosen and (chosen.reloads or chosen.reloads_after))


@dataclass(frozen=True, slots=True)
class Group:
    """One doctor's infusions. `waits` when the person who looks may confirm some of them."""

    doctor: User | None
    lines: tuple[LineShown, ...]
    waits: bool

    @property
    def is_nobodys(self) -> bool:
        return self.doctor is None


@dataclass(frozen=True, slots=True)
class Told:
    """A set in numbers."""

    count: int
    by_state: dict[str, int]

    @property
    def sentence(self) -> str:
        counts = (f"{count} {_COUNTED[MoveState(state)]}" for state, count in self.by_state.items() if count)
        return ", ".join(counts) or "no infusion is planned in it"


@dataclass(frozen=True, slots=True)
class Load:
    """A day that infusions go to: those planned for it already, and those that would come."""

    on: date
    planned: int
    coming: int

    @property
    def total(self) -> int:
        return self.planned + self.coming


def groups_of(lines: Iterable[Line], by: User, form: ChoicesForm | None) -> list[Group]:
    """A group per doctor, one's own first, then by name; the infusions nobody answers for last."""
    parted: dict[int | None, list[Line]] = {}
    for line in lines:
        parted.setdefault(line.move.doctor_id, []).append(line)
    confirms = by.may(Permission.ADJUST_PLANS)
    groups = [_group(part, by, form, confirms) for part in parted.values()]
    return sorted(groups, key=lambda group: (group.doctor is None, group.doctor != by, str(group.doctor)))


def told_of(closures: Iterable[Closure]) -> dict[int, Told]:
    """By the set's key. One query, however many sets."""
    counted: dict[int, Counter[str]] = {closure.pk: Counter() for closure in closures}
    rows = ClosureMove.objects.filter(closure__in=counted).order_by().values("closure", "state")
    for row in rows.annotate(count=Count("pk")):
        counted[row["closure"]][row["state"]] = row["count"]
    return {
        pk: Told(found.total(), {state.value: found[state] for state in MoveState}) for pk, found in counted.items()
    }


def load_of(closure: Closure, lines: Iterable[Line], site: Site) -> list[Load]:
    """How full the days are that infusions go to. One query."""
    open_states = (MoveState.PROPOSED, MoveState.CONFIRMED)
    coming = Counter(line.move.to_on for line in lines if line.move.to_on and line.move.state in open_states)
    if not coming or closure.state == ClosureState.WITHDRAWN:
        return []
    planned = CycleDay.objects.at(site).planned().filter(planned_on__in=list(coming))
    counted = dict(planned.values_list("planned_on").annotate(Count("pk")))
    return [Load(day, counted.get(day, 0), count) for day, count in sorted(coming.items())]


def _group(lines: list[Line], by: User, form: ChoicesForm | None, confirms: bool) -> Group:
    shown = tuple(LineShown(line, _field(form, line.move), _meanwhile(line)) for line in lines)
    return Group(lines[0].move.doctor, shown, confirms and any(_waits(line.move, by) for line in lines))


def _waits(move: ClosureMove, by: User) -> bool:
    is_asked = move.state == MoveState.PROPOSED and move.closure.state == ClosureState.SENT
    return is_asked and move.may_be_confirmed_by(by)


def _field(form: ChoicesForm | None, move: ClosureMove) -> BoundField | None:
    name = str(move.uuid)
    return form[name] if form and name in form.fields else None


def _meanwhile(line: Line) -> tuple[str, ...]:
    """Read only for a move that no longer fits, or was refused: few lines, so few queries."""
    if line.move.state not in (MoveState.PROPOSED, MoveState.CONFIRMED, MoveState.REFUSED):
        return ()
    if line.move.state != MoveState.REFUSED and not line.changed:
        return ()
    return tuple(done_meanwhile(line.move.plan, line.move.plan_revision))
