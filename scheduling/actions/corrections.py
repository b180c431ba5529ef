"""Correcting what was seen at the chair. The old value is kept beside the new one, and stays in sight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions import chairside
from scheduling.actions.amendments import written
from scheduling.core import lifecycle
from scheduling.core.chairside import refuse_reaction, refuse_vitals
from scheduling.models import ChairsideAmendment, CycleDay, Reaction, VitalSigns
from scheduling.models.chairside import RANGES

SEEN = ("seen_on", "seen_at")
OF_REACTION = ("agent", *SEEN, "grade", "signs", "action", "note")
OF_VITALS = (*SEEN, *RANGES)


def amend_reaction(*, by: User, reaction: Reaction, reason: str, **said: Any) -> Reaction:
    """Write the fields that `said` names over a reaction; what stood there is kept. Raises Refused.

    `in_error=True` says that it never happened, or to somebody else: it stays in sight, struck, and counts no more.
    """
    require(by, Permission.RECORD_ADMINISTRATIONS)
    row = day_of(reaction)
    with act("reaction.amended", by=by, patient=row.plan.patient, subject=row, reason=reason) as entry:
        row = chairside.held(row)
        target = Reaction.objects.get(pk=reaction.pk)
        if "signs" in said:
            said["signs"] = list(dict.fromkeys(str(sign) for sign in said["signs"]))
        changed = _changed(target, said, OF_REACTION, reason)
        _apply(target, changed)
        if not target.in_error:
            chairside.refuse_seen(by, row, target.seen_on, target.seen_at)
            refuse(refuse_reaction(grade=target.grade, signs=target.signs))
            chairside.refuse_agent(row, target.agent)
        entry.details = _keep(by, row, target, changed, reason, reaction=target) | {"what": "reaction"}
    return target


def amend_vitals(*, by: User, vitals: VitalSigns, reason: str, **said: Any) -> VitalSigns:
    """Write the fields that `said` names over a set of vital signs; what stood there is kept. Raises Refused.

    `in_error=True` says that it was never measured, or of somebody else: it stays in sight and answers nothing.
    """
    require(by, Permission.RECORD_ADMINISTRATIONS)
    row = day_of(vitals)
    with act("vitals.amended", by=by, patient=row.plan.patient, subject=row, reason=reason) as entry:
        row = chairside.held(row)
        target = VitalSigns.objects.get(pk=vitals.pk)
        changed = _changed(target, said, OF_VITALS, reason)
        _apply(target, changed)
        if not target.in_error:
            chairside.refuse_seen(by, row, target.seen_on, target.seen_at)
            figures = {name: getattr(target, name) for name in RANGES}
            pressure = {"systolic": target.systolic_mmhg, "diastolic": target.diastolic_mmhg}
            refuse(refuse_vitals(figures.values(), **pressure))
            chairside.refuse_implausible(figures)
        entry.details = _keep(by, row, target, changed, reason, vitals=target) | {"what": "vital signs"}
    return target


def day_of(seen: Reaction | VitalSigns) -> CycleDay:
    """The cycle day it belongs to, with plan and doses. Raises Refused when the plan no longer has it."""
    found = (
        CycleDay.objects.filter(plan=seen.plan_id, cycle=seen.cycle, day=seen.day)
        .select_related("plan__patient__site", "plan__regimen")
        .prefetch_related("administrations")
        .first()
    )
    if found is None:
        raise Refused(Refusal("gone", "This cycle day is no longer in the plan."))
    return found


Changed = dict[str, tuple[Any, Any]]


def _changed(target: Any, said: Mapping[str, Any], names: Iterable[str], reason: str) -> Changed:
    """Old and new of each field that differs."""
    found = {
        name: (getattr(target, name), said[name])
        for name in (*names, "in_error")
        if name in said and getattr(target, name) != said[name]
    }
    refuse(lifecycle.refuse_amend_seen(in_error=target.in_error, changes=bool(found), reason=reason))
    return found


def _apply(target: Any, changed: Changed) -> None:
    for name, (_, new) in changed.items():
        setattr(target, name, new)


def _keep(
    by: User, row: CycleDay, target: Any, changed: Changed, reason: str, **of: Reaction | VitalSigns
) -> dict[str, Any]:
    target.save(update_fields=list(changed))
    before, after = ({name: _written(pair[n]) for name, pair in changed.items()} for n in (0, 1))
    ChairsideAmendment.objects.create(
        plan=row.plan, before=before, after=after, reason=reason.strip(), recorded_by=by, **of
    )
    return {"cycle": row.cycle, "at": f"{target.seen_at:%H:%M}", "before": before, "after": after}


def _written(value: Any) -> str:
    """As an amendment keeps it; a list with commas, a yes as `yes`."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return ", ".join(map(str, value)) if isinstance(value, list) else written(value)
