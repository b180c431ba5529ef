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
from monitoring.core.protocol import Protocol
from monitoring.models.assessments import LvefAssessment
from monitoring.models.heart_questions import asked_repeats, chosen_baselines, decided_repeats
from monitoring.models.lines import Doses, line_of
from monitoring.models.policies import CardiacPolicy
from monitoring.models.risk import SurveillanceInterval
from monitoring.models.standing import Standing, protocols_of
from scheduling.models import Hold, Patient, PriorTreatment, RegimenVersion, TreatmentPlan, about, at_once
from scheduling.models.lean import Lean, attach
from scheduling.models.prepared import MANY, Prepared

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


# Compiled once per process, as a check of a hundred plans costs little else.
_PLANS = Prepared[Any](
    lambda pks: _PLAN.of(
        TreatmentPlan.objects.filter(pk__among=pks).order_by("pk"), "patient__uuid", "patient__site_id"
    ),
    MANY,
)
_SITES = Prepared[Any](lambda pks: Site.objects.filter(pk__among=pks), MANY)
_VERSIONS = Prepared[Any](lambda pks: RegimenVersion.objects.filter(pk__among=pks).defer("definition", "text"), MANY)
_QUESTIONS: tuple[Prepared[Any], ...] = tuple(
    Prepared(question, MANY)
    for question in (
        lambda patients: _ASSESSMENT.of(
            LvefAssessment.objects.valid().filter(patient__among=patients).order_by("performed_on", "id"), _WRITTEN
        ),
        chosen_baselines,
        decided_repeats,
        lambda plans: _HOLD.of(Hold.objects.filter(plan__among=plans).order_by("begun_on", "id")),
        about.spans_given,
        lambda plans: PriorTreatment.objects.filter(plan__among=plans).order_by("id"),
        lambda sites: CardiacPolicy.objects.filter(site__among=sites),
        lambda plans: SurveillanceInterval.objects.filter(plan__among=plans, ended_at=None),
    )
)


def plans_of(pks: Sequence[int]) -> list[TreatmentPlan]:
    """These plans with patient, site and regimen, in the order of their keys."""
    [rows] = at_once.read(_PLANS.of(pks))
    plans = _PLAN.built(rows)
    patients = _PATIENT.built((row[1], *row[-2:]) for row in rows)
    sites, versions = at_once.read(_SITES.of({row[-1] for row in rows}), _VERSIONS.of({row[2] for row in rows}))
    site_of, version_of = {one.pk: one for one in sites}, {one.pk: one for one in versions}
    for plan, patient, row in zip(plans, patients, rows, strict=True):
        attach(patient, site=site_of[row[-1]])
        attach(plan, patient=patient, regimen=version_of[row[2]])
    return plans


def hearts(plans: Sequence[TreatmentPlan]) -> list[Standing]:
    """One Standing per plan, in the order given; one round trip, however many."""
    if not plans:
        return []
    lines = about.carried_on(plans)
    pks, lined = [plan.pk for plan in plans], [*(plan.pk for plan in plans), *lines.values()]
    patients, sites = [plan.patient_id for plan in plans], {plan.patient.site_id for plan in plans}
    keys = (patients, lined, pks, pks, lined, pks, sites, pks)
    assessed, chosen, decided, held, given, elsewhere, adopted, intervals = at_once.read(
        *(question.of(key) for question, key in zip(_QUESTIONS, keys, strict=True))
    )
    assessments = _by_patient(assessed)
    holds, priors = about.grouped(_HOLD.built(held), "plan_id"), about.grouped(elsewhere, "plan_id")
    baselines = {row.plan_id: row.assessment for row in chosen if row.assessment.invalidated_at is None}
    spans, repeats = {pk: about.Span(*span) for pk, *span in given}, asked_repeats(decided)
    policies, interval_of = {one.site_id: one for one in adopted}, {one.plan_id: one for one in intervals}
    found, ruled = [], _Ruled(policies)
    for pk, plan in zip(pks, plans, strict=True):
        before = lines.get(pk, 0)
        span = line_of(plan, Doses(spans.get(pk), spans.get(before), priors.get(pk, ())))
        policy, protocols = ruled.of(plan)
        found.append(
            Standing(
                plan=plan,
                policy=policy,
                protocols=protocols,
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


def _by_patient(rows: Sequence[Sequence[Any]]) -> dict[int, list[LvefAssessment]]:
    """The results of each, in the order of `rows`."""
    found: dict[int, list[LvefAssessment]] = {}
    place = _ASSESSMENT.columns.index("patient_id")
    for made, row in zip(_ASSESSMENT.built(rows), rows, strict=True):
        made.__dict__["recorded_at"] = datetime.fromisoformat(row[-1])
        found.setdefault(row[place], []).append(made)
    return found


class _Ruled:
    """By what a plan is judged: equal for plans of one site, regimen and setting, and looked up once for them."""

    def __init__(self, adopted: dict[int, CardiacPolicy]) -> None:
        self._adopted = adopted
        self._made: dict[int, CardiacPolicy] = {}
        self._found: dict[tuple[int, int, str], tuple[CardiacPolicy, tuple[Protocol, ...]]] = {}

    def of(self, plan: TreatmentPlan) -> tuple[CardiacPolicy, tuple[Protocol, ...]]:
        site = plan.patient.site
        key = (site.id, plan.regimen_id, plan.setting)
        if key not in self._found:
            adopted = self._adopted.get(site.id)
            # a site without a row of its own goes by the defaults; made once for all of its plans
            policy = adopted or self._made.setdefault(site.id, CardiacPolicy(site=site))
            self._found[key] = policy, protocols_of(plan, adopted)
        return self._found[key]
