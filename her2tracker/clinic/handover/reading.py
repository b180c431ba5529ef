"""A handover card's file read, or refused: for its format, its checksum, or what contradicts itself in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from her2tracker.clinic.handover.card import FORMAT, VERSION, Card, PlanOnCard
from her2tracker.lib import strict_json
from her2tracker.lib.dates import in_words
from her2tracker.lib.strict_json import Unreadable
from monitoring.core.lvef import Unreadable as NoLvef
from scheduling.core.intake import WEIGHT_KG
from scheduling.words import DayState

LARGEST_BYTES = 1024 * 1024
MOST_DOSES, MOST_CYCLES = 99, 999


def read(text: str, *, today: date) -> Card:
    """The card in a file. Raises Unreadable: for another format, a checksum that does not fit, a contradiction."""
    if len(text.encode(errors="replace")) > LARGEST_BYTES:
        raise Unreadable(f"The file has more than {LARGEST_BYTES // 1024 // 1024} MB: it is no handover card.")
    body = strict_json.parse(text)
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise Unreadable("The file is no handover card.")
    if body.get("version") != VERSION or isinstance(body["version"], bool):
        raise Unreadable(
            f"The card is written in version {str(body.get('version'))[:20]}, and version {VERSION} is read here."
        )
    if set(body) != {"format", "version", "checksum", "card"}:
        raise Unreadable("Beside the card there is something that is not known here, or something is missing.")
    try:
        found = hashlib.sha256(strict_json.canonical(body["card"])).hexdigest()
    except UnicodeEncodeError as error:
        raise Unreadable("The card holds half a character. Ask for it again.") from error
    if body["checksum"] != found:
        raise Unreadable("The checksum does not fit: the card was changed or damaged on its way. Ask for it again.")
    card = strict_json.load(Card, body["card"])
    if wrong := list(contradictions(card, today)):
        raise Unreadable(" ".join(wrong[:5]))
    return card


def contradictions(card: Card, today: date) -> Iterator[str]:
    """What cannot be so, in sentences."""
    if card.made_at.date() > today + timedelta(days=1):  # a day ahead is another time zone
        yield f"The card was made on {in_words(card.made_at.date())}, which lies in the future."
    yield from _of_doses(card, today)
    yield from _of_the_plan(card)
    yield from _of_results(card, today)


def _of_doses(card: Card, today: date) -> Iterator[str]:
    latest, earliest = min(today, card.made_at.date()), card.patient.born_on
    days = card.plan.cycle_days
    keys = [(one.cycle, one.day) for one in days]
    if keys != sorted(set(keys)) or any(not (1 <= c <= MOST_CYCLES and 1 <= d <= MOST_DOSES) for c, d in keys):
        yield "Its cycles are not numbered upwards, each once."
    given = [one for one in days if one.state is DayState.GIVEN]
    for one in given:
        name = f"Cycle {one.cycle} day {one.day}"
        doses = [dose for dose in one.doses if dose.given_on]
        if not doses:
            yield f"{name} counts as given, and no dose of it is."
        for dose in doses:
            if dose.given_on and not earliest <= dose.given_on <= latest:
                yield f"{name}: {dose.agent} cannot have been given on {in_words(dose.given_on)}."
            if not (dose.mg or dose.ml) or min(dose.mg or 1, dose.ml or 1) <= 0:
                yield f"{name}: {dose.agent} was given without an amount above nothing."
    for before, after in pairwise(given):
        if after.on <= before.on:
            yield f"Cycle {after.cycle} day {after.day} was given no later than the cycle day before it."
    if any(dose.given_on for one in days if one.state is not DayState.GIVEN for dose in one.doses):
        yield "A dose has a day on which it was given, and its cycle day was not given."


def _of_the_plan(card: Card) -> Iterator[str]:
    plan = card.plan
    for one in plan.earlier:
        if not (1 <= one.doses <= MOST_DOSES and 0 <= one.passed <= MOST_DOSES and 0 <= one.made_up <= MOST_DOSES):
            yield f"{one.doses} earlier doses of {one.agent} cannot be."
        if one.last_given_on >= plan.started_on or (one.first_given_on or one.last_given_on) > one.last_given_on:
            yield f"The earlier doses of {one.agent} do not lie in order before the plan."
    if len({one.agent for one in plan.earlier}) < len(plan.earlier):
        yield "The earlier doses of one agent stand there twice."
    if (plan.weight_kg is None) != (plan.weighed_on is None):
        yield "A weight has its day, so both or neither."
    if plan.weight_kg is not None and not WEIGHT_KG[0] <= plan.weight_kg <= WEIGHT_KG[1]:
        yield f"{plan.weight_kg} kg is outside {WEIGHT_KG[0]} to {WEIGHT_KG[1]} kg."
    yield from _of_decisions(plan)


def _of_decisions(plan: PlanOnCard) -> Iterator[str]:
    for move in plan.moves:
        if (move.to_on < move.from_on) != (move.kind == "forward") or move.to_on == move.from_on:
            yield f"Cycle {move.cycle} was moved to a day that does not fit."
    if sum(hold.ended_on is None for hold in plan.holds) > 1:
        yield "Two holds are open at once."
    if any(hold.ended_on and hold.ended_on < hold.begun_on for hold in plan.holds):
        yield "A hold ended before it began."
    if any((one.from_cycle is None) == (one.from_on is None) or one.amount <= 0 for one in plan.levels):
        yield "A lower level has no amount, or does not say from when."
    if any(not 1 <= one.cycles <= MOST_DOSES for one in plan.extensions):
        yield "The plan was extended by a number of cycles that cannot be."


def _of_results(card: Card, today: date) -> Iterator[str]:
    for one in card.results:
        try:
            str(one.lvef)
        except NoLvef as error:
            yield f"LVEF of {in_words(one.performed_on)}: {error}"
        if not card.patient.born_on <= one.performed_on <= today:
            yield f"An LVEF cannot have been measured on {in_words(one.performed_on)}."
    if sum(one.is_baseline for one in card.results) > 1:
        yield "Two LVEFs are the baseline."
