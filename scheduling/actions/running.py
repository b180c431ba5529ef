"""An infusion that runs: started, stopped, or its start withdrawn. What has run is recorded with its own times.

The start passes the same gates as a record. Once all agents of the day have stopped, the day is recorded as given.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog
from scheduling.actions import administrations, cycles, rows
from scheduling.actions.checked_doses import refuse_other_doses
from scheduling.actions.doses import Dose, check_given, faulty
from scheduling.actions.locks import open_day, refuse_changed, touch
from scheduling.core import products, running
from scheduling.models import CycleDay, InfusionRun, SitePolicy, TreatmentPlan
from scheduling.models.running import dose_of, runs_of
from scheduling.words import DifferenceReason


def start(
    *,
    by: User,
    cycle_day: CycleDay,
    agent: str,
    started_at: time,
    product: str,
    lot: str = "",
    expires_on: date | None = None,
    rate_ml_per_h: Decimal | None = None,
    why: str = "",
    revision: int | None = None,
) -> InfusionRun:
    """Put on record that `agent` runs since `started_at` of today. Raises Refused at a gate that is not passed.

    `why` is asked for where the agent is not the next of the regimen, or one before it is still observed.
    """
    require(by, Permission.RECORD_ADMINISTRATIONS)
    patient = cycle_day.plan.patient
    with act("infusion.started", by=by, patient=patient, subject=cycle_day, reason=why.strip()) as entry:
        today = by.site.today()
        plan, row = open_day(cycle_day)
        refuse(cycles.refuse_decided(row))
        refuse_changed(plan, revision)
        refuse(administrations.refusal(by=by, cycle_day=row, given_on=today))
        administrations.refuse_objections(row, today)
        begun = runs_of(row)
        at = datetime.combine(today, started_at)
        order = [dose.agent for dose in row.administrations.all()]
        refuse(
            running.refuse_start(
                agent=agent, agents=order, runs=[run.of(row) for run in begun], at=at, now=now_at(by), why=why
            )
        )
        name = _product(agent, product, expires_on, today)
        if not row.begun_at:
            refuse(refuse_other_doses(row, administrations.due_on(row, today, today=today), today))
            _begin(row, plan, today)
        planned = dose_of(row, agent)
        assert planned is not None  # noqa: S101 - it is among the day's agents
        made = InfusionRun.objects.create(
            plan=plan, cycle=row.cycle, day=row.day, agent=agent, started_on=today, started_at=started_at,
            minutes=planned.minutes, planned_mg=planned.planned_mg, planned_ml=planned.planned_ml, product=name,
            lot=lot, expires_on=expires_on, rate_ml_per_h=rate_ml_per_h, why=why.strip(), recorded_by=by,
        )  # fmt: skip
        touch(plan)
        entry.details = {"cycle": row.cycle, "agent": agent, "at": f"{started_at:%H:%M}", "product": name, "lot": lot}
    return made


def stop(
    *,
    by: User,
    run: InfusionRun,
    stopped_at: time,
    mg: Decimal | None = None,
    ml: Decimal | None = None,
    difference_reason: DifferenceReason | str = "",
    note: str = "",
) -> InfusionRun:
    """Put the end on record with what went in, by default all that was planned. Raises Refused.

    A difference beyond the site's limit needs its reason. Whatever was decided about the plan meanwhile, what went in
    is recorded. The last agent of the day to stop records the day as given.
    """
    require(by, Permission.RECORD_ADMINISTRATIONS)
    row = day_of(run)
    with act("infusion.stopped", by=by, patient=row.plan.patient, subject=row, reason=note) as entry:
        plan, row, run = _open(run)
        at = datetime.combine(run.started_on, stopped_at)
        refuse(running.refuse_stop(run.of(row), is_withdrawn=run.is_withdrawn, at=at, now=now_at(by)))
        dose = _dose(run, stopped_at, mg, ml, difference_reason, note)
        planned = dose_of(row, run.agent)
        assert planned is not None  # noqa: S101 - a row that has begun keeps its doses
        in_ml = run.planned_mg is None and run.planned_ml is not None
        check_given(dose, planned, in_ml=in_ml, on=run.started_on, policy=SitePolicy.of(plan.patient.site))
        administrations.refuse_over_ceiling(row, plan, dose)
        run.stopped_at, run.stopped_by = stopped_at, by
        run.given_mg, run.given_ml = dose.mg, dose.ml
        run.difference_reason, run.note = str(difference_reason or ""), note
        run.save()
        touch(plan)
        given = f"{plain(dose.mg)} mg" if dose.mg is not None else f"{plain(dose.ml or Decimal(0))} mL"
        entry.details = {"cycle": row.cycle, "agent": run.agent, "at": f"{stopped_at:%H:%M}", "given": given}
        entry.details |= {"why": str(difference_reason or "")}
        if {one.agent for one in runs_of(row) if one.stopped_at} == {dose.agent for dose in row.administrations.all()}:
            administrations.record(by=by, cycle_day=row, given_on=run.started_on, doses=[])
    return run


def withdraw(*, by: User, run: InfusionRun, reason: str) -> None:
    """Take back a start that was a mistake: nothing of it went in. Raises Refused."""
    require(by, Permission.RECORD_ADMINISTRATIONS)
    row = day_of(run)
    with act("infusion.start-withdrawn", by=by, patient=row.plan.patient, subject=row, reason=reason) as entry:
        plan, row, run = _open(run)
        refuse(running.refuse_withdrawal(run.of(row), is_withdrawn=run.is_withdrawn, reason=reason))
        run.withdrawn_at, run.withdrawn_by, run.withdrawn_why = timezone.now(), by, reason.strip()
        run.save()
        if not runs_of(row):
            row.begun_at = None
            row.save(update_fields=["begun_at"])
            rows.reproject(plan, today=by.site.today())
        touch(plan)
        entry.details = {"cycle": row.cycle, "agent": run.agent, "at": f"{run.started_at:%H:%M}"}


def day_of(run: InfusionRun) -> CycleDay:
    """Its cycle day with plan and doses. Raises Refused when the plan no longer has it."""
    found = (
        CycleDay.objects.filter(plan=run.plan_id, cycle=run.cycle, day=run.day)
        .select_related("plan__patient__site", "plan__regimen")
        .prefetch_related("administrations")
        .first()
    )
    if found is None:
        raise Refused(Refusal("gone", "This cycle day is no longer in the plan."))
    return found


def now_at(by: User) -> datetime:
    """The site's wall clock."""
    return timezone.localtime(timezone.now(), by.site.zone).replace(tzinfo=None)


