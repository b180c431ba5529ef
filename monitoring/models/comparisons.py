"""From one result's row to what every rule set says about it."""

from __future__ import annotations

from monitoring import catalog
from monitoring.core.comparison import Comparison, compare, rule_sets
from monitoring.core.protocol import Kind
from monitoring.models.assessments import LvefAssessment
from monitoring.models.standing import Standing
from scheduling.models.standing import regimen_of


def compared(standing: Standing, assessment: LvefAssessment) -> Comparison | None:
    """By every rule set that could judge the plan's agents, then by the labels of other agents.

    None for the baseline itself, and for a result that does not count.
    """
    baseline = standing.baseline
    if assessment.invalidated_at or (baseline is not None and baseline.pk == assessment.pk):
        return None
    plan = standing.plan
    applying = {protocol.id for protocol in standing.protocols}
    every = sorted(catalog.protocols().values(), key=lambda one: one.version)
    fitting = rule_sets(every, regimen_of(plan.regimen).agents, plan.setting)
    known = {one.id for one in fitting}
    foreign = {one.id: one for one in every if one.id not in known and one.kind is Kind.LABEL}
    return compare(
        sorted((*fitting, *foreign.values()), key=lambda one: one.id not in applying),
        assessment.to_core(),
        baseline.to_core() if baseline else None,
        lower_limit_of_normal=standing.normal,
        applying=applying,
    )
