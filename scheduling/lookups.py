"""Finding rows for a person: at their own site or not at all. Pages and API use the same."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import Http404

from her2tracker.accounts.models import User
from her2tracker.audit import acts
from her2tracker.lib.refusals import Refusal, Refused
from scheduling.models import (
    Administration,
    Chair,
    Closure,
    CycleDay,
    InfusionRun,
    Patient,
    PlanImport,
    Reaction,
    ReceivedCard,
    RegimenDraft,
    RegimenVersion,
    SecondCheck,
    TradeNumber,
    TreatmentPlan,
    VitalSigns,
)


def patient_for(by: User, uuid: UUID, *, opened: bool = False) -> Patient:
    """The patient at `by`'s site, or Http404. `opened` records that the chart was looked at."""
    patient = Patient.objects.filter(site=by.site_id, uuid=uuid).select_related("site", "merged_into").first()
    if patient is None:
        raise Http404
    if patient.merged_into is not None:
        patient = patient.merged_into
    if opened:
        acts.record("chart.opened", by=by, patient=patient, subject=patient)
    return patient


def plan_for(by: User, uuid: UUID) -> TreatmentPlan:
    """The plan with its facts, at `by`'s site, or Http404."""
    rows = TreatmentPlan.objects.with_facts().select_related(
        "continues__regimen", "continued_by__regimen", "responsible", "recorded_by"
    )
    plan = rows.at(by.site_id).filter(uuid=uuid).first()
    if plan is None:
        raise Http404
    return plan


def cycle_day_for(by: User, uuid: UUID) -> CycleDay:
    """The cycle day with its plan and doses, at `by`'s site, or Http404."""
    row = (
        CycleDay.objects.at(by.site_id)
        .select_related("plan__patient__site", "plan__regimen", "decided_by")
        .prefetch_related("administrations")
        .filter(uuid=uuid)
        .first()
    )
    if row is None:
        raise Http404
    return row


def run_for(by: User, uuid: UUID) -> InfusionRun:
    """The start on record, withdrawn or not, at `by`'s site, or Http404."""
    row = InfusionRun.objects.filter(plan__patient__site=by.site_id, uuid=uuid).select_related("recorded_by").first()
    if row is None:
        raise Http404
    return row


def reaction_for(by: User, uuid: UUID) -> Reaction:
    """The reaction at `by`'s site, or Http404."""
    row = Reaction.objects.filter(plan__patient__site=by.site_id, uuid=uuid).select_related("recorded_by").first()
    if row is None:
        raise Http404
    return row


def vitals_for(by: User, uuid: UUID) -> VitalSigns:
    """The set of vital signs at `by`'s site, or Http404."""
    row = VitalSigns.objects.filter(plan__patient__site=by.site_id, uuid=uuid).select_related("recorded_by").first()
    if row is None:
        raise Http404
    return row


def chair_for(by: User, uuid: UUID) -> Chair:
    """The chair at `by`'s site, or Http404."""
    row = Chair.objects.filter(site=by.site_id, uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def trade_number_for(by: User, uuid: UUID) -> TradeNumber:
    """The trade number of `by`'s site, or Http404."""
    row = TradeNumber.objects.filter(site=by.site_id, uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def cycle_days_for(by: User, uuids: Iterable[UUID]) -> list[CycleDay]:
    """Those of these cycle days that are at `by`'s site, each with its plan and patient."""
    rows = CycleDay.objects.at(by.site_id).select_related("plan__patient__site", "plan__regimen")
    return list(rows.filter(uuid__in=list(uuids)))


def administration_for(by: User, uuid: UUID) -> Administration:
    """One agent's administration with its cycle day and plan, at `by`'s site, or Http404."""
    row = (
        Administration.objects.filter(cycle_day__plan__patient__site=by.site_id, uuid=uuid)
        .select_related("cycle_day__plan__patient__site", "cycle_day__plan__regimen")
        .first()
    )
    if row is None:
        raise Http404
    return row


def second_check_for(by: User, uuid: UUID) -> SecondCheck:
    """The second check with its plan and patient, at `by`'s site, or Http404."""
    rows = SecondCheck.objects.select_related("plan__patient__site", "plan__regimen", "recorded_by", "ended_by")
    check = rows.filter(plan__patient__site=by.site_id, uuid=uuid).first()
    if check is None:
        raise Http404
    return check


def closure_for(by: User, uuid: UUID) -> Closure:
    """The closed span at `by`'s site, or Http404."""
    row = Closure.objects.filter(site=by.site_id, uuid=uuid).select_related("site", "recorded_by").first()
    if row is None:
        raise Http404
    return row


def plan_import_for(by: User, uuid: UUID) -> PlanImport:
    """The file of patients and plans with the report of its lines, at `by`'s site, or Http404."""
    rows = PlanImport.objects.filter(site=by.site_id, uuid=uuid).defer("text")
    row: PlanImport | None = rows.select_related("site", "recorded_by", "decided_by").first()
    if row is None:
        raise Http404
    return row


def card_for(by: User, uuid: UUID) -> ReceivedCard:
    """The handover card that came from elsewhere, at `by`'s site, or Http404."""
    rows = ReceivedCard.objects.filter(site=by.site_id, uuid=uuid)
    row = rows.select_related("site", "recorded_by", "decided_by", "patient", "plan").first()
    if row is None:
        raise Http404
    return row


def regimen_for(site_id: int, key: str, version: int | None = None) -> RegimenVersion:
    """A version that ships or that this site wrote, the newest when none is named, or Http404."""
    rows = RegimenVersion.objects.at(site_id).filter(key=key)
    row = (rows.filter(version=version) if version is not None else rows.order_by("-version")).first()
    if row is None:
        raise Http404
    return row


def draft_for(by: User, uuid: UUID) -> RegimenDraft:
    """The draft with its signatures, at `by`'s site, or Http404."""
    rows = RegimenDraft.objects.select_related("site", "recorded_by", "based_on", "published")
    draft = rows.prefetch_related("signatures__recorded_by").filter(site=by.site_id, uuid=uuid).first()
    if draft is None:
        raise Http404
    return draft


def colleague_for(by: User, email: str) -> User:
    """The person of `by`'s site with this address. Raises Refused."""
    found = User.objects.filter(site=by.site_id, email__iexact=email, is_active=True).select_related("site").first()
    if found is None:
        sentence = "Nobody at this site has this address."
        raise Refused(Refusal("unknown-person", sentence), {"to": [sentence]})
    return found
