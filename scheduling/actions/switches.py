"""From one plan to another in one act: the old one ends, the new one starts, and doses count by the sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from her2tracker.accounts.access import require
from her2tracker.accounts.models import User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.lib.refusals import Refusal, Refused, refuse
from scheduling import catalog, clearance
from scheduling.actions import plans
from scheduling.actions.locks import lock
from scheduling.actions.plans import After, Preview, Prior
from scheduling.actions.starting import refuse_unorderable
from scheduling.core import lifecycle, switching
from scheduling.core.facts import Credit, Given
from scheduling.core.regimen import DoseKind
from scheduling.core.switching import Verdict
from scheduling.models import BodyMeasurement, CycleDay, RegimenVersion, TreatmentPlan
from scheduling.models.library import standings_at
from scheduling.models.standing import facts_of, regimen_of
from scheduling.words import CeaseReason, PlanState, Setting, SwitchReason


@dataclass(frozen=True, slots=True)
class To:
    """What to switch to. `decided_kind` and `doses_count` are a clinician's answers where no document says."""

    regimen: RegimenVersion
    start_on: date
    setting: Setting | str = ""
    weight: BodyMeasurement | None = None
    decided_kind: DoseKind | str = ""
    doses_count: bool | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """What switching would do. Nothing is saved. Without `new` there is still a question, or a refusal."""

    verdict: Verdict
    asks_count: bool
    asks_kind: bool
    dropped: tuple[CycleDay, ...]
    prior: tuple[Prior, ...] = ()
    new: Preview | None = None

    @property
    def unanswered(self) -> str:
        """The first question nobody answered yet, in words."""
        if self.new is not None:
            return ""
        return self.verdict.reason if self.asks_count else self.verdict.questions[0].sentence


def preview(*, by: User, plan: TreatmentPlan, to: To) -> Switch:
    """The old plan's remaining dates and the new plan's. Raises Refused when the switch may not be."""
    require(by, Permission.START_PLANS)
    require(by, Permission.HOLD_PLANS)
    old, new, facts = regimen_of(plan.regimen), regimen_of(to.regimen), facts_of(plan)
    last_on = max((fact.on for fact in facts if isinstance(fact, Given)), default=None)
    refuse(
        lifecycle.refuse_switch(
            PlanState(plan.state), old, new, stopped_by=_stopped_by(plan, by), start_on=to.start_on,
            today=by.site.today(), last_on=last_on,
        )
    )  # fmt: skip
    refuse(refuse_unorderable(plan.patient.site, to.regimen, standings_at(plan.patient.site)))
    verdict = switching.judge(old, new, facts, catalog.switching_rules())
    counts = to.doses_count if verdict.counts_unknown else True
    asks_kind = bool(counts) and switching.asks_kind(new, verdict)
    dropped = tuple(plan.cycle_days.planned())
    if counts is None or (asks_kind and not to.decided_kind):
        return Switch(verdict, verdict.counts_unknown, asks_kind, dropped)
    prior = _prior(verdict, to, asks_kind) if counts else ()
    shown = plans.preview(
        by=by, patient=plan.patient, regimen=to.regimen, start_on=to.start_on, setting=to.setting, weight=to.weight,
        prior=prior, after=_after(plan, verdict, SwitchReason.OTHER),
    )  # fmt: skip
    return Switch(verdict, verdict.counts_unknown, asks_kind, dropped, prior, shown)


def make(
    *, by: User, plan: TreatmentPlan, to: To, reason: SwitchReason, note: str = "", revision: int | None = None
) -> TreatmentPlan:
    """End `plan` and start the new one as previewed; returns the new one."""
    with act("plan.switched", by=by, patient=plan.patient, subject=plan, reason=note or reason.label) as entry:
        lock(plan, expected_revision=revision)
        plan = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
        found = preview(by=by, plan=plan, to=to)
        if found.new is None:
            raise Refused(Refusal("ask-clinician", found.unanswered))
        plans.end(plan, CeaseReason.SWITCHED, by.site.today())
        started = plans.start(
            by=by, patient=plan.patient, regimen=to.regimen, start_on=to.start_on, setting=to.setting,
            weight=to.weight, prior=found.prior, after=_after(plan, found.verdict, reason),
        )  # fmt: skip
        entry.details = {
            "from": _named(plan.regimen), "to": _named(to.regimen), "outcome": found.verdict.outcome.value,
            "reason": reason.value, "decided_kind": str(to.decided_kind), "doses_count": to.doses_count,
        }  # fmt: skip
    return started


def _after(plan: TreatmentPlan, verdict: Verdict, reason: SwitchReason) -> After:
    return After(plan, reason, verdict.new_baseline, verdict.cap)


def _stopped_by(plan: TreatmentPlan, by: User) -> str:
    """What nobody decided yet would be lost from sight with the plan it stands against."""
    row = plan.cycle_days.planned().first() or CycleDay(plan=plan, cycle=0, day=0)
    row.plan = plan
    found = clearance.objections([row], on=by.site.today())[row.pk]
    open_ones = (one for one in found if one.stops_treatment and not one.gate.is_of_one_day)
    return next((one.sentence for one in open_ones), "")


def _prior(verdict: Verdict, to: To, asks_kind: bool) -> tuple[Prior, ...]:
    """A drug that has one dose only is not asked about, and goes on with it."""
    kind = DoseKind(to.decided_kind) if asks_kind else DoseKind.MAINTENANCE
    return tuple(_as_prior(one) for one in verdict.answered(kind))


def _as_prior(credit: Credit) -> Prior:
    return Prior(
        credit.agent,
        credit.doses,
        credit.last_given_on,
        credit.first_given_on,
        decided_kind=credit.decided.value if credit.decided else "",
    )


def _named(version: RegimenVersion) -> str:
    return f"{version.key} v{version.version}"


def alternatives(plan: TreatmentPlan, versions: Sequence[RegimenVersion]) -> list[RegimenVersion]:
    """What the plan can be switched to: every other regimen that has infusions."""
    return [one for one in versions if one.key != plan.regimen.key and regimen_of(one).cycle_days]
