"""Milligrams, with the arithmetic kept. Nothing is rounded unless a site asks, and never past the source's limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from her2tracker.lib.bounds import plain
from her2tracker.lib.refusals import Refusal
from her2tracker.lib.rounding import change_percent, signed_percent, to_step
from her2tracker.lib.sources import Citation
from scheduling.core.expansion import Entry
from scheduling.core.regimen import Agent, Ceiling, Dose, Preparation, Regimen, Rounding

NO_WEIGHT = "no-weight"
OVER_CEILING = "over-ceiling"
OUTSIDE_LIMIT = "outside-limit"
ROUNDED_UP = "rounded-up"
NO_LIMIT = "no-rounding-limit"


@dataclass(frozen=True, slots=True)
class Calculation:
    """What the arithmetic gives and what to order.

    `refused` says why something was not done: no weight (then there are no milligrams), a dose over
    the label's ceiling (no planned milligrams), or a rounding that is not allowed (the exact figure
    stays planned). A combination has no one figure; its arithmetic names the parts.
    """

    calculated_mg: Decimal | None
    planned_mg: Decimal | None
    ml: Decimal | None
    deviation_percent: Decimal
    arithmetic: str
    refused: Refusal | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class WeightChange:
    """`percent` of the weight doses were last calculated with; negative when lighter."""

    percent: Decimal
    recalculate: bool
    citation: Citation


def calculate(
    dose: Dose,
    weight_kg: Decimal | None,
    rounding: Rounding | None,
    *,
    step_mg: Decimal | None = None,
    ceiling: Ceiling | None = None,
    preparation: Preparation | None = None,
) -> Calculation:
    """The milligrams of one dose. `step_mg` is the site's choice; limit and direction are the source's.

    Raises ValueError for a weight or step that is not positive.
    """
    if dose.mg_per_kg is None:
        return _fixed(dose, preparation)
    if weight_kg is None:
        sentence = f"{dose.in_words()}: no weight to calculate with."
        return _without_mg(dose, dose.in_words(), Refusal(NO_WEIGHT, sentence))
    if weight_kg <= 0:
        raise ValueError(f"a weight must be more than 0 kg, not {weight_kg}")
    exact = dose.mg_per_kg * weight_kg
    arithmetic = f"{dose.in_words()} × {plain(weight_kg)} kg = {plain(exact)} mg"
    if ceiling and dose.mg_per_kg > ceiling.mg_per_kg:
        return _without_mg(dose, arithmetic, _over(ceiling), exact)
    return _rounded(_exact(dose, exact, arithmetic, preparation), weight_kg, rounding, step_mg, ceiling, preparation)


def calculate_each(
    regimen: Regimen, entries: Iterable[Entry], weight_kg: Decimal | None, *, step_mg: Decimal | None = None
) -> tuple[Calculation, ...]:
    """One calculation per entry, in order. A plan repeats two or three doses: each is calculated once."""
    known: dict[int, Calculation] = {}
    found = []
    for entry in entries:
        key = id(entry.dose)
        if key not in known:
            agent = regimen.agent(entry.agent, entry.phase)
            known[key] = calculate(
                entry.dose,
                weight_kg,
                agent.rounding,
                step_mg=step_mg,
                ceiling=agent.ceiling,
                preparation=agent.preparation,
            )
        found.append(known[key])
    return tuple(found)


def refuse_over_ceiling(mg: Decimal, weight_kg: Decimal, ceiling: Ceiling | None) -> Refusal | None:
    """Why `mg` may be neither ordered nor given to somebody of `weight_kg`."""
    return _over(ceiling) if ceiling and mg > ceiling.mg_per_kg * weight_kg else None


def refuse_rounding(
    exact_mg: Decimal, proposed_mg: Decimal, weight_kg: Decimal, rounding: Rounding | None, ceiling: Ceiling | None
) -> Refusal | None:
    """Why `proposed_mg` may not stand in for the arithmetic's `exact_mg`; whoever proposes it."""
    if proposed_mg == exact_mg:
        return None
    if refused := refuse_over_ceiling(proposed_mg, weight_kg, ceiling):
        return refused
    if rounding is None:
        return Refusal(NO_LIMIT, "No source gives a limit to round within: the exact figure stays.")
    if proposed_mg > exact_mg and not rounding.up:
        return Refusal(ROUNDED_UP, "This dose is rounded down only: the exact figure stays.")
    deviation = change_percent(exact_mg, proposed_mg)
    if abs(deviation) > rounding.at_most_percent:
        return Refusal(
            OUTSIDE_LIMIT,
            f"{plain(proposed_mg)} mg is {signed_percent(deviation)} from {plain(exact_mg)} mg, outside "
            f"{plain(rounding.at_most_percent)} %: the exact figure stays.",
        )
    return None


