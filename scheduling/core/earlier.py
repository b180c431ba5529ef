"""What doses given before the plan mean for it: numbering, loading and the year follow them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from scheduling.core.facts import Credit
from scheduling.core.gaps import AskClinician
from scheduling.core.regimen import Agent, DoseKind, Regimen


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a plan begins: cycle days already counted, and each agent's last date before it."""

    credited: int = 0
    last_on: dict[str, date] = field(default_factory=dict)
    decided: dict[str, DoseKind] = field(default_factory=dict)
    year_from: date | None = None
    made_up: int = 0


@dataclass(frozen=True, slots=True)
class _Counted:
    doses: int
    last_on: date | None = None
    decided: DoseKind | None = None


def opening(regimen: Regimen, start_on: date, earlier: Sequence[Credit]) -> Opening:
    """Raises AskClinician when no document relates an earlier agent to this regimen's.

    Raises ValueError for doses dated on or after the start, or as many as the whole regimen.
    """
    if not earlier or not regimen.cycle_days:
        return Opening()
    _refuse_impossible(start_on, earlier)
    _refuse_unrelated(regimen, earlier)
    agents = [regimen.agent(name) for name in regimen.agents]
    found = {agent.name: _counted(agent, earlier) for agent in agents}
    credited = max(counted.doses for counted in found.values())
    made_up = max(credit.made_up for credit in earlier)
    if not regimen.cap.open_ended and credited >= len(regimen.cycle_days) + made_up:
        raise ValueError(f"{credited} doses were already given: {regimen.name} has {regimen.cap.doses} in all")
    return Opening(
        credited,
        {name: counted.last_on for name, counted in found.items() if counted.last_on},
        {name: counted.decided for name, counted in found.items() if counted.decided},
        min((credit.first_given_on for credit in earlier if credit.first_given_on and credited), default=None),
        made_up,
    )


def _counted(agent: Agent, earlier: Sequence[Credit]) -> _Counted:
    own = [credit for credit in earlier if credit.agent == agent.name]
    continued = _continued(agent, earlier)
    doses = sum(credit.doses + credit.passed for credit in own) + max((credit.doses for credit in continued), default=0)
    if own:
        return _Counted(doses, max(credit.last_given_on for credit in own))
    if continued:
        # every one of them must be recent enough, so the longest gap decides
        return _Counted(doses, min(credit.last_given_on for credit in continued))
    answered = [credit for credit in earlier if credit.decided and not _starts_anew(agent, credit)]
    return _Counted(sum(credit.doses for credit in answered), None, answered[-1].decided if answered else None)


def _continued(agent: Agent, earlier: Sequence[Credit]) -> list[Credit]:
    """Doses of the agents this one takes over from, when all of those were given."""
    if agent.continues is None or not {credit.agent for credit in earlier}.issuperset(agent.continues.agents):
        return []
    return [credit for credit in earlier if credit.agent in agent.continues.agents]


def _starts_anew(agent: Agent, credit: Credit) -> bool:
    return agent.starts_anew_after is not None and credit.agent in agent.starts_anew_after.agents


def _refuse_unrelated(regimen: Regimen, earlier: Sequence[Credit]) -> None:
    agents = [regimen.agent(name) for name in regimen.agents]
    for credit in earlier:
        related = (
            credit.agent in regimen.agents
            or any(_starts_anew(agent, credit) for agent in agents)
            or any(credit in _continued(agent, earlier) for agent in agents)
        )
        if not related and credit.decided is None:
            raise AskClinician(agents[0].name, credit.agent)


def _refuse_impossible(start_on: date, earlier: Sequence[Credit]) -> None:
    for credit in earlier:
        if credit.doses < 1:
            raise ValueError(f"{credit.doses} earlier doses of {credit.agent}: at least 1 is needed to count")
        if credit.last_given_on >= start_on:
            raise ValueError(f"the last earlier dose of {credit.agent} must be before the start")
