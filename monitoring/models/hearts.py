"""What a plan's flags follow from, for thousands of plans at once: the same `Standing`, read by fewer columns.

Bookings, risk and open findings are left out: pages show them, and no flag follows from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from her2tracker.accounts.models import Site
from monitoring.models.assessments import LvefAssessment
from monitoring.models.heart_questions import asked_repeats, chosen_baselines, decided_repeats
from monitoring.models.lines import Doses, line_of
from monitoring.models.policies import CardiacPolicy
from monitoring.models.risk import SurveillanceInterval
from monitoring.models.standing import Standing, protocols_of
from scheduling.models import Hold, Patient, PriorTreatment, RegimenVersion, TreatmentPlan, about, at_once
from scheduling.models.lean import Lean, attach

_PLAN = Lean(
    TreatmentPlan,
    "id",
    "patient_id",
    "regimen_id",
    "setting",
    "start_on",
    "state",
    "ended_on",
    "end_reason",
    "continues_id",
    "starts_new_line",
    "responsible_id",
    "recorded_by_id",
)
_PATIENT = Lean(Patient, "id", "uuid", "site_id")
_ASSESSMENT = Lean(
    LvefAssessment,
    "id",
    "uuid",
    "patient_id",
    "performed_on",
    "modality",
    "lab",
    "lvef_low",
    "lvef_high",
    "lvef_low_open",
    "lvef_high_open",
    "gls_percent",
    "biomarker_rise",
    "symptoms",
    "invalidated_at",
)
_WRITTEN = Cast("recorded_at", TextField())  # Django reads moments one by one, at ten times the price
_HOLD = Lean(Hold, "id", "plan_id", "begun_on", "reason", "ended_on")


def plans_of(pks: Sequence[int]) -> list[TreatmentPlan]:
    """These plans with patient, site and regimen, in the order of their keys."""
    found = TreatmentPlan.objects.filter(pk__among=pks).order_by("pk")
    [rows] = at_once.read(_PLAN.of(found, "patient__uuid", "patient__site_id"))
    plans = _PLAN.built(rows)
    sites, versions = at_once.read(
        Site.objects.filter(pk__among={row[-1] for row in rows}),
        RegimenVersion.objects.filter(pk__among={plan.regimen_id for plan in plans}).defer("definition", "text"),
    )
    site_of, version_of = {one.pk: one for one in sites}, {one.pk: one for one in versions}
    for plan, (*_, uuid, site) in zip(plans, rows, strict=True):
        patient = _PATIENT.build((plan.patient_id, uuid, site))
        attach(patient, site=site_of[site])
        attach(plan, patient=patient, regimen=version_of[plan.regimen_id])
    return plans


def hearts(plans: Sequence[TreatmentPlan]) -> list[Standing]:
    """One Standing per plan, in the order given; one round trip, however many."""
    if not plans:
        return []
    lines = about.carried_on(plans)
    pks, lined = [plan.pk for plan in plans], [*(plan.pk for plan in plans), *lines.values()]
    patients, sites = [plan.patient_id for plan in plans], {plan.patient.site_id for plan in plans}
    valid = LvefAssessment.objects.valid().filter(patient__among=patients)
    assessed, chosen, decided, held, given, elsewhere, adopted, intervals = at_once.read(
        _ASSESSMENT.of(valid.order_by("performed_on", "id"), _WRITTEN),
        chosen_baselines(lined),
        decided_repeats(pks),
        _HOLD.of(Hold.objects.filter(plan__among=pks).order_by("begun_on", "id")),
        about.spans_given(lined),
        PriorTreatment.objects.filter(plan__among=pks).order_by("id"),
        CardiacPolicy.objects.filter(site__among=sites),
        SurveillanceInterval.objects.filter(plan__among=pks, ended_at=None),
    )
    assessments = about.grouped(map(_assessment, assessed), "patient_id")
    holds, priors = about.grouped(_HOLD.built(held), "plan_id"), about.grouped(elsewhere, "plan_id")
    baselines = {row.plan_id: row.assessment for row in chosen if row.assessment.invalidated_at is None}
    spans, repeats = {pk: about.Span(*span) for pk, *span in given}, asked_repeats(decided)
    policies, interval_of = {one.site_id: one for one in adopted}, {one.plan_id: one for one in intervals}
    found = []
    for plan in plans:
        pk, before = plan.pk, lines.get(plan.pk, 0)
        span = line_of(plan, Doses(spans.get(pk), spans.get(before), priors.get(pk, ())))
        found.append(
            Standing(
                plan=plan,
                policy=_policy(policies, plan),
                protocols=protocols_of(plan, policies.get(plan.patient.site_id)),
                assessments=tuple(assessments.get(plan.patient_id, ())),
                chosen_baseline=baselines.get(pk) or baselines.get(before),
                first_given_on=span.first_on if span else None,
                last_given_on=span.last_on if span else None,
                first_recorded_at=span.first_recorded_at if span else None,
                holds=tuple(holds.get(pk, ())),
                repeat_asked=repeats.get(pk),
                interval=interval_of.get(pk),
            )
        )
    return found


def _assessment(row: Sequence[Any]) -> LvefAssessment:
    made = _ASSESSMENT.build(row)
    made.recorded_at = datetime.fromisoformat(row[-1])
    return made


def _policy(policies: dict[int, CardiacPolicy], plan: TreatmentPlan) -> CardiacPolicy:
    """A site without a row of its own goes by the defaults; made once for all of its plans."""
    site = plan.patient.site
    if site.pk not in policies:
        policies[site.pk] = CardiacPolicy(site=site)
    return policies[site.pk]
