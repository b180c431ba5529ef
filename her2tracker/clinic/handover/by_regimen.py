"""What a card's regimen says of its doses: by which way each goes in, what a volume holds, what is taken at home.

A card names its regimen with the digest of its definition. Where that very definition is published here, both
hospitals read the same; where it is not, nothing is said rather than guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

from her2tracker.clinic.handover.card import Card, DoseOnCard
from her2tracker.lib.bounds import plain
from scheduling.core.agent import Agent, Dose, Route
from scheduling.core.at_home import Course, Lowered, courses
from scheduling.core.regimen import DoseKind, Regimen
from scheduling.models import RegimenVersion
from scheduling.models.standing import regimen_of


def regimen_on(card: Card) -> Regimen | None:
    """The card's regimen, if its very definition is published here. One query."""
    said = card.regimen
    row = RegimenVersion.objects.filter(key=said.key, version=said.version, digest=said.digest).first()
    return regimen_of(row) if row else None


def dose_in_words(dose: DoseOnCard, regimen: Regimen | None) -> str:
    """`trastuzumab 420 mg`; of what goes under the skin, the way as well, and what a volume holds."""
    agent = regimen.agent(dose.agent) if regimen and dose.agent in regimen.agents else None
    told = [f"{dose.agent} {_amount(dose, agent)}"]
    if agent and agent.route is not Route.IV:
        told.append(agent.route.label)
    if dose.kind is not DoseKind.MAINTENANCE:
        told.append("loading" if dose.kind is DoseKind.LOADING else "loaded again")
    return ", ".join(told)


def _amount(dose: DoseOnCard, agent: Agent | None) -> str:
    if dose.mg is not None:
        return f"{plain(dose.mg)} mg"
    if dose.ml is None:
        return "no amount"
    whole = _as_ordered(agent, dose.kind) if agent else None
    holds = f"{whole.in_words()} in " if whole and whole.components and whole.ml == dose.ml else ""
    return f"{holds}{plain(dose.ml)} mL"


def _as_ordered(agent: Agent, kind: DoseKind) -> Dose:
    if kind is DoseKind.MAINTENANCE:
        return agent.maintenance
    return (agent.reload.dose if kind is DoseKind.RELOAD else None) or agent.first_dose


def at_home(card: Card, regimen: Regimen | None) -> tuple[Course, ...]:
    """What the plan has taken at home, reduced where the card says so; none where the regimen has none."""
    if regimen is None:
        return ()
    plan = card.plan
    lowered = [Lowered(one.agent, one.from_on, one.amount) for one in plan.levels if one.from_on]
    return courses(regimen, plan.started_on, ended_on=plan.ended_on, lowered=lowered)


def home_lines(card: Card, regimen: Regimen | None) -> Iterator[str]:
    """A sentence for each drug taken at home, as the plan has it: nobody records each tablet."""
    for course in at_home(card, regimen):
        steps = "; ".join(step.sentence for step in course.doses)
        span = "" if all(course.span in step.sentence for step in course.doses) else f" ({course.span})"
        begun = f", or begun stepwise: {'; '.join(step.sentence for step in course.step_up)}" if course.step_up else ""
        yield f"Taken at home: {course.agent.title}, {steps}{span}{begun}"
