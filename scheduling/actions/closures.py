"""A clinic closed for some days: one person prepares where infusions go, each doctor confirms, then they move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.core.calendar import Candidate, ClosedDays
from scheduling.core.closure import OnClosedDay
from scheduling.core.facts import CycleDayKey
from scheduling.models import Closure, ClosureMove, CycleDay, TreatmentPlan
from scheduling.models.closed_days import closed_days_of, on_closed_days_of
from scheduling.models.facts import read_facts_of
from scheduling.models.standing import projection_of
from scheduling.words import ClosureState, MoveState, PlanState

MOST_DAYS = 31
"""A longer span is no closure of a clinic that treats every three weeks. Not a clinical figure."""


@dataclass(frozen=True, slots=True)
class Line:
    """One move with what can be chosen for it as things stand now. `follows` is an earlier one of the same plan."""

    move: ClosureMove
    row: CycleDay | None
    found: OnClosedDay | None
    follows: bool = False

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return self.found.proposals if self.found and not self.follows else ()

    @property
    def chosen(self) -> Candidate | None:
        return next((one for one in self.candidates if one.on == self.move.to_on), None)

    @property
    def is_held(self) -> bool:
        return any(hold.ended_on is None for hold in self.move.plan.holds.all())

    @property
    def changed(self) -> str:
        """What is no longer as it was agreed, in a sentence; nothing while the move may be carried out."""
        move = self.move
        if self.row is None:
            return f"Cycle {move.cycle} is no longer planned."
        if self.row.planned_on != move.from_on:
            return (
                f"It was planned for {in_words(move.from_on)}, and is planned for {in_words(self.row.planned_on)} now."
            )
        if move.to_on is None:
            return ""
        if self.chosen is None:
            return f"{in_words(move.to_on)} can no longer be chosen: closed by now, or too close to another dose."
        if meaning(self.chosen) != move.agreed:
            return f"It was agreed as: {move.agreed}. It would now be: {meaning(self.chosen)}."
        return ""


def meaning(candidate: Candidate) -> str:
    """What a day means for each agent, then and at the dose after it: this is what a doctor agrees to."""
    here = (*(one.reason for one in candidate.judgements), *(one.reason for one in candidate.too_soon))
    after = (f"the next dose: {one.reason}" for one in candidate.after)
    return "; ".join((*here, *after)) or "first dose"


def prepare(*, by: User, first_on: date, last_on: date, name: str) -> Closure:
    """Find every infusion planned in the span, each with the nearest day that can be chosen. Nothing moves."""
    require(by, Permission.PLAN_CLOSURES)
    _refuse_span(by, first_on, last_on, name)
    with act("closure.prepared", by=by) as entry:
        Site.objects.select_for_update().get(pk=by.site_id)
        _refuse_overlap(by, first_on, last_on)
        closure = Closure.objects.create(
            site=by.site, first_on=first_on, last_on=last_on, name=name.strip(), recorded_by=by
        )
        moves = [_proposed(line) for line in _found(closure, by.site.today())]
        ClosureMove.objects.bulk_create(moves)
        entry.subject = closure
        entry.details = _told(closure) | {"cycles": len(moves)}
    return closure


def choose(*, by: User, closure: Closure, days: Mapping[UUID, date | None]) -> None:
    """Keep where infusions go, by the move's uuid; None leaves one where it is. Days not named stay as they are."""
    require(by, Permission.PLAN_CLOSURES)
    with act("closure.chosen", by=by, subject=closure) as entry:
        closure = _locked(closure, ClosureState.PREPARED)
        _choose(closure, days, by)
        entry.details = _told(closure)


def send(*, by: User, closure: Closure, days: Mapping[UUID, date | None] | None = None) -> None:
    """Ask the doctors. From now on the span is closed: plans mark what is planned in it."""
    require(by, Permission.PLAN_CLOSURES)
    with act("closure.sent", by=by, subject=closure) as entry:
        closure = _locked(closure, ClosureState.PREPARED)
        _choose(closure, days or {}, by)
        closure.moves.filter(to_on=None).update(state=MoveState.LEFT)
        closure.state = ClosureState.SENT
        closure.save(update_fields=["state"])
        entry.details = _told(closure) | {"cycles": closure.moves.filter(state=MoveState.PROPOSED).count()}


