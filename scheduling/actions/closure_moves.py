"""Carrying out what doctors confirmed: each move its own act and transaction, so that a killed run resumes."""

from __future__ import annotations

from datetime import date

import structlog
from django.db import transaction

from her2tracker.accounts.access import Denied
from her2tracker.accounts.models import User
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions import cycles, forwards
from scheduling.actions.closures import lines_of
from scheduling.models import ClosureMove, CycleDay, TreatmentPlan
from scheduling.words import DelayReason, ForwardReason, MoveState

log = structlog.get_logger(__name__)


def carry_out() -> int:
    """Every confirmed move at every site, one after the other. Returns how many moved; twice moves none twice."""
    moved = 0
    while (state := _next()) is not None:
        moved += state is MoveState.DONE
    return moved


def _next() -> MoveState | None:
    """The next confirmed move, held until it is done or refused; one that another run holds is passed over."""
    with transaction.atomic():
        confirmed = ClosureMove.objects.filter(state=MoveState.CONFIRMED).order_by("pk")
        move = confirmed.select_for_update(of=("self",), skip_locked=True).first()
        if move is None:
            return None
        move.state, move.outcome = _outcome(move)
        move.save(update_fields=["state", "outcome"])
    return MoveState(move.state)


def _outcome(move: ClosureMove) -> tuple[MoveState, str]:
    try:
        with transaction.atomic():
            _move(move)
    except (Refused, Denied) as refused:
        return MoveState.REFUSED, str(refused)
    except Exception:
        # one broken plan must not keep the others waiting
        log.exception("closure.move-failed", move=str(move.uuid))
        return MoveState.REFUSED, "The program could not move it; the error is in its log. Move it by hand."
    return MoveState.DONE, ""


def _move(move: ClosureMove) -> None:
    """As the doctor agreed to it, or not at all."""
    by, to_on = move.decided_by, move.to_on
    if by is None or to_on is None:  # the table's own constraints say so too
        raise Refused(Refusal("not-confirmed", "Nobody confirmed a day for it."))
    TreatmentPlan.objects.select_for_update(of=("self",)).get(pk=move.plan_id)
    line = lines_of(move.closure, by.site.today(), moves=[move])[0]
    if line.changed or line.row is None:
        raise Refused(Refusal("changed-meanwhile", line.changed))
    _act(by, line.row, to_on, move)


def _act(by: User, row: CycleDay, to_on: date, move: ClosureMove) -> None:
    row.plan = move.plan
    note = f"Closed: {move.closure.name}"
    if to_on > row.planned_on:
        cycles.delay(by=by, cycle_day=row, to_on=to_on, reason=DelayReason.CLOSED_DAY, note=note)
    else:
        forwards.bring_forward(by=by, cycle_day=row, to_on=to_on, reason=ForwardReason.CLOSED_DAY, note=note)
