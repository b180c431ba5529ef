"""From rows to the monitoring core: a plan's results, baseline, protocols, window and judgement."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from monitoring import catalog
from monitoring.catalog.policies import echo_policy
from monitoring.core import narrowing
from monitoring.core.baselines import default
from monitoring.core.ctrcd import Grading, grade
from monitoring.core.evaluation import Judgement, judge, protocols_for
from monitoring.core.follow_up import FollowUpTask, follow_up_tasks
from monitoring.core.intervals import Interval
from monitoring.core.protocol import Protocol
from monitoring.core.result import Assessment, Dysfunction
from monitoring.core.stewardship import TooEarly, too_early
from monitoring.core.surveillance import RepeatAsked, Window, window
from monitoring.models.assessments import LvefAssessment
from monitoring.models.flags import CardiacFlag, EchoBooking
from monitoring.models.heart_questions import QUESTIONS, asked_repeats
from monitoring.models.lines import line_of
from monitoring.models.policies import CardiacPolicy
from monitoring.models.remembered import Remembered
from monitoring.models.risk import RiskAssessment, SurveillanceInterval
from scheduling.models import Hold, TreatmentPlan, about, at_once
from scheduling.models.standing import regimen_of
from scheduling.words import CeaseReason, HoldReason, PlanState

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
    # What waits, or waited, for a decision; decided and resolved flags say that a result was seen.
    findings: tuple[CardiacFlag, ...] = ()
    bookings: tuple[EchoBooking, ...] = ()  # not cancelled, the soonest first
    # Kept once computed: the rows they follow from are this object's own.
    _windows: dict[date, Window] = field(default_factory=dict, init=False, compare=False, repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

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
        if "baseline" not in self._kept:
            self._kept["baseline"] = default(self.assessments, self.first_given_on, self.first_recorded_at)
        return cast("LvefAssessment | None", self._kept["baseline"])

    @property
    def lacks_baseline(self) -> bool:
        """Treated, with results since the first dose and none before it that falls could be counted from."""
        return self.plan.state == PlanState.ACTIVE and self.baseline is None and bool(self.since_baseline)

    @property
    def since_baseline(self) -> tuple[LvefAssessment, ...]:
        """The results after the baseline; without one, those from the first dose on."""
        if "since" not in self._kept:
            self._kept["since"] = self._since_baseline()
        return cast("tuple[LvefAssessment, ...]", self._kept["since"])

    def _since_baseline(self) -> tuple[LvefAssessment, ...]:
        baseline, began = self.baseline, self.first_given_on
        if baseline is None:
            return tuple(a for a in self.assessments if began is not None and a.performed_on >= began)
        on, key = baseline.performed_on, baseline.id
        return tuple([a for a in self.assessments if a.performed_on > on or (a.performed_on == on and a.id > key)])

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

    def may_flag(self, assessment: LvefAssessment) -> bool:
        """Whether any rule could want a decision about it: much sooner said than judged, and never no in vain."""
        if "rules" not in self._kept:
            self._kept["rules"] = _narrowing_of(self.protocols)
        rules = self._kept["rules"]
        return _may_flag.of(
            (id(rules), *self._figures(assessment)),
            lambda: rules.may_flag(assessment.to_core(), self._core_baseline, self.normal),
        )

    def judge_by(self, protocols: Iterable[Protocol], assessment: LvefAssessment) -> Judgement | None:
        baseline = self.baseline
        protocols = tuple(protocols)
        if not protocols or (baseline is not None and baseline.pk == assessment.pk):
            return None
        return _judged.of(
            (_versions(protocols), *self._figures(assessment)),
            lambda: judge(protocols, assessment.to_core(), self._core_baseline, lower_limit_of_normal=self.normal),
        )

    @property
    def _core_baseline(self) -> Assessment | None:
        return self.baseline.to_core() if self.baseline else None

    def _figures(self, assessment: LvefAssessment) -> tuple[Hashable, ...]:
        """All that a judgement or a grade of it follows from beside the rules: on no day does it depend."""
        if "compared" not in self._kept:
            baseline = self.baseline
            self._kept["compared"] = baseline.figures if baseline else None, self.normal
        return (assessment.figures, *self._kept["compared"])

    def grading(self, assessment: LvefAssessment) -> Grading | None:
        """How grave a dysfunction it shows by ESC 2022, Table 3; None for the baseline and what came before it."""
        return self._grade(assessment) if self._is_graded(assessment) else None

    def _is_graded(self, assessment: LvefAssessment) -> bool:
        baseline = self.baseline
        return baseline is None or (assessment.performed_on, assessment.pk) > (baseline.performed_on, baseline.pk)

    def _grade(self, assessment: LvefAssessment) -> Grading:
        protocol, core = catalog.protocol("esc-2022"), self._core_baseline
        return grade(protocol, assessment.to_core(), core, lower_limit_of_normal=self.normal)

    @property
    def dysfunction(self) -> Dysfunction | None:
        """Of the latest result; None where it was neither found nor ruled out."""
        if "dysfunction" not in self._kept:
            self._kept["dysfunction"] = self._dysfunction(self.latest) if self.latest else None
        return cast("Dysfunction | None", self._kept["dysfunction"])

    def _dysfunction(self, latest: LvefAssessment) -> Dysfunction | None:
        if self._is_graded(latest):
            return _graded.of(self._figures(latest), lambda: self._grade(latest).known)
        return None

    @property
    def set_interval(self) -> Interval | None:
        """The interval in force: another plan's heart is not watched by this one's."""
        if self.interval is None or not self.is_watched:
            return None
        found = self.interval.to_core()
        return None if found.is_spent(a.performed_on for a in self.assessments) else found

    def window(self, today: date) -> Window:
        """What is asked for on `today`, and why."""
        if today not in self._windows:
            self._windows[today] = self._window(today)
        return self._windows[today]

    def _window(self, today: date) -> Window:
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

    def next_change(self, today: date) -> date | None:
        """The first day after `today` on which its flags could change though no fact does; None: never."""
        hold = self.open_hold
        is_held = hold is not None and hold.reason in CARDIAC_HOLDS
        ended_on = self.plan.ended_on if self.plan.state != PlanState.ACTIVE else None
        dated = (self.first_given_on, self.last_given_on, ended_on, *(a.performed_on for a in self.assessments))
        return narrowing.next_change(self.window(today), dated, is_held=is_held, today=today)

    def too_early(self, asked_for: date, today: date) -> TooEarly | None:
        """Why an echo on that day is probably too early; None when anything speaks for it."""
        latest, judgement = self.latest, self.judge(self.latest) if self.latest else None
        return too_early(
            echo_policy(),
            asked_for=asked_for,
            last=latest.to_core() if latest else None,
            baseline=self.baseline.to_core() if self.baseline else None,
            window=self.window(today),
            needs_decision=judgement is not None and judgement.advice.needs_decision,
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


def standing_of(plan: TreatmentPlan) -> Standing:
    return standings([plan])[0]


_known: ContextVar[dict[int, Standing] | None] = ContextVar("standings read by this page", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within it each plan's heart is read once, however many ask. For pages that only look: no write is seen."""
    token = _known.set({})
    try:
        with about.read_once():
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
    known, lines = about.about(plans), about.carried_on(plans)
    pks, sites = [plan.pk for plan in plans], {plan.patient.site_id for plan in plans}
    patients = [plan.patient_id for plan in plans]
    keys = (patients, [*pks, *lines.values()], pks, pks, pks, sites, patients, pks)
    assessed, chosen, decided, flagged, booked, adopted, risks, intervals = at_once.read(
        *(question.of(key) for question, key in zip(QUESTIONS, keys, strict=True))
    )
    risk_of, interval_of = {one.patient_id: one for one in risks}, {one.plan_id: one for one in intervals}
    adopted_by = {one.site_id: one for one in adopted}
    unadopted = {plan.patient.site_id: plan.patient.site for plan in plans if plan.patient.site_id not in adopted_by}
    policies = adopted_by | {pk: CardiacPolicy(site=site) for pk, site in unadopted.items()}
    assessments = about.grouped(assessed, "patient_id")
    baselines = {row.plan_id: row.assessment for row in chosen if row.assessment.invalidated_at is None}
    flags, bookings, repeats = (
        about.grouped(flagged, "plan_id"),
        about.grouped(booked, "plan_id"),
        asked_repeats(decided),
    )
    given = {plan.pk: line_of(plan, known[plan.pk]) for plan in plans}
    return [
        Standing(
            plan=plan,
            policy=policies[plan.patient.site_id],
            protocols=protocols_of(plan, adopted_by.get(plan.patient.site_id)),
            assessments=tuple(assessments.get(plan.patient_id, ())),
            chosen_baseline=baselines.get(plan.pk) or baselines.get(lines.get(plan.pk, 0)),
            first_given_on=span.first_on if (span := given[plan.pk]) else None,
            last_given_on=span.last_on if span else None,
            first_recorded_at=span.first_recorded_at if span else None,
            holds=known[plan.pk].holds,
            repeat_asked=repeats.get(plan.pk),
            risk=risk_of.get(plan.patient_id),
            interval=interval_of.get(plan.pk),
            findings=tuple(flags.get(plan.pk, ())),
            bookings=tuple(bookings.get(plan.pk, ())),
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


def _narrowing_of(protocols: tuple[Protocol, ...]) -> narrowing.ResultNarrowing:
    """Kept per process: a published version never changes."""
    key = _versions(protocols)
    if key not in _narrowed:
        _narrowed[key] = narrowing.results(protocols)
    return _narrowed[key]


def _versions(protocols: tuple[Protocol, ...]) -> tuple[tuple[str, int], ...]:
    return tuple([(one.id, one.version) for one in protocols])


_narrowed: dict[tuple[tuple[str, int], ...], narrowing.ResultNarrowing] = {}
_may_flag: Remembered[bool] = Remembered(50_000)
_judged: Remembered[Judgement] = Remembered(2_000)  # some kilobytes each
_graded: Remembered[Dysfunction | None] = Remembered(20_000)
_chosen: dict[tuple[tuple[str, ...], str, str, tuple[str, ...] | None], tuple[Protocol, ...]] = {}
