"""A handover card from elsewhere: read, looked at beside what is on record here, and taken over by a person's word.

Nothing is merged by a guess: whose it is, and by which regimen it goes on, is said by whoever takes it over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from her2tracker.accounts.access import require
from her2tracker.accounts.models import Site, User
from her2tracker.accounts.roles import Permission
from her2tracker.audit.acts import act
from her2tracker.clinic.handover.card import Apart, Card, DayOnCard, differences
from her2tracker.clinic.handover.facts import facts_on
from her2tracker.clinic.handover.making import planned_days
from her2tracker.clinic.handover.reading import read
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal, Refused
from her2tracker.lib.strict_json import Unreadable
from monitoring.actions import assessments, reported
from monitoring.models import LvefAssessment
from scheduling import catalog
from scheduling.actions import handovers, patients
from scheduling.actions.handovers import Continued, Held, Lowered, Moved
from scheduling.core.gaps import AskClinician
from scheduling.core.handover import Continuation, continuation
from scheduling.models import BodyMeasurement, Patient, ReceivedCard, RegimenVersion, TreatmentPlan
from scheduling.models.library import orderable_at
from scheduling.models.standing import regimen_of
from scheduling.words import CardState


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person answered: an existing patient, or a new one's MRN here; and the regimen to go on by."""

    patient: Patient | None = None
    mrn: str = ""
    regimen: RegimenVersion | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody on record here who may be the patient, and why."""

    patient: Patient
    because: str


@dataclass(frozen=True, slots=True)
class Found:
    """A card beside what is on record here. `regimen` is the very same one, when it can be ordered here."""

    row: ReceivedCard
    card: Card
    matches: tuple[Match, ...]
    regimen: RegimenVersion | None
    equivalents: tuple[RegimenVersion, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What taking over does, or did. `apart` is what differs from the card in what is left to give."""

    patient: Patient
    plan: TreatmentPlan | None
    results: tuple[LvefAssessment, ...]
    days: tuple[DayOnCard, ...]
    apart: tuple[Apart, ...]


def receive(*, by: User, text: str) -> ReceivedCard:
    """Keep a card to look at. Nobody is registered and nothing is planned by it. Raises Refused."""
    require(by, Permission.START_PLANS)
    try:
        card = read(text, today=by.site.today())
    except Unreadable as unreadable:
        raise Refused(Refusal("card-unreadable", str(unreadable)), {"text": [str(unreadable)]}) from unreadable
    _refuse_taken_over(by.site, card)
    with act("card.received", by=by) as entry:
        row = ReceivedCard.objects.create(
            site=by.site, card=card.id, checksum=card.checksum, hospital=card.hospital[:200], text=text, recorded_by=by
        )
        entry.subject = row
        entry.details = {"hospital": row.hospital, "card": str(card.id)}
    return row


def found(*, by: User, row: ReceivedCard) -> Found:
    """The card, who on record here may be the patient, and by which regimens the plan could go on."""
    require(by, Permission.START_PLANS)
    card = read(row.text, today=by.site.today())
    orderable = orderable_at(by.site)
    return Found(
        row, card, tuple(_matches(by.site, card)), _same(card, orderable), tuple(_equivalents(card, orderable))
    )


def preview(*, by: User, row: ReceivedCard, choice: Choice) -> Outcome:
    """What taking over would do: done, looked at, and taken back. Raises Refused for what would be refused."""
    require(by, Permission.START_PLANS)
    with _kept_here(), transaction.atomic():
        outcome = _carry_out(by, row, choice)
        transaction.set_rollback(True)
    return outcome


def take_over(*, by: User, row: ReceivedCard, choice: Choice) -> Outcome:
    """Register, record and go on, as previewed. Raises Refused; then nothing of it is written."""
    require(by, Permission.START_PLANS)
    with _kept_here(), act("card.taken-over", by=by, subject=row) as entry:
        outcome = _carry_out(by, row, choice)
        entry.patient = outcome.patient
        entry.details = {"hospital": row.hospital, "card": str(row.card), "results": len(outcome.results)}
        if outcome.plan:
            entry.details |= {"regimen": str(outcome.plan.regimen), "cycle": outcome.days[0].cycle}
    return outcome