def weight_change(agent: Agent, reference_kg: Decimal, now_kg: Decimal) -> WeightChange:
    """Whether doses must be calculated anew. `reference_kg` is the weight last calculated with.

    Raises ValueError for a reference that is not positive.
    """
    if reference_kg <= 0:
        raise ValueError(f"a weight must be more than 0 kg, not {reference_kg}")
    percent = change_percent(reference_kg, now_kg)
    rule = agent.weight_rule
    if rule is None or not agent.maintenance.needs_weight:
        return WeightChange(percent, False, agent.maintenance.citation)
    return WeightChange(percent, rule.percent.hold(abs(percent)), rule.citation)


def refuse_level(agent: Agent, current_mg_per_kg: Decimal, proposed_mg_per_kg: Decimal) -> Refusal | None:
    """Moving along the ladder of reduced doses: one way down, only to its own levels."""
    if agent.levels is None or not agent.levels.mg_per_kg:
        return Refusal("no-levels", f"{agent.title} has no reduced dose: hold or stop only.")
    if proposed_mg_per_kg not in agent.levels.mg_per_kg:
        levels = ", then ".join(plain(level) for level in agent.levels.mg_per_kg)
        return Refusal("not-a-level", f"{agent.title} is reduced to {levels} mg/kg, then stopped.")
    if proposed_mg_per_kg >= current_mg_per_kg:
        return Refusal("no-way-up", f"{agent.title} was reduced to {plain(current_mg_per_kg)} mg/kg and stays there.")
    return None


def next_level(agent: Agent, current_mg_per_kg: Decimal) -> Decimal | None:
    """The next step down the ladder; None when there is none and the agent is stopped."""
    levels = agent.levels.mg_per_kg if agent.levels else ()
    return next((level for level in levels if level < current_mg_per_kg), None)


def _fixed(dose: Dose, preparation: Preparation | None) -> Calculation:
    ml = dose.ml if dose.ml is not None else _ml(dose.mg, preparation)
    volume = f" in {plain(dose.ml)} mL" if dose.ml is not None else ""
    arithmetic = f"{dose.in_words()}{volume}, whatever the weight"
    return Calculation(dose.mg, dose.mg, ml, Decimal(0), arithmetic, None, dose.citation)


def _without_mg(dose: Dose, arithmetic: str, refused: Refusal, exact: Decimal | None = None) -> Calculation:
    return Calculation(exact, None, None, Decimal(0), arithmetic, refused, dose.citation)


def _exact(dose: Dose, exact: Decimal, arithmetic: str, preparation: Preparation | None) -> Calculation:
    return Calculation(exact, exact, _ml(exact, preparation), Decimal(0), arithmetic, None, dose.citation)


def _rounded(
    plain_one: Calculation,
    weight_kg: Decimal,
    rounding: Rounding | None,
    step_mg: Decimal | None,
    ceiling: Ceiling | None,
    preparation: Preparation | None,
) -> Calculation:
    """`plain_one` rounded to the site's step where that is allowed, else with the refusal."""
    exact = plain_one.calculated_mg
    if step_mg is None or exact is None:
        return plain_one
    proposed = to_step(exact, step_mg, up=rounding is None or rounding.up)
    if proposed == exact:
        return plain_one
    refused = refuse_rounding(exact, proposed, weight_kg, rounding, ceiling)
    if refused:
        return _refusing(plain_one, refused)
    deviation = change_percent(exact, proposed)
    arithmetic = f"{plain_one.arithmetic} → {plain(proposed)} mg ({signed_percent(deviation)})"
    return Calculation(exact, proposed, _ml(proposed, preparation), deviation, arithmetic, None, plain_one.citation)


def _refusing(plain_one: Calculation, refused: Refusal) -> Calculation:
    """The exact figure stays planned, and the arithmetic says why."""
    return Calculation(
        plain_one.calculated_mg,
        plain_one.planned_mg,
        plain_one.ml,
        Decimal(0),
        f"{plain_one.arithmetic}, not rounded",
        refused,
        plain_one.citation,
    )


def _over(ceiling: Ceiling) -> Refusal:
    return Refusal(OVER_CEILING, f"The label forbids more than {plain(ceiling.mg_per_kg)} mg/kg.")


def _ml(mg: Decimal | None, preparation: Preparation | None) -> Decimal | None:
    """Volume to draw up, to a hundredth of a millilitre."""
    if mg is None or preparation is None:
        return None
    return (mg / preparation.mg_per_ml).quantize(Decimal("0.01"), ROUND_HALF_UP)
