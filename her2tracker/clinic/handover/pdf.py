"""The card on A4. Words go in as data, never as source text, so that nothing in a name is ever a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import qrcode
import typst
from qrcode.image.svg import SvgPathImage

from her2tracker.clinic.handover.by_regimen import dose_in_words, home_lines, regimen_on
from her2tracker.clinic.handover.card import FORMAT, VERSION, Card, DayOnCard
from her2tracker.lib.bounds import plain
from her2tracker.lib.dates import in_words
from scheduling.core.regimen import Regimen
from scheduling.words import DayState

TEMPLATE = Path(__file__).parent / "card.typ"
SIZES = (
    (14, 9.5),
    (22, 8.3),
    (999, 7.2),
)  # rows up to which the letters have so many points: one page as long as may be
GLS = "GLS {} %"
NO_INFUSION = "No infusion belongs to this plan: all of it is taken at home."


def pdf(card: Card) -> bytes:
    """A tagged, accessible PDF."""
    found = _compiler().compile(format="pdf", sys_inputs={"data": json.dumps(told(card))}, pdf_standards=["ua-1"])
    content: bytes = found  # type: ignore[assignment]
    return content


def told(card: Card) -> dict[str, Any]:
    """Everything the page says, in words."""
    said, plan, regimen = card.patient, card.plan, regimen_on(card)
    doses = [_day(day, regimen) for day in plan.cycle_days if day.state is not DayState.PLANNED]
    lvef = list(_results(card))
    made = f"{in_words(card.made_at.date())}, {card.made_at:%H:%M}"
    return {
        "title": "Handover card",
        "name": f"{said.family_name.upper()}, {said.given_name}",
        "identity": f"born {in_words(said.born_on).split(' ', 1)[1]} · MRN {said.mrn} ({card.hospital})",
        "from": f"{card.hospital} · printed by {card.made_by}, {made}",
        "is_at_home": _is_at_home(regimen),
        "plan": [*_plan(card, regimen), *home_lines(card, regimen)],
        "alarms": list(_alarms(card)),
        "next": list(_next(card, regimen)),
        "doses": doses,
        "no_doses": NO_INFUSION if _is_at_home(regimen) else "Nothing of this plan was given yet.",
        "lvef": lvef,
        "decided": list(_decided(card)),
        "foot": (
            "What the sending hospital has on record, and no order: the dates and doses still to come are decided "
            "where treatment goes on."
        ),
        "footer": f"Card {card.id} · format {VERSION} · SHA-256 {card.checksum[:16]}…",
        "code": _code(card),
        "code_says": "The card's id and checksum, to compare with the file",
        "size": next(points for most, points in SIZES if len(doses) + len(lvef) <= most),
    }


def _is_at_home(regimen: Regimen | None) -> bool:
    return regimen is not None and regimen.is_by_mouth_only


def _plan(card: Card, regimen: Regimen | None) -> Iterator[str]:
    plan, named = card.plan, card.regimen
    began = in_words(plan.started_on)
    yield f"{named.name}, version {named.version} ({named.key}), {plan.setting.value}, from {began}"
    if plan.weight_kg is not None and plan.weighed_on:
        yield f"Doses calculated with {plain(plan.weight_kg)} kg of {in_words(plan.weighed_on)}"
    for one in plan.earlier:
        where = f" at {one.place}" if one.place else ""
        yield f"Before it: {one.doses} × {one.agent}{where}, the last on {in_words(one.last_given_on)}"
    if not _is_at_home(regimen):
        yield f"{len(card.given)} cycle days given, {_omitted(card)} left out, {len(card.left)} planned"
    if card.patient.allergies:
        yield f"Allergies: {card.patient.allergies}"
    if plan.ended_on:
        yield f"Ended on {in_words(plan.ended_on)}: {plan.end_reason.replace('-', ' ') or plan.state}"


def _omitted(card: Card) -> int:
    return sum(day.state is DayState.OMITTED for day in card.plan.cycle_days)


def _alarms(card: Card) -> Iterator[str]:
    hold = card.open_hold
    if hold:
        again = f", LVEF to be repeated by {in_words(hold.repeat_by)}" if hold.repeat_by else ""
        yield f"On hold since {in_words(hold.begun_on)}: {hold.reason.label}{again}"
    yield from (f"Flag: {flag}" for flag in card.flags)


def _next(card: Card, regimen: Regimen | None) -> Iterator[str]:
    coming, first = card.coming, next(iter(card.left), None)
    if _is_at_home(regimen):
        yield NO_INFUSION
    elif coming.infusion_on and first and card.goes_on:
        doses = "; ".join(dose_in_words(dose, regimen) for dose in first.doses)
        yield f"Infusion: cycle {first.cycle} on {in_words(coming.infusion_on)}: {doses}"
    else:
        yield "Infusion: none is planned"
    if coming.last_day_without_reload and card.goes_on:
        yield f"Last day before a re-load: {in_words(coming.last_day_without_reload)}"
    yield f"LVEF due: {in_words(coming.echo_due_on)}" if coming.echo_due_on else "LVEF due: none is asked for"


def _day(day: DayOnCard, regimen: Regimen | None) -> list[str]:
    name = f"C{day.cycle}" + (f" D{day.day}" if day.day > 1 else "")
    if day.state is DayState.OMITTED:
        made_up = ", made up at the end" if day.made_up else ""
        return [name, in_words(day.on), "left out", "", f"{day.reason.replace('-', ' ')}{made_up}"]
    given = [dose for dose in day.doses if dose.given_on]
    apart = [f"{d.agent} on {in_words(d.given_on)}" for d in given if d.given_on and d.given_on != day.on]
    left = [f"{d.agent} left out: {d.omitted.replace('-', ' ')}" for d in day.doses if not d.given_on]
    hung = dict.fromkeys(" ".join(filter(None, (d.product, f"lot {d.lot}" if d.lot else ""))) for d in given)
    return [
        name, in_words(day.on), "; ".join(dose_in_words(dose, regimen) for dose in given),
        "; ".join(filter(None, hung)), "; ".join(apart + left),
    ]  # fmt: skip


def _results(card: Card) -> Iterator[list[str]]:
    for one in card.results:
        notes = [
            "baseline" if one.is_baseline else "", GLS.format(plain(one.gls_percent)) if one.gls_percent else "",
            "" if one.symptoms.value in ("none", "unknown") else one.symptoms.label, one.note,
        ]  # fmt: skip
        told_ = "; ".join(filter(None, notes))
        yield [in_words(one.performed_on), str(one.lvef), one.modality.label, one.lab or "–", told_]


def _decided(card: Card) -> Iterator[str]:
    plan = card.plan
    for hold in plan.holds:
        until = f" to {in_words(hold.ended_on)}, {_days(hold.begun_on, hold.ended_on)}" if hold.ended_on else ", open"
        yield f"Held for {hold.reason.in_sentence}: {in_words(hold.begun_on)}{until}"
    for move in plan.moves:
        how = {"later": "with all later ones", "only": "alone", "forward": "brought forward"}[move.kind]
        days = (move.to_on - move.from_on).days
        yield f"Cycle {move.cycle} moved by {days:+d} days, {how}, to {in_words(move.to_on)}: {_word(move.reason)}"
    for level in plan.levels:
        since = f"cycle {level.from_cycle}" if level.from_cycle else in_words(level.from_on or date.min)
        unit = "mg/kg" if level.from_cycle else "mg"
        yield f"{level.agent} at {plain(level.amount)} {unit} from {since}: {level.reason}"
    for more in plan.extensions:
        yield f"Extended by {more.cycles} cycles: {more.reason}"


def _days(first: date, last: date) -> str:
    return f"{(last - first).days} days"


def _word(reason: str) -> str:
    return reason.replace("-", " ")


def _code(card: Card) -> str:
    """Nothing of the patient: it tells which file belongs to this paper, and whether it is unchanged."""
    code = qrcode.make(f"{FORMAT}:{VERSION}:{card.id}:{card.checksum}", image_factory=SvgPathImage, border=1)
    return code.to_string(encoding="unicode")  # type: ignore[no-any-return]


@cache
def _compiler() -> typst.Compiler:
    # The fonts that come with the compiler, so that every machine prints the same page.
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, ignore_system_fonts=True)
