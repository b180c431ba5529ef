"""A regimen chosen for a patient: previewed, started, and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import clearance
from scheduling.actions import rows, runs
from scheduling.actions.cycles import Change
from scheduling.actions.locks import lock, touch
from scheduling.actions.starting import After as After
from scheduling.actions.starting import Known, Order, refusals_of, refuse_unprepared
from scheduling.actions.starting import Prior as Prior
from scheduling.actions.starting import refuse_prior as refuse_prior
from scheduling.core.comparison import ENDS, ended
from scheduling.core.dosing import Calculation
from scheduling.core.expansion import Entry, EntryState
from scheduling.core.gaps import AskClinician
from scheduling.core.policy import CapPolicy
from scheduling.core.projection import Projection, project
from scheduling.core.regimen import Regimen
from scheduling.models import (
    BodyMeasurement,
    ClosureMove,
    CycleDay,
    Patient,
    PriorTreatment,
    RegimenVersion,
    SitePolicy,
    TreatmentPlan,
)
from scheduling.models.standing import policy_of, projection_of, regimen_of
from scheduling.objection import Objection
from scheduling.words import CeaseReason, PlanState, Setting


@dataclass(frozen=True, slots=True)
class Preview:
    """What starting would do. Nothing is saved."""

    plan: TreatmentPlan
    regimen: Regimen
    projection: Projection
    ordering: rows.Ordering
    refusals: tuple[Refusal, ...]


def preview(
    *,
    by: User,
    patient: Patient,
    regimen: RegimenVersion,
    start_on: date,
    setting: Setting | str = "",
    prior: Sequence[Prior] = (),
    weight: BodyMeasurement | None = None,
    after: After | None = None,
) -> Preview:
    """Every date and dose of the plan as it would be. Raises Refused when it cannot be drawn at all."""
    order = Order(patient, regimen, start_on, setting, prior, weight, after)
    return decide(by, order, Known.of([patient]))


def decide(by: User, order: Order, known: Known) -> Preview:
    """What `order` would start, and why it may not: the one place that knows, for one plan and for many."""
    require(by, Permission.START_PLANS)
    core = regimen_of(order.regimen)
    plan = _build(by, order, core, known)
    if after := order.after:
        plan.continues, plan.switch_reason = after.plan, after.reason
        plan.starts_new_line, plan.cap = after.new_line, after.cap
        plan.responsible_id = after.plan.responsible_id_or_starter
    projection = _project(core, plan, order.prior, by.site.today())
    return Preview(plan, core, projection, rows.Ordering.of(plan), refusals_of(plan, core, order.prior, known))


def objections_to(shown: Preview, *, by: User, prior: Sequence[Prior] = ()) -> list[Objection]:
    """What would stand against the first infusion. Asked of rows taken back at once, so it is what Today will say."""
    require(by, Permission.START_PLANS)
    plan = shown.plan
    with transaction.atomic():
        plan.save(force_insert=True)
        PriorTreatment.objects.bulk_create(prior_rows(plan, prior, by))
        found = _against(shown)
        transaction.set_rollback(True)
    plan.pk, plan._state.adding = None, True
    return found


def _against(shown: Preview) -> list[Objection]:
    """What stands against the first cycle day of a saved plan, or against one by mouth as a whole."""
    first = next(((entry.cycle, entry.day) for entry in shown.projection.entries), (0, 0))
    row = CycleDay(plan=shown.plan, cycle=first[0], day=first[1])
    return clearance.objections([row], on=shown.plan.start_on)[row.pk]


def start(
    *,
    by: User,
    patient: Patient,
    regimen: RegimenVersion,
    start_on: date,
    setting: Setting | str = "",
    prior: Sequence[Prior] = (),
    weight: BodyMeasurement | None = None,
    after: After | None = None,
    in_spite_of: str = "",
) -> TreatmentPlan:
    """Save the plan as previewed: its facts, and the rows that follow from them.

    `in_spite_of` says why a plan by mouth starts although a precondition is not met.
    """
    require(by, Permission.START_PLANS)
    with act("plan.started", by=by, patient=patient, reason=in_spite_of.strip()) as entry:
        patient = (
            Patient.objects.select_for_update(of=("self",)).select_related("site__scheduling_policy").get(pk=patient.pk)
        )
        shown = preview(
            by=by, patient=patient, regimen=regimen, start_on=start_on, setting=setting, prior=prior, weight=weight,
            after=after,
        )  # fmt: skip
        for refusal in shown.refusals:
            refuse(refusal)
        plan = shown.plan
        plan.save(force_insert=True)
        PriorTreatment.objects.bulk_create(prior_rows(plan, prior, by))
        against = _against(shown) if shown.regimen.is_by_mouth_only else []
        refuse(refuse_unprepared(shown.regimen, against, in_spite_of))
        rows.insert(plan, shown.projection)
        entry.subject = plan
        entry.details = told(plan)
        if against:
            entry.details["in_spite_of"] = [objection.key for objection in against if objection.stops_treatment]
    return plan


def told(plan: TreatmentPlan) -> dict[str, Any]:
    """What the act log keeps of a start."""
    return {"regimen": plan.regimen.key, "version": plan.regimen.version, "start_on": str(plan.start_on)}


def preview_cease(*, by: User, plan: TreatmentPlan) -> Change:
    """What would no longer be given if the plan ended now. Nothing is saved."""
    require(by, Permission.HOLD_PLANS)
    _refuse_ended(plan)
    before = projection_of(plan, today=by.site.today())
    return Change(before, ended(before), gone=ENDS)


def cease(
    *, by: User, plan: TreatmentPlan, reason: CeaseReason, note: str = "", revision: int | None = None
) -> TreatmentPlan:
    """Stop for good. What was given stays; what was planned goes."""
    require(by, Permission.HOLD_PLANS)
    with act("plan.ceased", by=by, patient=plan.patient, subject=plan, reason=note or reason.label) as entry:
        plan = lock(plan, expected_revision=revision)
        _refuse_ended(plan)
        if reason is CeaseReason.SWITCHED:
            sentence = "Switch the plan: that ends it and starts the other one in one act."
            raise Refused(Refusal("switch-instead", sentence))
        entry.details = {"reason": reason.value, "rows_dropped": end(plan, reason, by.site.today())}
    return plan


def _refuse_ended(plan: TreatmentPlan) -> None:
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("not-active", f"This plan is {plan.state} already."))


def end(plan: TreatmentPlan, reason: CeaseReason, on: date) -> int:
    """Write the end of a locked plan; returns how many planned rows went. Raises Refused while something runs."""
    refuse(runs.refuse_begun_plan(plan, "ended"))
    plan.state, plan.ended_on, plan.end_reason = PlanState.CEASED, on, reason
    plan.save(update_fields=["state", "ended_on", "end_reason"])
    dropped, _ = plan.cycle_days.planned().delete()
    touch(plan)
    return dropped


def oncologists_at(site: Site) -> list[User]:
    """Who may answer for a plan here, by name."""
    people = User.objects.filter(site=site, is_active=True)
    return [person for person in people if person.may(Permission.START_PLANS)]


def assign(*, by: User, plan: TreatmentPlan, to: User, reason: str = "", revision: int | None = None) -> TreatmentPlan:
    """Another oncologist answers for the plan: her mails and digest from now on."""
    require(by, Permission.ADJUST_PLANS)
    with act("plan.assigned", by=by, patient=plan.patient, subject=plan, reason=reason) as entry:
        plan = lock(plan, expected_revision=revision)
        if to.pk not in {person.pk for person in oncologists_at(by.site)}:
            sentence = "Choose an oncologist of this site."
            raise Refused(Refusal("not-an-oncologist", sentence), {"to": [sentence]})
        if to.pk == plan.responsible_id_or_starter:
            raise Refused(Refusal("responsible-already", f"{to} is the responsible oncologist already."))
        entry.details = {"from": str(plan.responsible_oncologist), "to": str(to)}
        plan.responsible = to
        plan.save(update_fields=["responsible"])
        ClosureMove.objects.pass_on(plan, to)
        touch(plan)
    return plan


@dataclass(frozen=True, slots=True)
class DoseChange:
    """One dose of the plan that is still to be given, with the weight now and with the new one."""

    entry: Entry
    before: Calculation
    after: Calculation

    @property
    def changes(self) -> bool:
        return self.before.planned_mg != self.after.planned_mg


def preview_recalculate(*, by: User, plan: TreatmentPlan, weight: BodyMeasurement) -> tuple[DoseChange, ...]:
    """Each different dose that is still planned, old and new milligrams side by side. Nothing is saved."""
    require(by, Permission.RECORD_MEASUREMENTS)
    _refuse_weight(plan, weight)
    planned = [e for e in projection_of(plan, today=by.site.today()).entries if e.state is EntryState.PLANNED]
    different = {(entry.agent, entry.kind, entry.dose): entry for entry in reversed(planned)}
    now = rows.Ordering.of(plan)
    then = replace(now, weight_kg=weight.weight_kg)
    entries = sorted(different.values(), key=lambda entry: (entry.on, entry.agent))
    return tuple(DoseChange(entry, now.calculate(entry), then.calculate(entry)) for entry in entries)


def recalculate(
    *, by: User, plan: TreatmentPlan, weight: BodyMeasurement, revision: int | None = None
) -> TreatmentPlan:
    """Calculate the planned doses from another weight; what was given stays as it was given."""
    require(by, Permission.RECORD_MEASUREMENTS)
    with act("plan.dose-recalculated", by=by, patient=plan.patient, subject=plan) as entry:
        plan = lock(plan, expected_revision=revision)
        _refuse_weight(plan, weight)
        entry.details = {"from_kg": str(plan.dosing_weight_kg or ""), "to_kg": str(weight.weight_kg)}
        plan.dosing_weight_kg, plan.dosing_weight_on = weight.weight_kg, weight.measured_on
        plan.save(update_fields=["dosing_weight_kg", "dosing_weight_on"])
        rows.reproject(plan, today=by.site.today())
        touch(plan)
    return plan


def _refuse_weight(plan: TreatmentPlan, weight: BodyMeasurement) -> None:
    if weight.patient_id != plan.patient_id or weight.weight_kg is None:
        raise Refused(Refusal("not-a-weight", "Choose a weight of this patient."))
    if plan.state != PlanState.ACTIVE:
        raise Refused(Refusal("not-active", f"This plan is {plan.state}: no dose is left to calculate."))


def latest_weight(patient: Patient) -> BodyMeasurement | None:
    return patient.measurements.filter(weight_kg__isnull=False).first()


def _build(by: User, order: Order, core: Regimen, known: Known) -> TreatmentPlan:
    kg, weighed_on = known.weights.get(order.patient.pk, (None, None))
    if order.weight:
        kg, weighed_on = order.weight.weight_kg, order.weight.measured_on
    return TreatmentPlan(
        patient=order.patient,
        regimen=order.regimen,
        setting=order.setting or _only_setting(core),
        start_on=order.start_on,
        dosing_weight_kg=kg,
        dosing_weight_on=weighed_on,
        recorded_by=by,
        **_policy_fields(order.patient.site, core),
    )


def _policy_fields(site: Site, core: Regimen) -> dict[str, Any]:
    """The site's choices, copied. Weeks end nothing that no source gives a year."""
    chosen = SitePolicy.of(site)
    cap = CapPolicy(chosen.cap)
    return {
        "reload_with_pertuzumab": chosen.reload_with_pertuzumab,
        "anchor": chosen.anchor,
        "cap": CapPolicy.REGIMEN if cap is CapPolicy.WEEKS and core.one_year is None else cap,
        "minimum_gap_days": chosen.minimum_gap_days,
    }


