"""When a plan's own drug line began and was last given, the plan before it and doses elsewhere included."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from scheduling.models import PriorTreatment, TreatmentPlan, about
from scheduling.models.about import About, Span
from scheduling.models.standing import regimen_of


class Doses(NamedTuple):
    """What of `About` a drug line is read from."""

    given: Span | None
    given_before: Span | None
    priors: Sequence[PriorTreatment]


def line_of(plan: TreatmentPlan, known: About | Doses) -> Span | None:
    """The doses of the plan's own drug line, before the plan too. When its first was recorded is known of them alone.

    A plan switched from another goes on with that one's line unless it was found to start its own.
    Another drug's earlier doses do not begin this line: the baseline of T-DM1 is the LVEF before T-DM1
    (CLINICAL.md 3.2, edge case 6).
    """
    earlier: list[Span] = []
    if known.priors:
        line, goes_on = _agents_of(plan), bool(about.carried_on([plan]))
        priors = (prior for prior in known.priors if prior.agent in line or goes_on)
        earlier = [Span(one.first_given_on or one.last_given_on, one.last_given_on, None) for one in priors]
    spans = [span for span in (known.given, known.given_before, *earlier) if span]
    return reduce(_joined, spans) if spans else None


def _joined(one: Span, earlier: Span) -> Span:
    first = min(one, earlier, key=lambda span: span.first_on)
    return Span(first.first_on, max(one.last_on, earlier.last_on), first.first_recorded_at)


def _agents_of(plan: TreatmentPlan) -> frozenset[str]:
    """The plan's agents, and those they take over from (Phesgo from intravenous trastuzumab and pertuzumab)."""
    regimen = regimen_of(plan.regimen)
    agents = [agent for phase in regimen.phases for agent in phase.agents]
    continued = (name for agent in agents if agent.continues for name in agent.continues.agents)
    return frozenset((*regimen.agents, *continued))
