"""The echoes a plan will still ask for when nothing else happens, by its results so far and its projection."""

from __future__ import annotations

from datetime import date
from typing import Any

from monitoring.core.expected import Expected, expected
from monitoring.core.protocol import Protocol
from monitoring.core.surveillance import Occasion
from monitoring.models.standing import Standing
from scheduling.core.projection import Projection
from scheduling.words import PlanState


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
    return until_the_end(standing.protocols, start_on, projection, results, **patient)


def until_the_end(
    protocols: tuple[Protocol, ...], start_on: date, projection: Projection, results: list[date], **patient: Any
) -> tuple[Expected, ...]:
    """Where there is no end, nothing completes the plan or follows it: echoes reach as far as its dates."""
    last_on = projection.last_on or max((entry.on for entry in projection.entries), default=start_on)
    echoes = expected(protocols, start_on=start_on, last_on=last_on, results=results, **patient)
    if projection.last_on is not None:
        return echoes
    return tuple(echo for echo in echoes if echo.occasion not in (Occasion.COMPLETION, Occasion.FOLLOW_UP))