def _open(run: InfusionRun) -> tuple[TreatmentPlan, CycleDay, InfusionRun]:
    """The plan held, its row, and the run as it is now: whoever writes it holds the plan."""
    plan, row = open_day(day_of(run))
    fresh = InfusionRun.objects.get(pk=run.pk)
    if not fresh.is_withdrawn and not fresh.stopped_at:
        refuse(cycles.refuse_decided(row))
    return plan, row, fresh


def _begin(row: CycleDay, plan: TreatmentPlan, today: date) -> None:
    """From now on the row keeps the doses that are due today: what hangs is not calculated again."""
    due = {one.agent: one for one in administrations.due_on(row, today, today=today)}
    ordering = rows.Ordering.of(plan)
    for dose in row.administrations.all():
        for name, value in ordering.dose_values(due[dose.agent].entry).items():
            setattr(dose, name, value)
        dose.save()
    row.begun_at = timezone.now()
    row.save(update_fields=["begun_at"])


def _product(agent: str, product: str, expires_on: date | None, today: date) -> str:
    if refusal := products.refuse_product(catalog.products(), agent, product):
        raise Refused(refusal, {"product": [refusal.sentence]})
    if expires_on and expires_on < today:
        sentence = "This product has expired. Check the expiry date; do not give it."
        raise Refused(Refusal("faulty-dose", sentence), {"expires_on": [sentence]})
    return products.named(catalog.products(), agent, product)


def _dose(
    run: InfusionRun,
    stopped_at: time,
    mg: Decimal | None,
    ml: Decimal | None,
    reason: DifferenceReason | str,
    note: str,
) -> Dose:
    in_ml = run.planned_mg is None and run.planned_ml is not None
    if (mg if in_ml else ml) is not None:
        raise faulty(run.agent, f"{run.agent} is measured in {'mL' if in_ml else 'mg'}.")
    if mg is None and ml is None:
        mg, ml = (None, run.planned_ml) if in_ml else (run.planned_mg, None)
    return Dose(
        run.agent, mg=mg, ml=ml, product=run.product, lot=run.lot, expires_on=run.expires_on,
        started_at=run.started_at, stopped_at=stopped_at, difference_reason=reason, note=note,
    )  # fmt: skip
