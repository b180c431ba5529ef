"""From rows to the monitoring core: a plan's results, baseline, protocols, window and judgement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, Min

from monitoring import catalog
from monitoring.core.baselines import default
from monitoring.core.ctrcd import Grading, grade
from monitoring.core.evaluation import Judgement, judge, protocols_for
from monitoring.core.follow_up import FollowUpTask, follow_up_tasks
from monitoring.core.holds import HoldState, judge_hold
from monitoring.core.intervals import Interval
from monitoring.core.protocol import Protocol
from monitoring.core.result import Dysfunction
from monitoring.core.surveillance import RepeatAsked, Window, window
from monitoring.models.assessments import BaselineChoice, LvefAssessment
from monitoring.models.flags import FlagDecision
from monitoring.models.policies import CardiacPolicy
from monitoring.models.risk import RiskAssessment, SurveillanceInterval
from monitoring.words import Decision
from scheduling.models import CycleDay, Hold, PriorTreatment, TreatmentPlan
from scheduling.models.standing import regimen_of
from scheduling.words import CeaseReason, DayState, HoldReason, PlanState

CARDIAC_HOLDS = (HoldReason.LVEF_FALL, HoldReason.CARDIAC_SYMPTOMS)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the heart's rules read about one plan. Built by `standings`, a few queries for many."""

    plan: TreatmentPlan
    policy: CardiacPolicy
    protocols: tuple[Protocol, ...]
    assessments: tuple[LvefAssessment, ...]  # valid, oldest first
    chosen_baseline: LvefAssessment | None
    first_given_on: date | None
    last_given_on: date | None
    first_recorded_at: datetime | None
    holds: tuple[Hold, ...]
    repeat_asked: RepeatAsked | None
    risk: RiskAssessment | None = None  # the latest
    interval: SurveillanceInterval | None = None  # set by a clinician and not ended

    @property
    def normal(self) -> Decimal:
        return self.policy.lower_limit_of_normal

    @property
    def latest(self) -> LvefAssessment | None:
        return self.assessments[-1] if self.assessments else None

    @property
    def baseline(self) -> LvefAssessment | None:
        """The clinician's choice, else the last valid one before this plan's first dose: never a later one."""
        if self.chosen_baseline is not None:
            return self.chosen_baseline
        return default(self.assessments, self.first_given_on, self.first_recorded_at)

    @property
    def is_handed_on(self) -> bool:
        """Whether another plan took over: from then on the heart is watched for that one."""
        return self.plan.end_reason == CeaseReason.SWITCHED

    @property
    def is_watched(self) -> bool:
        """Whether anybody here still asks for an LVEF: not of a plan handed on, nor of who died or went elsewhere."""
        gone = self.plan.end_reason in (CeaseReason.DIED, CeaseReason.TRANSFERRED)
        return not gone and not self.is_handed_on

    @property
    def open_hold(self) -> Hold | None:
        return next((hold for hold in self.holds if hold.ended_on is None), None)

    def judge(self, assessment: LvefAssessment) -> Judgement | None:
        """By every protocol of the plan's drugs; None for the baseline itself."""
        return self.judge_by(self.protocols, assessment)

    def judge_by(self, protocols: Iterable[Protocol], assessment: LvefAssessment) -> Judgement | None:
        baseline = self.baseline
        protocols = tuple(protocols)
        if not protocols or (baseline is not None and baseline.pk == assessment.pk):
            return None
        core = baseline.to_core() if baseline else None
        return judge(protocols, assessment.to_core(), core, lower_limit_of_normal=self.normal)

    def grading(self, assessment: LvefAssessment) -> Grading | None:
        """How grave a dysfunction it shows by ESC 2022, Table 3; None for the baseline and what came before it."""
        baseline = self.baseline
        if baseline is not None and (assessment.performed_on, assessment.pk) <= (baseline.performed_on, baseline.pk):
            return None
        core = baseline.to_core() if baseline else None
        return grade(catalog.protocol("esc-2022"), assessment.to_core(), core, lower_limit_of_normal=self.normal)

    @property
    def dysfunction(self) -> Dysfunction | None:
        """Of the latest result; None where it was neither found nor ruled out."""
        found = self.grading(self.latest) if self.latest else None
        return found.known if found else None

    @property
    def set_interval(self) -> Interval | None:
        """The interval in force: another plan's heart is not watched by this one's."""
        if self.interval is None or not self.is_watched:
            return None
        found = self.interval.to_core()
        return None if found.is_spent(a.performed_on for a in self.assessments) else found

    def window(self, today: date) -> Window:
        hold = self.open_hold
        return window(
            self.protocols if self.is_watched else (),
            first_given_on=self.first_given_on,
            last_given_on=self.last_given_on,
            completed_on=self.plan.ended_on if self.plan.state != PlanState.ACTIVE else None,
            results=[a.performed_on for a in self.assessments],
            baseline_on=self.baseline.performed_on if self.baseline else None,
            held_since=hold.begun_on if hold and hold.reason in CARDIAC_HOLDS else None,
            today=today,
            repeat_asked=self.repeat_asked if self.is_watched else None,
            setting=self.plan.setting or None,
            dysfunction=self.dysfunction,
            interval=self.set_interval,
        )

    def follow_up(self, today: date) -> tuple[FollowUpTask, ...]:
        """What is asked for after the last administration, answered or not; none while treatment lasts."""
        if self.plan.state == PlanState.ACTIVE or not self.is_watched:
            return ()
        return follow_up_tasks(
            self.protocols,
            first_given_on=self.first_given_on,
            last_given_on=self.last_given_on,
            completed_on=self.plan.ended_on,
            results=[a.performed_on for a in self.assessments],
            today=today,
        )

    def hold_states(self, today: date) -> tuple[HoldState, ...]:
        """The open cardiac hold's clocks, by each protocol that has any."""
        hold, cause = self.open_hold, self._cause_of_hold()
        if hold is None or cause is None or hold.reason not in CARDIAC_HOLDS:
            return ()
        cardiac = sum(h.reason in CARDIAC_HOLDS for h in self.holds)
        states = (
            judge_hold(
                protocol,
                began_on=hold.begun_on,
                because_of=cause.to_core(),
                repeats=[a.to_core() for a in self.assessments],
                baseline=self.baseline.to_core() if self.baseline else None,
                holds=cardiac,
                today=today,
                lower_limit_of_normal=self.normal,
            )
            for protocol in self.protocols
        )
        return tuple(state for state in states if state is not None)

    def _cause_of_hold(self) -> LvefAssessment | None:
        """The last assessment known when the hold began."""
        hold = self.open_hold
        known = [a for a in self.assessments if hold and a.performed_on <= hold.begun_on]
        return known[-1] if known else None