def withdraw(*, by: User, closure: Closure) -> None:
    """Take the set back: nobody is asked any more, the span is open again. What moved stays moved."""
    require(by, Permission.PLAN_CLOSURES)
    with act("closure.withdrawn", by=by, subject=closure) as entry:
        closure = _locked(closure, ClosureState.PREPARED, ClosureState.SENT)
        waiting = closure.moves.filter(state=MoveState.PROPOSED)
        waiting.update(state=MoveState.LEFT, outcome="Taken back before it was confirmed.")
        closure.state = ClosureState.WITHDRAWN
        closure.save(update_fields=["state"])
        entry.details = _told(closure)


def confirm(*, by: User, closure: Closure, seen: Iterable[UUID], declined: Iterable[UUID] = ()) -> int:
    """Agree to one's own moves of the set, line by line; those in `declined` stay where they are.

    `seen` are the moves that were shown: another one that waits stays waiting. Returns how many will move.
    """
    require(by, Permission.ADJUST_PLANS)
    with act("closure.confirmed", by=by, subject=closure) as entry:
        closure = _locked(closure, ClosureState.SENT)
        mine = ClosureMove.objects.waiting_for(by).filter(closure=closure, uuid__in=list(seen))
        moves = list(mine.select_for_update(of=("self",)))
        refuse(None if moves else Refusal("nothing-waits", "None of these moves waits for you any more."))
        against, now = set(declined), timezone.now()
        for move in moves:
            move.state = MoveState.DECLINED if move.uuid in against else MoveState.CONFIRMED
            move.decided_by, move.decided_at = by, now
        ClosureMove.objects.bulk_update(moves, ["state", "decided_by", "decided_at"])
        agreed = sum(move.state == MoveState.CONFIRMED for move in moves)
        entry.details = _told(closure) | {"confirmed": agreed, "declined": len(moves) - agreed}
    return agreed


def lines_of(closure: Closure, today: date, *, moves: Iterable[ClosureMove] | None = None) -> list[Line]:
    """Every move of the set with what can be chosen for it now. A constant number of queries."""
    asked = closure.moves.select_related("doctor", "decided_by") if moves is None else moves
    found = list(asked)
    plans = read_facts_of(list({move.plan_id for move in found})) if found else {}
    closed = _closed(closure)
    notes = {plan.pk: _notes(plan, closed, today) for plan in plans.values()}
    first = _first_keys(found)
    lines = []
    for move in found:
        move.plan = plans[move.plan_id]
        key = (move.cycle, move.day)
        row = next((row for row in move.plan.cycle_days.all() if (row.cycle, row.day) == key), None)
        lines.append(Line(move, row, notes[move.plan_id].get(key), key != first[move.plan_id]))
    return lines


def _found(closure: Closure, today: date) -> list[Line]:
    """The infusions planned in the span, as moves not yet saved, each plan's first before those that follow it."""
    rows = (
        CycleDay.objects.at(closure.site_id)
        .planned()
        .filter(planned_on__range=(closure.first_on, closure.last_on), plan__state=PlanState.ACTIVE)
        .select_related("plan__recorded_by", "plan__responsible")
        .order_by("planned_on", "pk")
    )
    moves = [
        ClosureMove(
            closure=closure, plan=row.plan, cycle=row.cycle, day=row.day, from_on=row.planned_on,
            plan_revision=row.plan.revision, doctor=_responsible(row.plan),
        )
        for row in rows
    ]  # fmt: skip
    return lines_of(closure, today, moves=moves)


def _proposed(line: Line) -> ClosureMove:
    """The nearest day is chosen beforehand; a plan on hold waits for its own decision."""
    best = next(iter(line.candidates), None)
    if best is not None and not line.is_held:
        line.move.to_on, line.move.agreed = best.on, meaning(best)
    return line.move


