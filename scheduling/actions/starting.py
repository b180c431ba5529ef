"""Why a plan may not be started as it stands, and the earlier doses it is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings

from her2tracker.accounts.models import Site
from her2tracker.lib.refusals import Refusal
from scheduling.core import governance
from scheduling.core.facts import Credit
from scheduling.core.governance import Standing
from scheduling.core.policy import CapPolicy
from scheduling.core.regimen import DoseKind, Regimen
from scheduling.models import BodyMeasurement, Patient, RegimenSignOff, RegimenVersion, TreatmentPlan, at_once
from scheduling.models.about import latest_weights
from scheduling.models.library import standings_at
from scheduling.objection import Objection
from scheduling.words import Setting, SwitchReason


@dataclass(frozen=True, slots=True)
class Prior:
    """Doses of one agent given before this plan, here or elsewhere."""

    agent: str
    doses: int
    last_given_on: date
    first_given_on: date | None = None
    place: str = ""
    decided_kind: str = ""
    passed: int = 0
    made_up: int = 0

    def credit(self) -> Credit:
        decided = DoseKind(self.decided_kind) if self.decided_kind else None
        return Credit(
            self.agent, self.doses, self.last_given_on, self.first_given_on, decided, self.passed, self.made_up
        )


@dataclass(frozen=True, slots=True)
class After:
    """The plan that the new one is switched from, and what that means for it."""

    plan: TreatmentPlan
    reason: SwitchReason
    new_line: bool = False
    cap: CapPolicy = CapPolicy.REGIMEN


@dataclass(frozen=True, slots=True)
class Order:
    """What an oncologist asks for. Without a `weight` doses go by the patient's latest. `line`: of a file, if any."""

    patient: Patient
    regimen: RegimenVersion
    start_on: date
    setting: Setting | str = ""
    prior: Sequence[Prior] = ()
    weight: BodyMeasurement | None = None
    after: After | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What stands in the database about the patients of orders; read at once however many there are."""

    weights: dict[int, tuple[Decimal, date]]  # the latest of each patient, in kg
    active: dict[int, set[int]]  # by patient, the plans they have
    signed_off: set[tuple[int, int]]  # sites with the regimen versions they signed off
    libraries: dict[int, dict[int, Standing]]  # by site, how each version it can see stands there

    @classmethod
    def of(cls, patients: Iterable[Patient]) -> Known:
        """One round trip, or three inside an act, and the library of each site."""
        keys, sites = [], {}
        for patient in patients:
            keys.append(patient.pk)
            sites[patient.site_id] = patient.site
        weights, active, signed = at_once.read(
            latest_weights(keys),
            TreatmentPlan.objects.active().filter(patient__in=keys).order_by().values_list("patient_id", "pk"),
            RegimenSignOff.objects.filter(site__in=sites).order_by().values_list("site_id", "regimen_id"),
        )
        libraries = {pk: standings_at(site) for pk, site in sites.items()}
        found = cls({patient: (kg, on) for patient, kg, on in weights}, {}, set(signed), libraries)
        for patient_pk, plan in active:
            found.active.setdefault(patient_pk, set()).add(plan)
        return found


def refusals_of(plan: TreatmentPlan, core: Regimen, prior: Sequence[Prior], known: Known) -> tuple[Refusal, ...]:
    """Why this plan may not be started as it stands; all of them, so that all can be mended at once."""
    found = [
        refuse_unorderable(plan.patient.site, plan.regimen, known.libraries[plan.patient.site_id]),
        _refuse_setting(plan, core),
        _refuse_unsigned(plan, core, known),
        _refuse_second_active(plan, known),
        refuse_prior(plan, prior),
        _refuse_dates(plan),
    ]
    return tuple(refusal for refusal in found if refusal)


def refuse_unprepared(core: Regimen, found: Sequence[Objection], in_spite_of: str) -> Refusal | None:
    """What stands before a plan by mouth is decided as it starts: no infusion comes at which it could wait."""
    standing = [objection for objection in found if objection.stops_treatment]
    if not core.is_by_mouth_only or not standing or in_spite_of.strip():
        return None
    said = " ".join(f"{objection.sentence.rstrip('.')}." for objection in standing)
    return Refusal("not-prepared", f"{said} Say why it starts in spite of that, or see to it first.")


def refuse_unorderable(site: Site, version: RegimenVersion, library: Mapping[int, Standing]) -> Refusal | None:
    """A version that was superseded or retired here, or that another site wrote. Plans that run on it go on."""
    if version.site_id not in (None, site.pk):
        return Refusal("another-sites-regimen", f"{version} belongs to another site. Choose one of {site}.")
    return governance.refuse_order(version.name, version.version, library[version.pk])


def _refuse_setting(plan: TreatmentPlan, core: Regimen) -> Refusal | None:
    if plan.setting in core.settings:
        return None
    return Refusal("wrong-setting", f"{core.name} is for the {' or '.join(core.settings)} setting.")


def _refuse_unsigned(plan: TreatmentPlan, core: Regimen, known: Known) -> Refusal | None:
    if core.confidence.is_verified or (plan.patient.site_id, plan.regimen_id) in known.signed_off:
        return None
    return Refusal(
        "unverified-regimen",
        f"{core.name} has {len(core.unverified)} unverified figures. An oncologist must sign them off on the "
        "regimen's page before it can be ordered.",
    )


def _refuse_second_active(plan: TreatmentPlan, known: Known) -> Refusal | None:
    if not known.active.get(plan.patient_id, set()) - {plan.continues_id}:
        return None
    return Refusal("already-treated", "This patient has an active plan. Cease it before starting another.")


def refuse_prior(plan: TreatmentPlan, prior: Sequence[Prior]) -> Refusal | None:
    """Earlier doses that cannot have been, by their dates."""
    late = [p for p in prior if p.last_given_on >= plan.start_on]
    if late:
        return Refusal("prior-after-start", "Earlier doses must lie before the start of this plan.")
    if any(p.first_given_on and p.first_given_on > p.last_given_on for p in prior):
        return Refusal("prior-out-of-order", "The first earlier dose cannot lie after the last one.")
    if any((p.first_given_on or p.last_given_on) < plan.patient.born_on for p in prior):
        return Refusal("prior-before-birth", "Earlier doses cannot lie before the patient was born.")
    return None


def _refuse_dates(plan: TreatmentPlan) -> Refusal | None:
    if plan.start_on < plan.patient.born_on:
        return Refusal("before-birth", "The plan cannot start before the patient was born.")
    distance = abs((plan.start_on - plan.patient.site.today()).days)
    if distance > settings.PLAN_START_WITHIN_DAYS:
        return Refusal("far-away", "The start lies more than two years away. Check the year.")
    return None