def standing_of(plan: TreatmentPlan) -> Standing:
    return standings([plan])[0]


_known: ContextVar[dict[int, Standing] | None] = ContextVar("standings read by this page", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within it each plan's heart is read once, however many ask. For pages that only look: no write is seen."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def standings(plans: Sequence[TreatmentPlan]) -> list[Standing]:
    """One Standing per plan, in the order given; the number of queries does not depend on how many."""
    known = _known.get()
    if known is None:
        return _read(plans)
    for one in _read([plan for plan in plans if plan.pk not in known]):
        known[one.plan.pk] = one
    return [known[plan.pk] for plan in plans]


def _read(plans: Sequence[TreatmentPlan]) -> list[Standing]:
    if not plans:
        return []
    pks = [plan.pk for plan in plans]
    lines = {plan.pk: plan.continues_id for plan in plans if plan.continues_id and not plan.starts_new_line}
    assessments = _grouped(
        LvefAssessment.objects.valid().filter(patient__in=[p.patient_id for p in plans]).order_by("performed_on", "id"),
        "patient_id",
    )
    holds = _grouped(
        Hold.objects.filter(plan__in=pks).select_related("recorded_by").order_by("begun_on", "id"), "plan_id"
    )
    baselines, given, repeats = _baselines([*pks, *lines.values()]), _given(plans), _repeats(pks)
    risks, intervals = _risks([p.patient_id for p in plans]), _intervals(pks)
    policies = {p.site_id: p for p in CardiacPolicy.objects.filter(site__in={p.patient.site_id for p in plans})}
    return [
        Standing(
            plan=plan,
            policy=policies.get(plan.patient.site_id) or CardiacPolicy(site=plan.patient.site),
            protocols=protocols_of(plan, policies.get(plan.patient.site_id)),
            assessments=tuple(assessments.get(plan.patient_id, ())),
            chosen_baseline=baselines.get(plan.pk) or baselines.get(lines.get(plan.pk, 0)),
            first_given_on=given[plan.pk].first_on if plan.pk in given else None,
            last_given_on=given[plan.pk].last_on if plan.pk in given else None,
            first_recorded_at=given[plan.pk].first_recorded_at if plan.pk in given else None,
            holds=tuple(holds.get(plan.pk, ())),
            repeat_asked=repeats.get(plan.pk),
            risk=risks.get(plan.patient_id),
            interval=intervals.get(plan.pk),
        )
        for plan in plans
    ]


def protocols_of(plan: TreatmentPlan, policy: CardiacPolicy | None) -> tuple[Protocol, ...]:
    """The protocols that judge this plan's drugs at its site; the choice is kept per process."""
    adopted = policy.adopted_guidelines if policy else None
    key = (
        regimen_of(plan.regimen).agents,
        plan.patient.site.jurisdiction,
        plan.setting,
        tuple(adopted) if adopted is not None else None,
    )
    if key not in _chosen:
        _chosen[key] = protocols_for(catalog.protocols().values(), key[0], key[1], key[2], adopted=key[3])
    return _chosen[key]


_chosen: dict[tuple[tuple[str, ...], str, str, tuple[str, ...] | None], tuple[Protocol, ...]] = {}


def _baselines(pks: list[int]) -> dict[int, LvefAssessment]:
    """The latest choice per plan; one that was declared not valid since does not count."""
    rows = (
        BaselineChoice.objects.filter(plan__in=pks)
        .select_related("assessment")
        .order_by("plan_id", "-recorded_at", "-id")
        .distinct("plan_id")
    )
    return {row.plan_id: row.assessment for row in rows if row.assessment.invalidated_at is None}


def _risks(patients: list[int]) -> dict[int, RiskAssessment]:
    """The latest of each patient."""
    rows = RiskAssessment.objects.filter(patient__in=patients).order_by("patient_id", "-recorded_at", "-id")
    return {row.patient_id: row for row in rows.distinct("patient_id")}


def _intervals(pks: list[int]) -> dict[int, SurveillanceInterval]:
    rows = SurveillanceInterval.objects.filter(plan__in=pks, ended_at=None).select_related("recorded_by")
    return {row.plan_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Span:
    """First and last dose of a drug line. When the first was recorded is known of this plan's own alone."""

    first_on: date
    last_on: date
    first_recorded_at: datetime | None = None

    def joined(self, earlier: _Span) -> _Span:
        first = min(self, earlier, key=lambda span: span.first_on)
        return _Span(first.first_on, max(self.last_on, earlier.last_on), first.first_recorded_at)


def _given(plans: Sequence[TreatmentPlan]) -> dict[int, _Span]:
    """The doses of each plan's own drug line, before the plan too.

    A plan switched from another goes on with that one's line unless it was found to start its own.
    Another drug's earlier doses do not begin this line: the baseline of T-DM1 is the LVEF before T-DM1
    (CLINICAL.md 3.2, edge case 6).
    """
    carried_on = {plan.pk: plan.continues_id for plan in plans if plan.continues_id and not plan.starts_new_line}
    pks = [*(plan.pk for plan in plans), *carried_on.values()]
    days = CycleDay.objects.filter(plan__in=pks, state=DayState.GIVEN).values("plan_id")
    spans = days.annotate(first=Min("done_on"), last=Max("done_on"), at=Min("decided_at"))
    found = {pk: _Span(first, last, at) for pk, first, last, at in spans.values_list("plan_id", "first", "last", "at")}
    lines = {plan.pk: _line_of(plan) for plan in plans}
    for pk, old in carried_on.items():
        if old in found:
            found[pk] = found[pk].joined(found[old]) if pk in found else found[old]
    for prior in PriorTreatment.objects.filter(plan__in=lines):
        if prior.agent in lines[prior.plan_id] or prior.plan_id in carried_on:
            span = _Span(prior.first_given_on or prior.last_given_on, prior.last_given_on)
            found[prior.plan_id] = found[prior.plan_id].joined(span) if prior.plan_id in found else span
    return found


def _line_of(plan: TreatmentPlan) -> frozenset[str]:
    """The plan's agents, and those they take over from (Phesgo from intravenous trastuzumab and pertuzumab)."""
    regimen = regimen_of(plan.regimen)
    agents = [agent for phase in regimen.phases for agent in phase.agents]
    continued = (name for agent in agents if agent.continues for name in agent.continues.agents)
    return frozenset((*regimen.agents, *continued))


def _repeats(pks: list[int]) -> dict[int, RepeatAsked]:
    """The latest decision per plan, when it asks for a repeat by a date."""
    rows = (
        FlagDecision.objects.filter(flag__plan__in=pks)
        .select_related("flag__patient__site")
        .order_by("flag__plan_id", "-recorded_at", "-id")
        .distinct("flag__plan_id")
    )
    return {
        row.flag.plan_id: RepeatAsked(row.flag.patient.site.today(row.recorded_at), row.repeat_by)
        for row in rows
        if row.repeat_by and row.decision in (Decision.REPEAT, Decision.HOLD)
    }


def _grouped(rows: Iterable[object], key: str) -> dict[int, list]:  # type: ignore[type-arg]
    found: dict[int, list] = {}  # type: ignore[type-arg]
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
