"""The echoes that a plan's cardiac protocols will ask for, shown before it is started."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitoring.core.expected import Expected
from monitoring.core.protocol import Protocol
from monitoring.core.surveillance import Occasion
from monitoring.models import CardiacPolicy, LvefAssessment
from monitoring.models.foretold import until_the_end
from monitoring.models.standing import protocols_of
from scheduling.actions.plans import Preview
from scheduling.models import Patient


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
    echoes = until_the_end(protocols, plan.start_on, projection, results)
    return EchoPreview(baseline, echoes, protocols, plan.start_on)


def baseline_before(patient: Patient, day: date) -> LvefAssessment | None:
    return patient.assessments.valid().filter(performed_on__lte=day).last()
