"""Closed spans that still wait for somebody: for one doctor's signature, or for anybody's hands."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from scheduling.models import Closure, ClosureMove
from scheduling.models.closures import MoveQuerySet
from scheduling.words import MoveState


@dataclass(frozen=True, slots=True)
class ClosureWaits:
    """A closed span with how many of its moves somebody must still act on; `waiting` for a doctor."""

    closure: Closure
    moves: int
    waiting: int = 0


def closures_waiting(person: User) -> list[ClosureWaits]:
    """The spans whose moves wait for this person's signature, with how many. No query for others."""
    if not person.may(Permission.ADJUST_PLANS):
        return []
    return _counted(ClosureMove.objects.waiting_for(person))


def closures_unsettled(site: Site) -> list[ClosureWaits]:
    """The spans of which something is left to do."""
    return _counted(ClosureMove.objects.filter(closure__site=site).unsettled())


def _counted(moves: MoveQuerySet) -> list[ClosureWaits]:
    """Two queries, however many spans and moves there are."""
    waiting = Count("pk", filter=Q(state=MoveState.PROPOSED))
    rows = moves.order_by("closure").values("closure").annotate(moves=Count("pk"), waiting=waiting)
    counts = {row["closure"]: (row["moves"], row["waiting"]) for row in rows}
    spans = Closure.objects.filter(pk__in=counts).order_by("first_on")
    return [ClosureWaits(span, *counts[span.pk]) for span in spans]
