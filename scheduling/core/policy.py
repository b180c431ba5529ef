"""Where the labels disagree, a site and a plan choose. Each choice is shown with its source.

A default `Policy` is what the project chose in CLINICAL.md section 2: the trastuzumab label's re-load,
the next date from the actual one, the end as the regimen says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation
from scheduling.core.regimen import Agent, Cap, Companion, Regimen, ReloadRule

COUNTS_FROM_ACTUAL = "counts-from-actual"
TOO_LATE_FOR_GRID = "too-late-for-the-grid"
GAP_TOO_SHORT = "gap-too-short"


class ReloadPolicy(StrEnum):
    """Trastuzumab with pertuzumab, 29 to 41 days after the last dose."""

    LABEL = "label"
    EU_HP = "eu-hp"


class Anchor(StrEnum):
    """What the date after a late dose counts from."""

    ACTUAL = "actual"
    GRID = "grid"


class CapPolicy(StrEnum):
    """What ends a plan: what its regimen says, its doses however long they take, or one year."""

    REGIMEN = "regimen"
    DOSES = "doses"
    WEEKS = "weeks"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question the labels leave open, in words, with its source."""

    question: str
    value: str
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class PairReload:
    """`agent` re-loads by its partner's measure when both are given on one day."""

    agent: str
    beside: str
    days_since_last: Bounds
    citation: Citation

    def applied_to(self, agent: Agent) -> Agent:
        rule = agent.reload
        return replace(agent, reload=ReloadRule(None, self.days_since_last, rule.dose, self.citation))


@dataclass(frozen=True, slots=True)
class KeptGrid:
    """When later dates may stay although one dose was late: how late at most, and the smallest gap left."""

    agents: tuple[str, ...]
    days_late: Bounds
    minimum_gap_days: int
    citation: Citation
    gap_citation: Citation

    def refuse(
        self, agents: Iterable[Agent], companions: Iterable[Companion] = (), *, days_late: int, days_to_next: int
    ) -> Refusal | None:
        """Why the next date cannot stay where it is; `days_to_next` counts from the late dose to it."""
        due = tuple(agents)
        for companion in companions:
            # this program does not know how close two of its doses may be
            return Refusal(COUNTS_FROM_ACTUAL, f"{companion.title} on the same day counts from the actual date.")
        for agent in due:
            if agent.name not in self.agents:
                return Refusal(COUNTS_FROM_ACTUAL, f"{agent.title}: {agent.re_anchor.text}.")
        if not self.days_late.hold(days_late):
            limit = self.days_late.in_words(" days")
            return Refusal(
                TOO_LATE_FOR_GRID, f"{days_late} days late: later dates can stay when a dose is {limit} late."
            )
        smallest = max([self.minimum_gap_days, *(a.minimum_interval.days for a in due if a.minimum_interval)])
        if days_to_next < smallest:
            return Refusal(
                GAP_TOO_SHORT,
                f"Only {days_to_next} days would be left to the next dose, and at least {smallest} are asked for: "
                "move all later ones too.",
            )
        return None


@dataclass(frozen=True, slots=True)
class Policy:
    """A plan's choices. `grid` holds the figures that keeping later dates needs, whatever the anchor."""

    grid: KeptGrid
    anchor: Anchor = Anchor.ACTUAL
    pair_reload: PairReload | None = None
    cap: CapPolicy = CapPolicy.REGIMEN
    chosen: tuple[Option, ...] = ()

    def as_given(self, agent: Agent, beside: Iterable[str]) -> Agent:
        """`agent` with the re-load rule of its pair, when its partner is given `beside` it."""
        pair = self.pair_reload
        return pair.applied_to(agent) if pair and pair.agent == agent.name and pair.beside in beside else agent

    def cap_of(self, regimen: Regimen) -> Cap:
        """Where a plan of `regimen` ends. Choosing weeks never adds doses: what does not fit is not planned.

        Raises ValueError for weeks where no source gives the regimen a year.
        """
        if self.cap is CapPolicy.REGIMEN or regimen.cap.open_ended:
            return regimen.cap
        if self.cap is CapPolicy.DOSES:
            return replace(regimen.cap, weeks=None)
        if regimen.one_year is None:
            raise ValueError(f"{regimen.name}: no source ends it after a number of weeks")
        return Cap(regimen.cap.doses, regimen.one_year.weeks, regimen.one_year.citation)


@dataclass(frozen=True, slots=True)
class Options:
    """What a policy file offers, with the figures of each."""

    options: tuple[Option, ...]
    pair_reload: PairReload
    grid: KeptGrid

    def choose(
        self,
        *,
        reload_with_pertuzumab: ReloadPolicy = ReloadPolicy.LABEL,
        anchor: Anchor = Anchor.ACTUAL,
        minimum_gap_days: int | None = None,
        cap: CapPolicy = CapPolicy.REGIMEN,
    ) -> Policy:
        """The policy of these choices. A site may ask for a longer gap than the file's, or a shorter one."""
        if minimum_gap_days is not None and minimum_gap_days < 1:
            raise ValueError(f"a gap of {minimum_gap_days} days: doses of one agent are at least one day apart")
        grid = self.grid if minimum_gap_days is None else replace(self.grid, minimum_gap_days=minimum_gap_days)
        pair = self.pair_reload if reload_with_pertuzumab is ReloadPolicy.EU_HP else None
        values = {"reload-with-pertuzumab": reload_with_pertuzumab, "anchor": anchor, "cap": cap}
        chosen = tuple(one for one in self.options if values.get(one.question) == one.value)
        return Policy(grid, anchor, pair, cap, chosen)
