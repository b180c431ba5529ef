"""A plan's due doses as figures that two people can compare, and recording only what they agreed on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING

from her2tracker.lib.refusals import Refusal
from scheduling.core import second_check as core
from scheduling.core.second_check import First
from scheduling.models import CycleDay, SitePolicy
from scheduling.models.about import about
from scheduling.models.checking import standing_of

if TYPE_CHECKING:
    from scheduling.actions.administrations import Due


def figures_of(due: Iterable[Due]) -> dict[str, First | None]:
    """By agent: what is due as figures that can be compared; None where there is none."""
    found: dict[str, First | None] = {}
    for one in due:
        ml, mg, exact = one.calculation.ml, one.calculation.planned_mg, one.calculation.calculated_mg
        if one.entry.dose.components:
            found[one.agent] = First(one.agent, ml, ml, core.ML) if ml is not None else None
        else:
            found[one.agent] = First(one.agent, mg, exact or mg, core.MG) if mg is not None else None
    return found


def refuse_other_doses(row: CycleDay, due: Iterable[Due], on: date, *, ran: Collection[str] = ()) -> Refusal | None:
    """Giving other doses than those a check agreed on, where the site asks for a check.

    Agents that `ran` were compared when they were started: what went in is recorded, whatever is due since.
    """
    if not SitePolicy.of(row.plan.patient.site).second_check_required:
        return None
    state = standing_of(row, about([row.plan])[row.plan_id], on)
    if not (state.agreed and state.done):
        return None  # overridden by name, or refused before this
    now = [one for one in figures_of(due).values() if one and one.agent not in ran]
    then = [one for one in state.done.figures if one.agent not in ran]
    return core.refuse_lapsed(core.changed(then, now))
