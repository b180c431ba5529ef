"""Many patients registered and many plans started at once: all or none, each exactly as if it were done alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import Part, act
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.actions import patients, plans, rows
from scheduling.actions.plans import Preview
from scheduling.actions.starting import Known, Order
from scheduling.models import (
    Administration,
    BodyMeasurement,
    CycleDay,
    Patient,
    PreviousMrn,
    PriorTreatment,
    TreatmentPlan,
    bulk,
)

AT_ONCE = 500  # plans whose rows are in memory together


def register_many(*, by: User, people: Sequence[Patient]) -> None:
    """Save new patients of `by`'s site. Raises Refused, naming an MRN that is, or was, somebody's."""
    require(by, Permission.EDIT_PATIENTS)
    if not people:
        return
    for person in people:
        patients.check_fields(person)
    with act("patients.registered", by=by) as entry:
        _refuse_taken_mrns(by, people)
        try:
            with transaction.atomic():
                Patient.objects.bulk_create(people, batch_size=1000)
        except IntegrityError as error:  # somebody registered one of the numbers in this very moment
            if "mrn" not in str(error):
                raise
            raise Refused(Refusal("mrn-taken", "One of these MRNs was registered a moment ago. Try again.")) from error
        entry.details = {"count": len(people)}
        entry.parts += [Part("patient.registered", person, person, {}) for person in people]


def weigh_many(*, by: User, weights: Sequence[BodyMeasurement]) -> None:
    """Save one weight for each of many patients. Raises Refused for one in the future."""
    require(by, Permission.RECORD_MEASUREMENTS)
    if not weights:
        return
    today = by.site.today()
    with act("measurements.recorded", by=by) as entry:
        for row in weights:
            patients.refuse_future(row.measured_on, today)
        BodyMeasurement.objects.bulk_create(weights, batch_size=1000)
        entry.details = {"count": len(weights)}
        entry.parts += [Part("measurement.recorded", row.patient, row, patients.measured(row)) for row in weights]


def start_many(
    *, by: User, orders: Sequence[Order], tell: Callable[[int], None] = lambda _: None
) -> list[TreatmentPlan]:
    """Start each order's plan, in the order given. Raises Refused, naming the first that cannot be; then none is.

    `tell` is called with the number written so far.
    """
    require(by, Permission.START_PLANS)
    started: list[TreatmentPlan] = []
    with act("plans.started", by=by) as entry:
        orders = _locked(orders)
        known = Known.of([order.patient for order in orders])
        for first in range(0, len(orders), AT_ONCE):
            started += _start(by, orders[first : first + AT_ONCE], known, first + 1)
            tell(len(started))
        entry.details = {"count": len(started)}
        entry.parts += [Part("plan.started", plan.patient, plan, plans.told(plan)) for plan in started]
    return started


def judge(by: User, order: Order, known: Known) -> tuple[Preview | None, list[Refusal]]:
    """What `order` would start, and everything that stands against it; nothing to see when it cannot be drawn."""
    try:
        preview = plans.decide(by, order, known)
    except Refused as refused:
        return None, [refused.refusal]
    return preview, [refusal for refusal in (*preview.refusals, _refuse_by_mouth(preview)) if refusal]


def _start(by: User, orders: Sequence[Order], known: Known, number: int) -> list[TreatmentPlan]:
    shown = []
    for position, order in enumerate(orders, start=number):
        shown.append(_startable(by, order, known, position))
        known.active.setdefault(order.patient.pk, set()).add(0)  # a second one meets it as if it were saved
    _write(by, orders, shown)
    return [one.plan for one in shown]


def _locked(orders: Sequence[Order]) -> list[Order]:
    """The orders with their patients' rows locked, in one order for all, so that two of these cannot wait in a ring."""
    rows_of = Patient.objects.select_for_update(of=("self",)).select_related("site__scheduling_policy").order_by("pk")
    found = {patient.pk: patient for patient in rows_of.filter(pk__in=[order.patient.pk for order in orders])}
    return [replace(order, patient=found[order.patient.pk]) for order in orders]


def _startable(by: User, order: Order, known: Known, position: int) -> Preview:
    preview, refusals = judge(by, order, known)
    if preview is None or refusals:
        raise Refused(_named(refusals[0], order, position))
    return preview


def _refuse_by_mouth(preview: Preview) -> Refusal | None:
    """What stands before a plan by mouth is answered as it starts: that is one person's word about one patient."""
    if not preview.regimen.is_by_mouth_only:
        return None
    return Refusal("one-by-one", f"{preview.regimen.name} is taken at home: start it by itself.")


def _named(refusal: Refusal, order: Order, position: int) -> Refusal:
    name = f"Line {order.line}" if order.line else f"Order {position}"
    return Refusal(refusal.code, f"{name}, MRN {order.patient.mrn}: {refusal.sentence}")


def _refuse_taken_mrns(by: User, people: Sequence[Patient]) -> None:
    mrns = [person.mrn for person in people]
    for model in (Patient, PreviousMrn):
        taken = model.objects.filter(site=by.site, mrn__in=mrns).values_list("mrn", flat=True).first()
        if taken is not None:
            raise Refused(Refusal("mrn-taken", f"MRN {taken} already belongs to another patient of this site."))


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