@contextmanager
def _kept_here() -> Iterator[None]:
    """What a column here does not take is told in a sentence, as any other refusal."""
    try:
        yield
    except ValidationError as error:
        said = " ".join(error.messages)
        raise Refused(Refusal("cannot-be-kept", f"Something on the card cannot be kept here: {said}")) from error
    except IntegrityError as error:
        if "scheduling_card_once" in str(error):
            raise Refused(Refusal("taken-over-already", "This card was taken over a moment ago.")) from error
        raise Refused(Refusal("cannot-be-kept", "Something on the card contradicts itself here.")) from error
    except DataError as error:
        raise Refused(Refusal("cannot-be-kept", "A value on the card is too long or too large here.")) from error


def withdraw(*, by: User, row: ReceivedCard) -> ReceivedCard:
    """Put a card aside; what it says is forgotten."""
    require(by, Permission.START_PLANS)
    with act("card.withdrawn", by=by, subject=row) as entry:
        row = _locked(row)
        row.state, row.text = CardState.WITHDRAWN, ""
        row.save(update_fields=["state", "text"])
        entry.details = {"hospital": row.hospital}
    return row


def _carry_out(by: User, row: ReceivedCard, choice: Choice) -> Outcome:
    row = _locked(row)
    card = read(row.text, today=by.site.today())
    _refuse_taken_over(by.site, card)
    patient = _patient(by, card, choice)
    results, baseline = reported.record(by=by, patient=patient, hospital=row.hospital, results=_results(card))
    plan, days = None, tuple[DayOnCard, ...]()
    if card.goes_on:
        plan = _go_on(by, patient, card, choice)
        days = tuple(planned_days(plan, by.site.today()))
        if baseline:
            reason = f"The baseline at {row.hospital}."
            assessments.choose_baseline(by=by, plan=plan, assessment=baseline, reason=reason)
        else:
            assessments.judge(patient)
    row.state, row.decided_by, row.decided_at = CardState.TAKEN_OVER, by, timezone.now()
    row.patient, row.plan = patient, plan
    row.save(update_fields=["state", "decided_by", "decided_at", "patient", "plan"])
    left = card.left if card.goes_on else ()
    apart = differences(left, days[: len(left)] if plan and regimen_of(plan.regimen).cap.open_ended else days)
    return Outcome(patient, plan, tuple(results), days, apart)


def _locked(row: ReceivedCard) -> ReceivedCard:
    fresh = ReceivedCard.objects.select_for_update(of=("self",)).select_related("site").get(pk=row.pk)
    if fresh.state != CardState.RECEIVED:
        raise Refused(Refusal("card-moved-on", f"This card is {CardState(fresh.state).in_sentence} by now."))
    return fresh


def _refuse_taken_over(site: Site, card: Card) -> None:
    there = ReceivedCard.objects.filter(site=site, card=card.id, state=CardState.TAKEN_OVER)
    if row := there.select_related("decided_by").first():
        on = in_words(site.today(row.decided_at))
        raise Refused(
            Refusal("taken-over-already", f"This card was taken over on {on} by {row.decided_by}. Nothing is done.")
        )


def _patient(by: User, card: Card, choice: Choice) -> Patient:
    said = card.patient
    if choice.patient is None:
        if not choice.mrn.strip():
            sentence = "Choose the patient, or write the MRN under which a new one is registered here."
            raise Refused(Refusal("whose", sentence), {"mrn": [sentence]})
        return patients.register(
            by=by, mrn=choice.mrn.strip(), family_name=said.family_name, given_name=said.given_name,
            born_on=said.born_on, sex=said.sex, language=said.language, allergies=said.allergies,
        )  # fmt: skip
    if choice.patient.born_on != said.born_on:
        sentence = (
            f"{choice.patient} was born on {in_words(choice.patient.born_on)}, and the card is of somebody born on "
            f"{in_words(said.born_on)}."
        )
        raise Refused(Refusal("another-person", sentence), {"patient": [sentence]})
    return choice.patient


