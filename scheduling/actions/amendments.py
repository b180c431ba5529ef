"""Correcting a completed record. The old value is kept beside the new one, and stays in sight."""

from __future__ import annotations

from typing import Any

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling.actions.doses import Dose, check_given
from scheduling.actions.locks import open_day, refuse_changed, touch
from scheduling.core import lifecycle
from scheduling.models import Administration, Amendment, SitePolicy

FIELDS = (
    "given_mg", "given_ml", "product", "lot", "expires_on", "started_at", "stopped_at", "difference_reason", "note",
)  # fmt: skip


def amend(
    *, by: User, administration: Administration, dose: Dose, reason: str, revision: int | None = None
) -> Administration:
    """Write `dose` over what was recorded, and keep what stood there. Moves no date and omits nothing.

    Raises Refused where nothing was given, nothing differs, no reason is said, or the dose is faulty.
    """
    require(by, Permission.RECORD_ADMINISTRATIONS)
    row = administration.cycle_day
    with act("administration.amended", by=by, patient=row.plan.patient, subject=row, reason=reason) as entry:
        plan, row = open_day(row)
        refuse_changed(plan, revision)
        target = next((one for one in row.administrations.all() if one.pk == administration.pk), None)
        if target is None:
            raise Refused(Refusal("gone", "This administration is no longer in the plan."))
        new = _values(dose)
        old = {name: getattr(target, name) for name in FIELDS}
        changed = [name for name in FIELDS if old[name] != new[name]]
        given_on = target.given_on
        refuse(lifecycle.refuse_amend(is_given=given_on is not None, changes=bool(changed), reason=reason))
        assert given_on is not None  # noqa: S101 - refused above
        in_ml = target.given_ml is not None
        check_given(dose, target, in_ml=in_ml, on=given_on, policy=SitePolicy.of(plan.patient.site))
        _write(target, new, changed)
        before, after = ({name: written(of[name]) for name in changed} for of in (old, new))
        Amendment.objects.create(
            plan=plan, cycle=row.cycle, day=row.day, agent=target.agent, before=before, after=after,
            reason=reason.strip(), recorded_by=by,
        )  # fmt: skip
        touch(plan)
        entry.details = {"cycle": row.cycle, "agent": target.agent, "before": before, "after": after}
    return target


def _values(dose: Dose) -> dict[str, Any]:
    return {
        "given_mg": dose.mg,
        "given_ml": dose.ml,
        "product": dose.product_name,
        "difference_reason": str(dose.difference_reason or ""),
    } | {name: getattr(dose, name) for name in ("lot", "expires_on", "started_at", "stopped_at", "note")}


def _write(target: Administration, new: dict[str, Any], changed: list[str]) -> None:
    for name in changed:
        setattr(target, name, new[name])
    target.save(update_fields=changed)


def written(value: Any) -> str:
    """A field's value as an amendment keeps it: `420`, `2027-01-31`, `09:05`, empty for nothing."""
    if value is None or value == "":
        return ""
    if hasattr(value, "as_tuple"):
        return plain(value)
    return f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
