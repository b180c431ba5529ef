"""How heavy an infusion weighs when a day is shared out among nurses. Weights of organisation, not of medicine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation

HEAVIEST = 20
"""More in one weight is a typing mistake."""


@dataclass(frozen=True, slots=True)
class Weights:
    """`loading` is also an agent's first dose where it has no loading dose; `further_agent` is added for each."""

    maintenance: int
    loading: int
    reload: int
    further_agent: int
    citation: Citation

    def with_own(self, own: Mapping[str, int | None]) -> Weights:
        """The site's own weights over these; one it left out stays."""

        def weight(name: str, shipped: int) -> int:
            found = own.get(name)
            return shipped if found is None else found

        return replace(
            self,
            maintenance=weight("maintenance", self.maintenance),
            loading=weight("loading", self.loading),
            reload=weight("reload", self.reload),
            further_agent=weight("further_agent", self.further_agent),
        )

    def of(self, kinds: Iterable[str]) -> int:
        """Of one infusion whose agents are given as first, loading, reload or maintenance. Nothing weighs 0."""
        by_kind = {"first": self.loading, "loading": self.loading, "reload": self.reload}
        found = [by_kind.get(kind, self.maintenance) for kind in kinds]
        return max(found) + self.further_agent * (len(found) - 1) if found else 0


@dataclass(frozen=True, slots=True)
class Load:
    """What one nurse has of a day."""

    infusions: int
    acuity: int


def loads(taken: Iterable[tuple[str, int]]) -> dict[str, Load]:
    """By nurse, of pairs of nurse and acuity."""
    found: dict[str, Load] = {}
    for nurse, acuity in taken:
        before = found.get(nurse, Load(0, 0))
        found[nurse] = Load(before.infusions + 1, before.acuity + acuity)
    return found


def refuse_taking(*, standing: str, nurse: str, may_assign: bool, may_care: bool) -> Refusal | None:
    """`nurse` has an infusion from now on, which `standing` has until now, empty for nobody.

    Who only takes for themselves does not take from a colleague: both would think that it is theirs.
    """
    if not may_care:
        return Refusal("not-a-nurse", f"{nurse} does not take infusions at this site.")
    if standing == nurse:
        return Refusal("has-it", f"{nurse} has this infusion already.")
    if standing and not may_assign:
        return Refusal("taken", f"{standing} has this infusion: ask them to give it back.")
    return None
