"""Many plans started at once: all of them or none, each decided exactly as if it were started alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import Part, act
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions import plans, rows
from scheduling.actions.plans import Preview
from scheduling.actions.starting import Known, Order
from scheduling.models import Administration, CycleDay, Patient, PriorTreatment, TreatmentPlan, bulk

AT_ONCE = 500  # plans whose rows are in memory together


def start_many(*, by: User, orders: Sequence[Order]) -> list[TreatmentPlan]:
    """Start each order's plan, in the order given. Raises Refused, naming the first that cannot be; then none is."""
    require(by, Permission.START_PLANS)
    started: list[TreatmentPlan] = []
    with act("plans.started", by=by) as entry:
        orders = _locked(orders)
        known = Known.of([order.patient for order in orders])
        for first in range(0, len(orders), AT_ONCE):
            started += _start(by, orders[first : first + AT_ONCE], known, first + 1)
        entry.details = {"count": len(started)}
        entry.parts += [Part("plan.started", plan.patient, plan, plans.told(plan)) for plan in started]
    return started


def _start(by: User, orders: Sequence[Order], known: Known, number: int) -> list[TreatmentPlan]:
    shown = []
    for position, order in enumerate(orders, start=number):
        shown.append(_startable(by, order, known, position))
        known.active.setdefault(order.patient.pk, set()).add(0)  # a second one meets it as if it were saved
    _write(by, orders, shown)
    return [one.plan for one in shown]


def _locked(orders: Sequence[Order]) -> list[Order]:
    """The orders with their patients' rows locked, in one order for all, so that two of these cannot wait in a ring."""
    patients = Patient.objects.select_for_update(of=("self",)).select_related("site__scheduling_policy").order_by("pk")
    found = {patient.pk: patient for patient in patients.filter(pk__in=[order.patient.pk for order in orders])}
    return [replace(order, patient=found[order.patient.pk]) for order in orders]


def _startable(by: User, order: Order, known: Known, number: int) -> Preview:
    try:
        preview = plans.decide(by, order, known)
    except Refused as refused:
        raise Refused(_named(refused.refusal, order, number), refused.fields) from refused
    for refusal in (*preview.refusals, _refuse_by_mouth(preview)):
        if refusal:
            raise Refused(_named(refusal, order, number))
    return preview


def _refuse_by_mouth(preview: Preview) -> Refusal | None:
    """What stands before a plan by mouth is answered as it starts: that is one person's word about one patient."""
    if not preview.regimen.is_by_mouth_only:
        return None
    return Refusal("one-by-one", f"{preview.regimen.name} is taken at home: start it by itself.")


def _named(refusal: Refusal, order: Order, number: int) -> Refusal:
    return Refusal(refusal.code, f"Order {number}, MRN {order.patient.mrn}: {refusal.sentence}")


def _write(by: User, orders: Sequence[Order], shown: Sequence[Preview]) -> None:
    TreatmentPlan.objects.bulk_create([one.plan for one in shown], batch_size=1000)
    prior = [
        row for one, order in zip(shown, orders, strict=True) for row in plans.prior_rows(one.plan, order.prior, by)
    ]
    PriorTreatment.objects.bulk_create(prior, batch_size=1000)
    built = [pair for one in shown for pair in rows.values(one.plan, one.projection)]
    bulk.insert(CycleDay, [day for day, _ in built])
    for day, doses in built:
        for dose in doses:
            dose["cycle_day_id"] = day["id"]
    bulk.insert(Administration, [dose for _, doses in built for dose in doses])
