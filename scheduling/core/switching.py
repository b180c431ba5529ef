"""From one plan to another: which doses count, which count starts anew, and what a clinician must be asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import days_between
from her2tracker.lib.sources import Citation
from scheduling.core.facts import Credit, Fact, Given
from scheduling.core.policy import CapPolicy
from scheduling.core.regimen import Agent, DoseKind, Regimen


class Outcome(StrEnum):
    """What becomes of the doses of the ended plan."""

    CONTINUES = "continues"
    RESTARTS = "restarts"
    COMPLETES = "completes-the-year"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SameStrategy:
    """Agents whose doses count towards one another's number."""

    agents: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class CompletesTheYear:
    """When one of `after` ends early, `agents` go on to the end of the year."""

    after: tuple[str, ...]
    agents: tuple[str, ...]
    weeks: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class Rules:
    same_strategy: tuple[SameStrategy, ...]
    completes: tuple[CompletesTheYear, ...]
    no_rule: Citation
    """Where it is said that no document tells how one form's first dose follows another's."""


@dataclass(frozen=True, slots=True)
class FirstDoseQuestion:
    """Is the first dose of `agent` after `after` loading or maintenance? No document says."""

    agent: str
    after: str
    citation: Citation

    @property
    def sentence(self) -> str:
        return f"No document says how {self.agent} starts after {self.after}: loading or maintenance dose?"


@dataclass(frozen=True, slots=True)
class Count:
    """One way of counting how far treatment has come: `done` of `of`."""

    name: str
    done: int
    of: int
    citation: Citation

    @property
    def left(self) -> int:
        return max(0, self.of - self.done)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`credits` go with the new plan, `not_counted` are told beside it; `cap` is how the new plan should end.

    While there are `questions`, and `counts_unknown`, `answered` gives the credits a clinician decided on.
    """

    outcome: Outcome
    reason: str
    citation: Citation
    credits: tuple[Credit, ...]
    not_counted: tuple[Credit, ...]
    questions: tuple[FirstDoseQuestion, ...]
    counts: tuple[Count, ...]
    new_baseline: bool
    cap: CapPolicy = CapPolicy.REGIMEN

    @property
    def counts_unknown(self) -> bool:
        """Whether doses given count at all is for the clinician to say."""
        return self.outcome is Outcome.UNKNOWN

    def answered(self, kind: DoseKind) -> tuple[Credit, ...]:
        """The credits, with the clinician's answer for agents that nothing else relates."""
        asked = {question.after for question in self.questions}
        return tuple(replace(one, decided=kind) if one.agent in asked else one for one in self.credits)


def asks_kind(to_regimen: Regimen, verdict: Verdict) -> bool:
    """Whether the answer loading or maintenance makes a difference: a drug with one dose has nothing to ask."""
    asked = [to_regimen.agent(question.agent) for question in verdict.questions]
    return any(agent.loading or agent.reload.dose for agent in asked)


def credits_from(facts: Iterable[Fact]) -> tuple[Credit, ...]:
    """Everything given up to the end of a plan, its own credits included, as credits for the next.

    Where the first of earlier doses has no date, the last of them stands in: the year began then at the latest.
    """
    doses: dict[str, int] = {}
    first: dict[str, date] = {}
    last: dict[str, date] = {}
    for fact in facts:
        if isinstance(fact, Given):
            number, began, ended = 1, fact.on, fact.on
        elif isinstance(fact, Credit):
            number, began, ended = fact.doses, fact.first_given_on or fact.last_given_on, fact.last_given_on
        else:
            continue
        doses[fact.agent] = doses.get(fact.agent, 0) + number
        first[fact.agent] = min(began, first.get(fact.agent, began))
        last[fact.agent] = max(ended, last.get(fact.agent, ended))
    return tuple(Credit(agent, number, last[agent], first[agent]) for agent, number in doses.items())


def judge(from_regimen: Regimen, to_regimen: Regimen, facts: Iterable[Fact], rules: Rules) -> Verdict:
    """What the ended plan's doses mean for a plan of `to_regimen`.

    Raises ValueError when nothing was given: then there is nothing to switch, only a plan to start.
    """
    earlier = credits_from(facts)
    if not earlier:
        raise ValueError(f"nothing was given of {from_regimen.name}: end it and start the other plan")
    agents = [to_regimen.agent(name) for name in to_regimen.agents]
    ended = [one for one in earlier if one.agent in from_regimen.agents]
    if anew := _starts_anew(agents, ended or earlier):
        return _restart(to_regimen, earlier, ended or earlier, anew)
    if completes := _completes(from_regimen, to_regimen, ended, rules):
        return _completion(from_regimen, to_regimen, earlier, ended, completes, rules)
    return _continuation(to_regimen, agents, earlier, rules)