def _only_setting(core: Regimen) -> str:
    """The regimen's setting when it has one; where there are two, the cardiac rules depend on the answer."""
    if len(core.settings) == 1:
        return core.settings[0]
    sentence = f"Say whether this is {' or '.join(core.settings)} treatment: the cardiac rules depend on it."
    raise Refused(Refusal("setting-missing", sentence), {"setting": [sentence]})


def _project(core: Regimen, plan: TreatmentPlan, prior: Sequence[Prior], today: date) -> Projection:
    try:
        return project(core, plan.start_on, [p.credit() for p in prior], today=today, policy=policy_of(plan))
    except AskClinician as question:
        raise Refused(Refusal("ask-clinician", question.sentence), {"prior": [question.sentence]}) from question
    except ValueError as error:
        raise Refused(Refusal("nothing-left", f"{error}."), {"prior": [str(error)]}) from error


def prior_rows(plan: TreatmentPlan, prior: Sequence[Prior], by: User) -> list[PriorTreatment]:
    return [
        PriorTreatment(
            plan=plan,
            agent=p.agent,
            doses=p.doses,
            last_given_on=p.last_given_on,
            first_given_on=p.first_given_on,
            place=p.place,
            decided_kind=p.decided_kind,
            passed=p.passed,
            made_up=p.made_up,
            recorded_by=by,
        )
        for p in prior
    ]
