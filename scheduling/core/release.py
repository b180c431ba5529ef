"""A doctor's release of one cycle: what it was given for, and what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an infusion stands on: its planned day, each agent's dose in words, and the weight they come from (kg)."""

    planned_on: date
    doses: Mapping[str, str]
    weight_kg: Decimal | None


def lapsed(
    released: Ordered, now: Ordered, *, for_on: date, on: date, held_on: date | None, ended: bool
) -> tuple[str, ...]:
    """Why a release given for `for_on` does not hold for giving on `on`; empty while it holds.

    `held_on` is a hold begun after the release. The plan's revision alone says nothing: an act that changes neither
    day nor dose nor weight leaves what the doctor saw as it was.
    """
    found = []
    if ended:
        found.append("it was taken back")
    if held_on is not None:
        found.append(f"the plan was held on {in_words(held_on)}")
    if now.planned_on != released.planned_on:
        found.append(f"moved from {in_words(released.planned_on)} to {in_words(now.planned_on)}")
    elif on != for_on:
        found.append(f"it was for {in_words(for_on)}, not for {in_words(on)}")
    if now.weight_kg != released.weight_kg:
        found.append(f"doses are calculated with {_kg(now.weight_kg)}, not with {_kg(released.weight_kg)}")
    for agent, dose in now.doses.items():
        was = released.doses.get(agent)
        if was != dose:
            found.append(f"{agent} is {dose}, was {was or 'not due'}")
    return tuple(found)


def _kg(weight: Decimal | None) -> str:
    return f"{plain(weight)} kg" if weight is not None else "no weight"


def refuse_release(
    *, undecided: date | None, objections: tuple[str, ...], is_released: bool, for_on: date, today: date
) -> Refusal | None:
    """Releasing a cycle. `undecided` is the day of an earlier cycle nobody decided; `objections` those that stop it."""
    if is_released:
        return Refusal("already-released", f"Already released for {in_words(for_on)}.")
    if undecided is not None:
        return Refusal("earlier-undecided", f"The cycle of {in_words(undecided)} is undecided: decide it first.")
    if objections:
        return Refusal("treatment-objection", f"{'; '.join(objections)}. Override or resolve it first, then release.")
    if for_on < today:
        return Refusal("in-the-past", f"{in_words(for_on)} has passed.")
    return None
