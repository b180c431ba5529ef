"""From a recorded infusion's rows to how long the patient is watched after it."""

from __future__ import annotations

from collections.abc import Iterator

from scheduling.core.chairside import Watch, WentIn, observation_asked, watch
from scheduling.models.cycles import CycleDay
from scheduling.models.standing import regimen_of
from scheduling.words import DayState


def watch_of(row: CycleDay) -> Watch | None:
    """The observation after what was given, as the regimen's labels ask; None where they give no time. No queries
    when the administrations were fetched along."""
    if row.state != DayState.GIVEN or row.done_on is None:
        return None
    return watch(_went_in(row), row.done_on)


def _went_in(row: CycleDay) -> Iterator[WentIn]:
    regimen, jurisdiction = regimen_of(row.plan.regimen), row.plan.patient.site.jurisdiction
    for dose in row.administrations.all():
        if dose.given_on is None:
            continue
        agent = regimen.agent(dose.agent, row.phase)
        asked = observation_asked(
            agent, minutes=dose.minutes, observe_minutes=dose.observe_minutes, jurisdiction=jurisdiction
        )
        if asked:
            yield WentIn(agent.title, dose.started_at, dose.stopped_at, asked)