def _responsible(plan: TreatmentPlan) -> User | None:
    """Who answers for the plan, while that person can still decide about plans here."""
    doctor = plan.responsible_oncologist
    return doctor if doctor.may(Permission.ADJUST_PLANS) and doctor.site_id == plan.patient.site_id else None


def _choose(closure: Closure, days: Mapping[UUID, date | None], by: User) -> None:
    lines = {line.move.uuid: line for line in lines_of(closure, by.site.today())}
    strangers = [str(uuid) for uuid in days if uuid not in lines]
    if strangers:
        raise Refused(Refusal("no-such-move", "A line of this set is no longer there. Look at it again."))
    chosen = [_set(lines[uuid], day) for uuid, day in days.items()]
    ClosureMove.objects.bulk_update(chosen, ["to_on", "agreed"])


def _set(line: Line, day: date | None) -> ClosureMove:
    move = line.move
    candidate = next((one for one in line.candidates if one.on == day), None)
    if day is not None and candidate is None:
        sentence = (
            f"Cycle {move.cycle} of {move.plan.patient} cannot go to {in_words(day)}: choose one of the days named."
        )
        raise Refused(Refusal("no-candidate", sentence), {str(move.uuid): [sentence]})
    move.to_on, move.agreed = day, meaning(candidate) if candidate else ""
    return move


def _closed(closure: Closure) -> ClosedDays:
    """The site's closed days with the span among them, whether or not doctors were asked yet."""
    found = closed_days_of(closure.site)
    return ClosedDays(found.weekdays, {**dict(closure.days()), **found.dates})


def _notes(plan: TreatmentPlan, closed: ClosedDays, today: date) -> dict[CycleDayKey, OnClosedDay]:
    return on_closed_days_of(plan, projection_of(plan, today=today).entries, closed, today)


def _first_keys(moves: Iterable[ClosureMove]) -> dict[int, CycleDayKey]:
    """The first infusion of each plan in the span: later ones follow it, so they wait."""
    first: dict[int, CycleDayKey] = {}
    for move in moves:
        key = (move.cycle, move.day)
        first[move.plan_id] = min(first.get(move.plan_id, key), key)
    return first


def _locked(closure: Closure, *states: ClosureState) -> Closure:
    fresh = Closure.objects.select_for_update(of=("self",)).select_related("site").get(pk=closure.pk)
    if fresh.state not in states:
        raise Refused(Refusal("closure-moved-on", f"This set is {fresh.state} by now. Look at it again."))
    return fresh


def _refuse_span(by: User, first_on: date, last_on: date, name: str) -> None:
    if not name.strip():
        raise Refused(Refusal("no-name", "Say why the site is closed: plans show it."), {"name": ["Required."]})
    if last_on < first_on:
        sentence = f"The last day comes before {in_words(first_on)}."
        raise Refused(Refusal("ends-before-it-begins", sentence), {"last_on": [sentence]})
    if first_on < by.site.today():
        sentence = f"{in_words(first_on)} has passed. Choose today or a later day."
        raise Refused(Refusal("day-passed", sentence), {"first_on": [sentence]})
    if (last_on - first_on).days >= MOST_DAYS:
        sentence = f"A span has at most {MOST_DAYS} days."
        raise Refused(Refusal("span-too-long", sentence), {"last_on": [sentence]})


def _refuse_overlap(by: User, first_on: date, last_on: date) -> None:
    others = Closure.objects.filter(site=by.site, first_on__lte=last_on, last_on__gte=first_on)
    other = others.exclude(state=ClosureState.WITHDRAWN).first()
    if other is not None:
        sentence = f"“{other.name}” closes {in_words(other.first_on)} to {in_words(other.last_on)} already."
        raise Refused(Refusal("closure-overlaps", f"{sentence} Go on with that one, or withdraw it."))


def _told(closure: Closure) -> dict[str, object]:
    return {"name": closure.name, "first": str(closure.first_on), "last": str(closure.last_on)}