def _matches(site: Site, card: Card) -> Iterator[Match]:
    """By the number on the card, and by name with date of birth. Shown side by side; a person chooses."""
    said = card.patient
    same = Q(family_name__iexact=said.family_name, given_name__iexact=said.given_name, born_on=said.born_on)
    rows = Patient.objects.filter(Q(mrn=said.mrn) | same, site=site, merged_into=None).order_by("mrn")
    for one in rows[:20]:
        named = one.family_name.casefold() == said.family_name.casefold() and (
            one.given_name.casefold() == said.given_name.casefold()
        )
        agree = [
            *(["MRN"] if one.mrn == said.mrn else []), *(["name"] if named else []),
            *(["date of birth"] if one.born_on == said.born_on else []),
        ]  # fmt: skip
        differ = [word for word in ("MRN", "name", "date of birth") if word not in agree]
        yield Match(one, f"same {', '.join(agree)}" + (f"; another {', '.join(differ)}" if differ else ""))


def _same(card: Card, orderable: dict[str, RegimenVersion]) -> RegimenVersion | None:
    said, here = card.regimen, orderable.get(card.regimen.key)
    return here if here and (here.version, here.digest) == (said.version, said.digest) else None


def _equivalents(card: Card, orderable: dict[str, RegimenVersion]) -> Iterator[RegimenVersion]:
    """What can be ordered here with the very agents that the card's doses name."""
    agents = {dose.agent for day in card.plan.cycle_days for dose in day.doses}
    for version in orderable.values():
        if set(regimen_of(version).agents) == agents:
            yield version


def _go_on(by: User, patient: Patient, card: Card, choice: Choice) -> TreatmentPlan:
    version = choice.regimen or _same(card, orderable_at(by.site))
    if version is None:
        sentence = (
            f"{card.regimen.name}, version {card.regimen.version}, cannot be ordered here as it stands on the card. "
            "Choose the regimen to go on by."
        )
        raise Refused(Refusal("which-regimen", sentence), {"regimen": [sentence]})
    going = _continuation(card, version, by.site.today())
    weight = _weight(by, patient, card)
    plan = card.plan
    moved = [one for one in plan.moves if (one.cycle, one.day) >= going.next_key]
    asked = Continued(
        hospital=card.hospital, regimen=version, setting=plan.setting, start_on=going.start_on, credits=going.credits,
        policies={
            "reload_with_pertuzumab": plan.policies.reload_with_pertuzumab, "anchor": plan.policies.anchor,
            "cap": plan.policies.cap, "minimum_gap_days": plan.policies.minimum_gap_days,
        },
        moved=[Moved(one.kind, one.cycle, one.day, one.from_on, one.to_on, one.reason) for one in moved],
        added=[(one.cycles, one.reason, one.overridden) for one in plan.extensions],
        lowered=[Lowered(one.agent, one.amount, one.from_cycle, one.from_on, one.reason) for one in plan.levels],
        held=[Held(one.begun_on, one.reason, one.repeat_by, one.ended_on) for one in plan.holds],
    )  # fmt: skip
    return handovers.go_on(by=by, patient=patient, asked=asked, weight=weight)


def _continuation(card: Card, version: RegimenVersion, today: date) -> Continuation:
    policies, core = card.plan.policies, regimen_of(version)
    try:
        policy = catalog.policy(
            policies.reload_with_pertuzumab, policies.anchor, policies.minimum_gap_days, policies.cap
        )
        going = continuation(core, card.plan.started_on, list(facts_on(card)), today=today, policy=policy)
    except (AskClinician, ValueError) as error:
        sentence = f"By {version.name} the plan cannot go on from what the card says: {str(error).rstrip('.')}."
        raise Refused(Refusal("cannot-go-on", sentence), {"regimen": [sentence]}) from error
    if going is None:
        sentence = f"By {version.name} nothing is left to give."
        raise Refused(Refusal("nothing-left", sentence), {"regimen": [sentence]})
    return going


def _weight(by: User, patient: Patient, card: Card) -> BodyMeasurement | None:
    """The weight that doses were calculated from, recorded here unless it is."""
    kg, on = card.plan.weight_kg, card.plan.weighed_on
    if kg is None or on is None:
        return None
    known = BodyMeasurement.objects.filter(patient=patient, measured_on=on, weight_kg=kg).first()
    return known or patients.measure(by=by, patient=patient, measured_on=on, weight_kg=kg)


def _results(card: Card) -> list[reported.Reported]:
    return [
        reported.Reported(
            one.performed_on, one.lvef, one.modality, one.symptoms, one.lab, one.gls_percent, one.note, one.is_baseline
        )
        for one in card.results
    ]