def _starts_anew(agents: Sequence[Agent], ended: Sequence[Credit]) -> Citation | None:
    for agent in agents:
        anew = agent.starts_anew_after
        if anew is not None and {one.agent for one in ended} <= set(anew.agents):
            return anew.citation
    return None


def _restart(to_regimen: Regimen, earlier: tuple[Credit, ...], ended: Sequence[Credit], citation: Citation) -> Verdict:
    given = max(one.doses for one in ended)
    reason = f"A new line of treatment: the {given} doses given do not count, and it takes its own baseline."
    counts = _doses_of(to_regimen, 0)
    return Verdict(Outcome.RESTARTS, reason, citation, earlier, earlier, (), counts, new_baseline=True)


def _completes(
    from_regimen: Regimen, to_regimen: Regimen, ended: Sequence[Credit], rules: Rules
) -> CompletesTheYear | None:
    for rule in rules.completes:
        if any(one.agent in rule.after for one in ended) and set(to_regimen.agents) <= set(rule.agents):
            return rule if "adjuvant" in from_regimen.settings else None
    return None


def _completion(
    from_regimen: Regimen,
    to_regimen: Regimen,
    earlier: tuple[Credit, ...],
    ended: Sequence[Credit],
    rule: CompletesTheYear,
    rules: Rules,
) -> Verdict:
    """The calendar leads, from the first dose of any of them; both counts are shown."""
    stopped = max(ended, key=lambda one: one.doses)
    began = min(one.first_given_on or one.last_given_on for one in earlier)
    weeks = days_between(began, stopped.last_given_on) // 7
    counts = (*_doses_of(from_regimen, stopped.doses), Count("weeks of treatment", weeks, rule.weeks, rule.citation))
    return Verdict(
        Outcome.COMPLETES,
        f"{stopped.agent} ended after {stopped.doses} doses: the year is completed, counted from its first dose.",
        rule.citation,
        (replace(stopped, first_given_on=began),),
        tuple(one for one in earlier if one.agent != stopped.agent),
        tuple(FirstDoseQuestion(name, stopped.agent, rules.no_rule) for name in to_regimen.agents),
        counts,
        new_baseline=True,
        cap=CapPolicy.WEEKS if to_regimen.one_year else CapPolicy.REGIMEN,
    )


def _continuation(to_regimen: Regimen, agents: Sequence[Agent], earlier: tuple[Credit, ...], rules: Rules) -> Verdict:
    """The same agents, or those one takes over from, or the same strategy in another form."""
    counted = [one for one in earlier if _is_related(one, agents, earlier)]
    if counted:
        return _carried_on(to_regimen, earlier, tuple(counted), (), rules)
    # of several agents given side by side one is counted, or each day would count twice
    longest = max(earlier, key=lambda one: one.doses)
    questions = tuple(FirstDoseQuestion(agent.name, longest.agent, rules.no_rule) for agent in agents)
    return _carried_on(to_regimen, earlier, (longest,), questions, rules)


def _carried_on(
    to_regimen: Regimen,
    earlier: tuple[Credit, ...],
    counted: tuple[Credit, ...],
    questions: tuple[FirstDoseQuestion, ...],
    rules: Rules,
) -> Verdict:
    doses = max(one.doses for one in counted)
    strategy = _strategy(to_regimen, counted, rules)
    known = strategy is not None or not questions
    reason = f"The {doses} doses given count; numbering goes on from {doses + 1}."
    if not known:
        reason = f"No document says whether the {doses} doses of {counted[0].agent} count: a clinician decides."
    return Verdict(
        Outcome.CONTINUES if known else Outcome.UNKNOWN,
        reason,
        strategy.citation if strategy else to_regimen.cap.citation if known else rules.no_rule,
        counted,
        tuple(one for one in earlier if one not in counted),
        questions,
        _doses_of(to_regimen, doses),
        new_baseline=not known,
    )


def _is_related(one: Credit, agents: Sequence[Agent], earlier: tuple[Credit, ...]) -> bool:
    given = {credit.agent for credit in earlier}
    return any(
        one.agent == agent.name
        or (
            agent.continues is not None and one.agent in agent.continues.agents and given >= set(agent.continues.agents)
        )
        for agent in agents
    )


def _strategy(to_regimen: Regimen, counted: Sequence[Credit], rules: Rules) -> SameStrategy | None:
    named = {*to_regimen.agents, *(one.agent for one in counted)}
    return next((rule for rule in rules.same_strategy if named <= set(rule.agents)), None)


def _doses_of(regimen: Regimen, done: int) -> tuple[Count, ...]:
    """No count where there is no last cycle."""
    cap = regimen.cap
    return () if cap.doses is None else (Count(f"doses of {regimen.name}", done, cap.doses, cap.citation),)
