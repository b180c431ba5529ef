"""What changed between two versions of a regimen, in words that two approvers can read and sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from her2tracker.lib.bounds import plain
from her2tracker.lib.sources import Citation
from scheduling.core.regimen import Agent, Dose, Phase, Regimen, Statement


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact as it `was` and as it is `now`; empty where a version does not have it."""

    what: str
    was: str
    now: str

    @property
    def sentence(self) -> str:
        if not self.was:
            return f"{self.what}: {self.now} (new)"
        if not self.now:
            return f"{self.what}: {self.was} (gone)"
        return f"{self.what}: {self.was} → {self.now}"


def difference(old: Regimen, new: Regimen) -> tuple[Difference, ...]:
    """Every fact, figure, source and confidence that differs, in the new version's order; not the version number."""
    was, now = dict(_facts(old)), dict(_facts(new))
    keys = (*now, *(key for key in was if key not in now))
    found = (Difference(key, was.get(key, ""), now.get(key, "")) for key in keys)
    return tuple(one for one in found if one.was != one.now)


Fact = tuple[str, str]


def _facts(regimen: Regimen) -> Iterator[Fact]:
    yield "name", f"{regimen.name} ({regimen.short_name})"
    yield "settings", ", ".join(regimen.settings)
    weeks = f", or {regimen.cap.weeks} weeks from the first" if regimen.cap.doses and regimen.cap.weeks else ""
    yield "end", _cited(regimen.cap.in_words() + weeks, regimen.cap.citation)
    if regimen.one_year:
        yield "one year", _cited(f"no more than {regimen.one_year.weeks} weeks", regimen.one_year.citation)
    yield "indication", _said(regimen.indication)
    for kind in ("evidence", "cautions", "alongside"):
        for statement in getattr(regimen, kind):
            yield f"{kind}, {statement.name}", _said(statement)
    yield from _taken_beside(regimen)
    for number, phase in enumerate(regimen.phases, 1):
        yield from _phase(number, phase)


def _taken_beside(regimen: Regimen) -> Iterator[Fact]:
    for one in regimen.companions:
        most = f", at most {plain(one.mg_per_m2_at_most)}" if one.mg_per_m2_at_most else ""
        yield f"{one.title}, beside", _cited(f"{plain(one.mg_per_m2)} mg/m²{most} on {_days(one.days)}", one.citation)
    for oral in regimen.oral:
        for number, dose in enumerate(oral.doses, 1):
            yield f"{oral.title}, dose {number}", _cited(dose.in_words(), dose.citation)
        for number, dose in enumerate(oral.step_up, 1):
            yield f"{oral.title}, stepping up {number}", _cited(dose.in_words(), dose.citation)
        if oral.levels:
            levels = ", then ".join(plain(level) for level in oral.levels.mg)
            yield f"{oral.title}, levels", _cited(f"{levels} mg", oral.levels.citation)
        yield f"{oral.title}, missed dose", _said(oral.missed)


def _phase(number: int, phase: Phase) -> Iterator[Fact]:
    words = f"{phase.name}, {phase.cycles} cycles of {phase.cycle_length_days} days"
    yield f"phase {number}", _cited(words, phase.citation)
    for agent in phase.agents:
        for what, words in _agent(agent):
            yield f"{phase.name}, {agent.name}: {what}", words


def _agent(agent: Agent) -> Iterator[Fact]:
    yield "given", f"{agent.title} ({agent.short_name}), {agent.route.label}, on {_days(agent.days)}"
    doses = (("loading dose", agent.loading), ("first dose", agent.first), ("maintenance dose", agent.maintenance))
    for what, dose in doses:
        if dose:
            yield from _dose(what, dose)
    yield "re-loads", _cited(agent.reload.in_words(), agent.reload.citation)
    if agent.reload.dose:
        yield from _dose("re-load dose", agent.reload.dose)
    yield "next date", _cited(agent.re_anchor.text, agent.re_anchor.citation)
    yield from _limits(agent)


def _dose(what: str, dose: Dose) -> Iterator[Fact]:
    time = f" over {_range(dose.minutes, dose.minutes_at_most)} min" if dose.minutes else ""
    volume = f" in {plain(dose.ml)} mL" if dose.ml is not None else ""
    units = f" with {dose.hyaluronidase_units} units of hyaluronidase" if dose.hyaluronidase_units else ""
    yield what, _cited(f"{dose.in_words()}{volume}{units}{time}", dose.citation)
    seen = dose.observation
    if seen:
        minutes = _range(seen.minutes, seen.minutes_at_most)
        words = f"{minutes} min after the {seen.after} of the infusion ({seen.jurisdiction})"
        yield f"{what}, observation", _cited(words, seen.citation)


def _limits(agent: Agent) -> Iterator[Fact]:
    if agent.rounding:
        direction = "" if agent.rounding.up else ", down only"
        yield (
            "rounding",
            _cited(f"within {plain(agent.rounding.at_most_percent)} %{direction}", agent.rounding.citation),
        )
    if agent.ceiling:
        yield "ceiling", _cited(f"{plain(agent.ceiling.mg_per_kg)} mg/kg", agent.ceiling.citation)
    if agent.levels:
        levels = ", then ".join(plain(level) for level in agent.levels.mg_per_kg)
        yield "levels", _cited(f"{levels} mg/kg" if levels else "none", agent.levels.citation)
    if agent.weight_rule:
        yield "change of weight", _cited(agent.weight_rule.percent.in_words(" %"), agent.weight_rule.citation)
    if agent.minimum_interval:
        yield "shortest interval", _cited(f"{agent.minimum_interval.days} days", agent.minimum_interval.citation)
    yield from _pharmacy(agent)


def _pharmacy(agent: Agent) -> Iterator[Fact]:
    if agent.preparation:
        yield "concentration", _cited(f"{plain(agent.preparation.mg_per_ml)} mg/mL", agent.preparation.citation)
    if agent.vials:
        yield "vials", _cited(" and ".join(f"{plain(mg)} mg" for mg in agent.vials.mg), agent.vials.citation)
    if agent.diluent:
        never = f", never {agent.diluent.never}" if agent.diluent.never else ""
        yield "diluent", _cited(agent.diluent.text + never, agent.diluent.citation)
    for what, earlier in (("continues", agent.continues), ("starts anew after", agent.starts_anew_after)):
        if earlier:
            yield what, _cited(", ".join(earlier.agents), earlier.citation)


def _cited(words: str, citation: Citation) -> str:
    mark = "" if citation.confidence.is_verified else f", {citation.confidence.value}"
    return f"{words} [{citation.key}{mark}]"


def _said(statement: Statement) -> str:
    return _cited(statement.text, statement.citation)


def _days(days: tuple[int, ...]) -> str:
    return f"day {days[0]}" if len(days) == 1 else "days " + ", ".join(map(str, days))


def _range(low: int | None, high: int | None) -> str:
    return f"{low} to {high}" if high else f"{low}"
