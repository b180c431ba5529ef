"""One agent of a regimen: its doses, when it re-loads, and what limits its milligrams."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import Bounds, plain
from her2tracker.lib.sources import Citation


class Route(StrEnum):
    IV = "iv"
    SC = "sc"
    ORAL = "oral"

    @property
    def label(self) -> str:
        return {Route.IV: "intravenous", Route.SC: "subcutaneous", Route.ORAL: "by mouth"}[self]


class DoseKind(StrEnum):
    LOADING = "loading"
    MAINTENANCE = "maintenance"
    RELOAD = "reload"

    @property
    def label(self) -> str:
        return {DoseKind.LOADING: "loading", DoseKind.MAINTENANCE: "maintenance", DoseKind.RELOAD: "re-load"}[self]


@dataclass(frozen=True, slots=True)
class Component:
    """One antibody inside a fixed-dose combination."""

    name: str
    mg: Decimal


@dataclass(frozen=True, slots=True)
class Observation:
    """How long a patient is watched, from the "start" or "end" of the infusion, where that label holds."""

    minutes: int
    minutes_at_most: int | None
    after: str
    jurisdiction: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Dose:
    """What one administration holds: exactly one of mg_per_kg, mg and components is set."""

    mg_per_kg: Decimal | None
    mg: Decimal | None
    ml: Decimal | None
    components: tuple[Component, ...]
    hyaluronidase_units: int | None
    minutes: int | None
    minutes_at_most: int | None
    observation: Observation | None
    citation: Citation

    @property
    def observe_minutes(self) -> int | None:
        return self.observation.minutes if self.observation else None

    @property
    def needs_weight(self) -> bool:
        return self.mg_per_kg is not None

    def in_words(self) -> str:
        """`8 mg/kg`, `840 mg`, `1200 mg pertuzumab + 600 mg trastuzumab`."""
        if self.mg_per_kg is not None:
            return f"{plain(self.mg_per_kg)} mg/kg"
        if self.mg is not None:
            return f"{plain(self.mg)} mg"
        return " + ".join(f"{plain(part.mg)} mg {part.name}" for part in self.components)


@dataclass(frozen=True, slots=True)
class ReloadRule:
    """When a gap makes the loading dose due again. Without a measure the agent never re-loads."""

    days_late: Bounds | None
    days_since_last: Bounds | None
    dose: Dose | None
    citation: Citation

    @property
    def never(self) -> bool:
        return self.dose is None

    def is_met(self, *, days_late: int, days_since_last: int) -> bool:
        if self.days_late is not None:
            return self.days_late.hold(days_late)
        return self.days_since_last is not None and self.days_since_last.hold(days_since_last)

    def in_words(self) -> str:
        if self.days_late is not None:
            return f"{self.days_late.in_words(' days')} late"
        if self.days_since_last is not None:
            return f"{self.days_since_last.in_words(' days')} since the last dose"
        return "never"


@dataclass(frozen=True, slots=True)
class Rounding:
    """How far milligrams may be rounded away from the arithmetic, and whether upwards at all."""

    at_most_percent: Decimal
    up: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class WeightRule:
    """The change of weight, in percent of the weight last calculated with, that asks for new arithmetic."""

    percent: Bounds
    citation: Citation


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A dose the label forbids to exceed."""

    mg_per_kg: Decimal
    citation: Citation


@dataclass(frozen=True, slots=True)
class Levels:
    """Reduced doses, highest first, one way down. An empty ladder: reduction is not recommended."""

    mg_per_kg: tuple[Decimal, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Preparation:
    mg_per_ml: Decimal
    citation: Citation


@dataclass(frozen=True, slots=True)
class Vials:
    mg: tuple[Decimal, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Diluent:
    text: str
    never: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class EarlierAgents:
    """Doses of other agents that bear on this one, all of `agents` together."""

    agents: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class MinimumInterval:
    days: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class ReAnchor:
    """Why the next date counts from the actual date and not from the grid."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Agent:
    """One drug inside one phase of a regimen.

    `loading` belongs to the agent's first dose in the plan; in a later phase it is None and the
    phase's own re-load dose stands in `reload`. `first` is for agents that have no loading dose but
    whose first infusion takes longer.
    """

    name: str
    title: str
    short_name: str
    route: Route
    days: tuple[int, ...]
    loading: Dose | None
    first: Dose | None
    maintenance: Dose
    reload: ReloadRule
    re_anchor: ReAnchor
    rounding: Rounding | None = None
    ceiling: Ceiling | None = None
    levels: Levels | None = None
    weight_rule: WeightRule | None = None
    preparation: Preparation | None = None
    vials: Vials | None = None
    diluent: Diluent | None = None
    minimum_interval: MinimumInterval | None = None
    continues: EarlierAgents | None = None
    starts_anew_after: EarlierAgents | None = None

    @property
    def first_dose(self) -> Dose:
        return self.loading or self.first or self.maintenance

    def reduced_to(self, mg_per_kg: Decimal) -> Agent:
        """The agent at a lower level of its ladder: every dose by weight holds that much."""

        def lower(dose: Dose | None) -> Dose | None:
            if dose is None or dose.mg_per_kg is None or dose.mg_per_kg <= mg_per_kg:
                return dose
            return replace(dose, mg_per_kg=mg_per_kg, citation=self.levels.citation if self.levels else dose.citation)

        return replace(
            self,
            loading=lower(self.loading),
            first=lower(self.first),
            maintenance=lower(self.maintenance) or self.maintenance,
            reload=replace(self.reload, dose=lower(self.reload.dose)),
        )
