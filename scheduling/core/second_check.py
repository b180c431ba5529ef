"""An independent second check: who may do it, when two people's figures agree, what ends it.

The checker works each dose out from the raw inputs and never sees the first figure before entering an own one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.sources import Citation

MG, ML = "mg", "mL"


class CheckState(StrEnum):
    """`lapsed` is stored when a new request takes the place of one that no longer fits the infusion."""

    ASKED = "asked"
    AGREED = "agreed"
    DIFFERED = "differed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def is_decided(self) -> bool:
        """Somebody entered figures of their own."""
        return self in (CheckState.AGREED, CheckState.DIFFERED)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is looked at beside the chair and confirmed by a tick of its own."""

    id: str
    title: str
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class First:
    """What the first person prepared of one agent: `planned` as ordered, `exact` before rounding; in mg or mL."""

    agent: str
    planned: Decimal
    exact: Decimal
    unit: str

    @property
    def in_words(self) -> str:
        """`420 mg`."""
        return f"{plain(self.planned)} {self.unit}"

    def agrees(self, entered: Decimal) -> bool:
        """The exact figure, or what the site's rounding makes of it: nothing in between, and no tolerance."""
        return entered in (self.planned, self.exact)


def differing(first: Iterable[First], entered: Mapping[str, Decimal]) -> tuple[First, ...]:
    """The agents whose two figures are not the same dose. An agent without a second figure differs."""
    return tuple(one for one in first if one.agent not in entered or not one.agrees(entered[one.agent]))


def changed(first: Iterable[First], due: Iterable[First]) -> tuple[str, ...]:
    """Why what was checked is no longer what is due; empty while it is."""
    was, now = {one.agent: one for one in first}, {one.agent: one for one in due}
    return tuple(
        f"{agent} is now {now[agent].in_words}, was {was[agent].in_words}"
        if agent in was and agent in now
        else f"{agent} is {'now' if agent in now else 'no longer'} due"
        for agent in dict.fromkeys([*was, *now])
        if was.get(agent) != now.get(agent)
    )


def refuse_request(*, planned_on: date, on: date, today: date, incalculable: str, stopped_by: str) -> Refusal | None:
    """Asking for a check of what is given on `on`. `incalculable` is an agent without a figure to compare with."""
    if on != today:
        return Refusal("not-today", f"A check is asked for on the day itself, not for {in_words(on)}.")
    if planned_on > today:
        return Refusal("not-due", f"This infusion is planned for {in_words(planned_on)}: there is no bag to check yet.")
    if stopped_by:
        return Refusal("treatment-objection", f"{stopped_by}. Resolve or override it first, then ask for the check.")
    if incalculable:
        return Refusal("no-figure", f"There is no calculated dose of {incalculable} to check.")
    return None


def refuse_checker(*, asked_by: str, is_asker: bool, state: CheckState, ended_by: str) -> Refusal | None:
    """Checking at all: somebody else than the asker, and a request that still waits."""
    if state is not CheckState.ASKED:
        done = "was withdrawn" if state is CheckState.WITHDRAWN else f"has {state}"
        done = "was done already" if state.is_decided else done
        return Refusal("not-open", f"This check {done}, by {ended_by}." if ended_by else f"This check {done}.")
    if is_asker:
        sentence = f"{asked_by} asked for this check: somebody else must do it, signed in under another name."
        return Refusal("same-person", sentence)
    return None


def refuse_lapsed(reasons: Collection[str]) -> Refusal | None:
    if reasons:
        sentence = f"This request lapsed: {'; '.join(reasons)}. Ask for the check again."
        return Refusal("check-lapsed", sentence)
    return None


def refuse_figures(agents: Collection[str], entered: Mapping[str, Decimal]) -> tuple[str, Refusal] | None:
    """The agent a figure is missing or impossible for, and why; every agent needs one above zero."""
    for agent in agents:
        if agent not in entered:
            return agent, Refusal("figure-missing", f"Enter your own figure for {agent}.")
        if entered[agent] <= 0:
            return agent, Refusal("figure-missing", f"The dose of {agent} is more than 0.")
    for agent in entered:
        if agent not in agents:
            return agent, Refusal("not-due", f"{agent} is not part of this check.")
    return None


def refuse_items(items: Iterable[Item], confirmed: Collection[str], not_right: str) -> Refusal | None:
    """Each item is ticked by itself; one that is not right is said, and the check then does not agree."""
    unknown = set(confirmed) - {item.id for item in items}
    if unknown:
        return Refusal("unknown-item", f"{sorted(unknown)[0]} is nothing that is checked at the chair.")
    missing = [item.title.lower() for item in items if item.id not in confirmed]
    if missing and not not_right.strip():
        told = f"Not ticked: {', '.join(missing)}."
        return Refusal("not-confirmed", f"{told} Tick what you have seen yourself, or say what is not right.")
    return None


def decide(
    first: Collection[First], entered: Mapping[str, Decimal], items: Iterable[Item], confirmed: Collection[str],
    not_right: str,
) -> CheckState:  # fmt: skip
    """Agreed only where every figure is the same dose, every item was seen, and nothing was said against it."""
    whole = all(item.id in confirmed for item in items)
    agreed = whole and not not_right.strip() and not differing(first, entered)
    return CheckState.AGREED if agreed else CheckState.DIFFERED
