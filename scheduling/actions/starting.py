"""Why a plan may not be started as it stands, and the earlier doses it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from her2tracker.accounts.models import Site
from her2tracker.lib.refusals import Refusal
from scheduling.core import governance
from scheduling.core.facts import Credit
from scheduling.core.regimen import DoseKind, Regimen
from scheduling.models import RegimenSignOff, RegimenVersion, TreatmentPlan
from scheduling.models.library import standing_at


@dataclass(frozen=True, slots=True)
class Prior:
    """Doses of one agent given before this plan, here or elsewhere."""

    agent: str
    doses: int
    last_given_on: date
    first_given_on: date | None = None
    place: str = ""
    decided_kind: str = ""

    def credit(self) -> Credit:
        decided = DoseKind(self.decided_kind) if self.decided_kind else None
        return Credit(self.agent, self.doses, self.last_given_on, self.first_given_on, decided)


def refusals_of(plan: TreatmentPlan, core: Regimen, prior: Sequence[Prior]) -> tuple[Refusal, ...]:
    """Why this plan may not be started as it stands; all of them, so that all can be mended at once."""
    found = [
        refuse_unorderable(plan.patient.site, plan.regimen),
        _refuse_setting(plan, core),
        _refuse_unsigned(plan, core),
        _refuse_second_active(plan),
        refuse_prior(plan, prior),
        _refuse_dates(plan),
    ]
    return tuple(refusal for refusal in found if refusal)


def refuse_without_infusions(core: Regimen) -> Refusal | None:
    if core.cycle_days:
        return None
    return Refusal("no-infusions", f"{core.name} has no infusions to plan. It is in the library for its figures.")


def refuse_unorderable(site: Site, version: RegimenVersion) -> Refusal | None:
    """A version that was superseded or retired here, or that another site wrote. Plans that run on it go on."""
    if version.site_id not in (None, site.pk):
        return Refusal("another-sites-regimen", f"{version} belongs to another site. Choose one of {site}.")
    return governance.refuse_order(version.name, version.version, standing_at(site, version))


def _refuse_setting(plan: TreatmentPlan, core: Regimen) -> Refusal | None:
    if plan.setting in core.settings:
        return None
    return Refusal("wrong-setting", f"{core.name} is for the {' or '.join(core.settings)} setting.")


def _refuse_unsigned(plan: TreatmentPlan, core: Regimen) -> Refusal | None:
    if (
        core.confidence.is_verified
        or RegimenSignOff.objects.filter(site=plan.patient.site, regimen=plan.regimen).exists()
    ):
        return None
    return Refusal(
        "unverified-regimen",
        f"{core.name} has {len(core.unverified)} unverified figures. An oncologist must sign them off on the "
        "regimen's page before it can be ordered.",
    )


def _refuse_second_active(plan: TreatmentPlan) -> Refusal | None:
    others = TreatmentPlan.objects.active().filter(patient=plan.patient)
    if not others.exclude(pk=plan.continues_id or 0).exists():
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
