"""What a plan goes by: the figures behind its dates and amounts, each with its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from her2tracker.clinic.plan import PlanView
from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.sources import Citation
from scheduling import catalog
from scheduling.core.at_home import last_day
from scheduling.core.regimen import Regimen
from scheduling.forms.plan_changes import QUESTIONS
from scheduling.models import SitePolicy
from scheduling.models.standing import policy_of


@dataclass(frozen=True, slots=True)
class Policy:
    """One fact in words; without a citation it is the site's own setting."""

    name: str
    words: str
    citation: Citation | None = None


def policies_of(view: PlanView) -> list[Policy]:
    """In the order in which a plan meets them: its end, its gaps, its amounts, the heart."""
    parts = (_end(view), _chosen(view), _gaps(view.regimen), _closed(view), _levels(view), _amounts(view), _heart(view))
    return [policy for part in parts for policy in part]


def _end(view: PlanView) -> Iterable[Policy]:
    cap = policy_of(view.plan).cap_of(view.regimen)
    weeks = f" or {cap.weeks} weeks from the first, whichever comes first" if cap.doses and cap.weeks else ""
    last = last_day(view.regimen, view.plan.start_on)
    until = f": the last day is {in_words(last)}" if last else ""
    yield Policy("Where it ends", f"{cap.in_words()}{weeks}".capitalize() + until, cap.citation)
    year = view.regimen.one_year
    if year and view.year_ends_on:
        yield Policy("One year", f"No more than {year.weeks} weeks: until {in_words(view.year_ends_on)}", year.citation)


def _chosen(view: PlanView) -> Iterable[Policy]:
    """The plan's answers where the labels disagree; the one about pertuzumab only where it is given."""
    questions = {name.replace("_", "-"): label for name, label in QUESTIONS.items()}
    has_pair = {"trastuzumab", "pertuzumab"} <= set(view.regimen.agents)
    for option in policy_of(view.plan).chosen:
        if view.regimen.is_by_mouth_only:
            continue  # they say what an infusion does
        if has_pair or option.question != "reload-with-pertuzumab":
            yield Policy(questions[option.question], option.text, option.citation)
    for one in view.plan.extensions.all():
        past = f", past one year by override of {one.recorded_by}" if one.overridden else ""
        yield Policy("Extended", f"by {one.cycles} cycle{'s' if one.cycles > 1 else ''}{past}: {one.reason}")


def _levels(view: PlanView) -> Iterable[Policy]:
    for one in view.plan.level_changes.all():
        agent = view.regimen.agent(one.agent)
        words = f"{plain(one.mg_per_kg)} mg/kg from cycle {one.from_cycle} on: {one.reason}"
        yield Policy(f"Reduced {agent.title}", words, agent.levels.citation if agent.levels else None)
    for row in view.plan.oral_level_changes.all() if view.regimen.oral else ():
        oral = next(one for one in view.regimen.oral if one.name == row.agent)
        words = f"{plain(row.mg)} mg from {in_words(row.from_on)} on: {row.reason}"
        yield Policy(f"Reduced {oral.title}", words, oral.levels.citation if oral.levels else None)


def _gaps(regimen: Regimen) -> Iterable[Policy]:
    for phase in regimen.phases:
        where = f", {phase.name}" if len(regimen.phases) > 1 else ""
        for agent in phase.agents:
            rule = agent.reload
            again = f"With {rule.dose.in_words()} when {rule.in_words()}" if rule.dose else "Never"
            yield Policy(f"Re-load of {agent.name}{where}", again, rule.citation)
            yield Policy(f"After a late {agent.name}{where}", agent.re_anchor.text, agent.re_anchor.citation)


def _closed(view: PlanView) -> Iterable[Policy]:
    if view.on_closed_days:
        window = catalog.window()
        words = f"Open days within {window.days} days are named; nothing moves by itself"
        yield Policy("A cycle on a closed day", words, window.citation)


def _amounts(view: PlanView) -> Iterable[Policy]:
    plan = view.plan
    if not view.needs_weight:
        return
    if plan.dosing_weight_kg and plan.dosing_weight_on:
        weighed = f"{plain(plan.dosing_weight_kg)} kg, weighed {in_words(plan.dosing_weight_on)}"
        yield Policy("Calculated with", weighed)
    policy = SitePolicy.of(plan.patient.site)
    step = policy.rounding_step_mg
    yield Policy("Rounding", f"To {plain(step)} mg where the source allows it" if step else "None: the exact figure")
    yield Policy("Weight", f"Valid for {policy.weight_valid_days} days at this site")
    for agent in view.regimen.phases[0].agents:
        if agent.weight_rule:
            change = agent.weight_rule.percent.in_words(" %")
            yield Policy(
                f"New arithmetic for {agent.name}", f"when the weight changed by {change}", agent.weight_rule.citation
            )


def _heart(view: PlanView) -> Iterable[Policy]:
    standing = view.standing
    yield Policy("Lower limit of normal", f"{plain(standing.normal)} % at this site")
    for protocol in standing.protocols:
        surveillance = protocol.surveillance
        every = f"LVEF every {surveillance.on_treatment.every_days} days" if surveillance else "judges results only"
        citation = surveillance.on_treatment.citation if surveillance else None
        yield Policy(f"{protocol.title} v{protocol.version}", every, citation)
