"""The echoes of a plan beside its infusions: those done, and those its cardiac protocols will ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from monitoring.core.expected import Expected, expected
from monitoring.core.protocol import Protocol
from monitoring.core.surveillance import Occasion
from monitoring.models import CardiacPolicy, LvefAssessment
from monitoring.models.standing import Standing, protocols_of
from scheduling.actions.plans import Preview
from scheduling.core.projection import Projection
from scheduling.models import Patient
from scheduling.words import PlanState


@dataclass(frozen=True, slots=True)
class EchoPreview:
    """`baseline` is the last result before the start; without one it is the first thing to ask for."""

    baseline: LvefAssessment | None
    echoes: tuple[Expected, ...]
    protocols: tuple[Protocol, ...]
    start_on: date

    @property
    def on_treatment(self) -> tuple[Expected, ...]:
        return self._of(Occasion.ON_TREATMENT)

    @property
    def completion(self) -> tuple[Expected, ...]:
        return self._of(Occasion.COMPLETION)

    @property
    def follow_up(self) -> tuple[Expected, ...]:
        return self._of(Occasion.FOLLOW_UP)

    def _of(self, occasion: Occasion) -> tuple[Expected, ...]:
        return tuple(echo for echo in self.echoes if echo.occasion is occasion)


def preview_echoes(preview: Preview) -> EchoPreview:
    """Before a plan is started: from the last valid result on or before its start."""
    plan, projection = preview.plan, preview.projection
    policy = CardiacPolicy.objects.filter(site=plan.patient.site).first()
    protocols = protocols_of(plan, policy)
    baseline = baseline_before(plan.patient, plan.start_on)
    results = [baseline.performed_on] if baseline else []
    echoes = _expected(protocols, plan.start_on, projection, results)
    return EchoPreview(baseline, echoes, protocols, plan.start_on)


def baseline_before(patient: Patient, day: date) -> LvefAssessment | None:
    return patient.assessments.valid().filter(performed_on__lte=day).last()


def echoes_to_come(standing: Standing, projection: Projection) -> tuple[Expected, ...]:
    """What a running plan will still ask for, from its results so far, until its end and after it."""
    plan = standing.plan
    if plan.state != PlanState.ACTIVE or not projection.entries:
        return ()
    results = [assessment.performed_on for assessment in standing.assessments]
    start_on = standing.first_given_on or plan.start_on
    patient = {
        "setting": plan.setting or None,
        "dysfunction": standing.dysfunction,
        "interval": standing.set_interval,
    }
    return _expected(standing.protocols, start_on, projection, results, **patient)


def _expected(
    protocols: tuple[Protocol, ...], start_on: date, projection: Projection, results: list[date], **patient: Any
) -> tuple[Expected, ...]:
    """Where there is no end, nothing completes the plan or follows it: echoes reach as far as its dates."""
    last_on = projection.last_on or max((entry.on for entry in projection.entries), default=start_on)
    echoes = expected(protocols, start_on=start_on, last_on=last_on, results=results, **patient)
    if projection.last_on is not None:
        return echoes
    return tuple(echo for echo in echoes if echo.occasion not in (Occasion.COMPLETION, Occasion.FOLLOW_UP))
