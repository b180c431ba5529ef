"""How long a chair is taken: infusions one after the other, with the observation each dose asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.core.agent import Dose, Observation


@dataclass(frozen=True, slots=True)
class ChairTime:
    """Minutes. `total` counts from the first start until the patient may leave."""

    infusion: int
    total: int

    @property
    def observation(self) -> int:
        return self.total - self.infusion


def observation_of(dose: Dose, jurisdiction: str) -> Observation | None:
    """How long this dose is observed where the labels of `jurisdiction` hold; None where they give no time."""
    observation = dose.observation
    return observation if observation and observation.jurisdiction in (jurisdiction, "any") else None


def chair_time(doses: Iterable[Dose], jurisdiction: str) -> ChairTime:
    """Doses in the order they run, observed as the labels of `jurisdiction` ask.

    Observation after an infusion's end comes before the next drug.
    """
    clock = infusion = stay_until = 0
    for dose in doses:
        begun, minutes = clock, dose.minutes or 0
        infusion += minutes
        clock = begun + minutes
        observation = observation_of(dose, jurisdiction)
        if observation is None:
            continue
        if observation.after == "start":
            stay_until = max(stay_until, begun + observation.minutes)
        else:
            clock += observation.minutes
    return ChairTime(infusion, max(clock, stay_until))
