"""What stands before one infusion alone: a release, blood tests, consent, who was identified, the second check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from her2tracker.lib.dates import in_words
from scheduling.core.consent import ConsentState, consent_on
from scheduling.core.laboratory import LabState
from scheduling.models import CycleDay
from scheduling.models.about import About
from scheduling.models.checking import standing_of, told
from scheduling.models.checks import codes_of
from scheduling.models.consents import consents_of
from scheduling.models.gates import laboratory_of, release_of
from scheduling.objection import CHECK_DIFFERS, CHECK_MISSING, CONSENT_WITHDRAWN, NOT_RELEASED, Objection
from scheduling.words import DayState, Gate


def _is_not_to_come(day: CycleDay) -> bool:
    """Decided already, or only looked at before its plan is saved."""
    return day.pk is None or day.state != DayState.PLANNED


def of_one_day(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """What stands before this infusion alone."""
    if _is_not_to_come(day):
        return
    yield from _released(day, known, on)
    yield from _laboratory(day, known)
    yield from _consented(known, on)
    yield from _identified(day, known, on)
    yield from _checked(day, known, on)


def _consented(known: About, on: date) -> Iterable[Objection]:
    """A consent taken back stops everywhere; a missing one where the site asks for it."""
    standing = consent_on(consents_of(known.consents), on)
    if standing.state is ConsentState.WITHDRAWN and standing.at is not None:
        row = known.consents[standing.at]
        assert row.ended_on is not None  # noqa: S101 - the database refuses a withdrawal without its day
        sentence = f"The patient withdrew consent to this treatment on {in_words(row.ended_on)}"
        yield Objection(
            f"{CONSENT_WITHDRAWN}{row.uuid}",
            sentence + (f": {row.end_note.rstrip('.')}" if row.end_note else ""),
            "Oncologist talks with the patient",
            blocks=True,
            overridable=False,
            short="Consent withdrawn",
            gate=Gate.CONSENT,
        )
    elif standing.state is ConsentState.MISSING and known.policy.consent_required:
        yield Objection(
            "consent-missing",
            standing.why_missing,
            "Oncologist takes consent",
            blocks=True,
            short="Consent missing",
            gate=Gate.CONSENT,
        )


def _identified(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """Somebody else's wristband was read here: nothing is given until the right one is."""
    codes = codes_of(known.codes_read, day.cycle, day.day, on)
    if codes.is_wrong and codes.wristband:
        sentence = f"{codes.wristband.recorded_by} read a wristband that is not this patient’s: read the right one"
        key = f"wrong-wristband:{codes.wristband.uuid}"
        yield Objection(key, sentence, "Nurse", blocks=True, short="Wrong wristband read", gate=Gate.IDENTITY)


def _checked(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """A second check that differs, wherever one was done; a missing one where the site asks for it."""
    state = standing_of(day, known, on)
    if state.differs and state.done:
        yield Objection(
            f"{CHECK_DIFFERS}{state.done.uuid}",
            f"The second check differs: {'; '.join(told(state.done))}",
            "Second check (nurse), or an oncologist decides",
            blocks=True,
            short="Second check differs",
            gate=Gate.SECOND_CHECK,
        )
    elif known.policy.second_check_required and not state.agreed:
        short = "Second check asked for" if state.waits else "Second check to come"
        yield Objection(
            CHECK_MISSING,
            state.why_missing,
            "Second check (nurse)",
            blocks=True,
            short=short if state.waits or state.is_empty else "Second check lapsed",
            gate=Gate.SECOND_CHECK,
        )


def _released(day: CycleDay, known: About, on: date) -> Iterable[Objection]:
    """Where the site asks for it, a doctor's release that still holds."""
    if not known.policy.release_required:
        return
    state = release_of(day, known, on)
    if state.holds:
        return
    why = f"The release by {state.release.recorded_by} lapsed: {'; '.join(state.lapsed)}" if state.release else ""
    yield Objection(
        NOT_RELEASED,
        why or "Not released by a doctor",
        "Oncologist releases",
        blocks=True,
        short="Release lapsed" if why else "Not released",
        gate=Gate.RELEASE,
    )


def _laboratory(day: CycleDay, known: About) -> Iterable[Objection]:
    """The blood tests that the agents due ask for: each on record for this cycle, none at a figure to withhold."""
    verdicts = laboratory_of(day, known)
    missing = [verdict.test.title for verdict in verdicts if verdict.state is LabState.MISSING]
    if missing:
        sentence = f"Not on record for this cycle: {', '.join(missing)}"
        yield Objection(
            "laboratory-missing",
            sentence,
            "Nurse",
            blocks=True,
            short="Laboratory missing",
            source=verdicts[0].test.citation,
            gate=Gate.LABORATORY,
        )
    for verdict in verdicts:
        if verdict.state is LabState.WITHHOLDS and verdict.test.withhold:
            yield Objection(
                f"laboratory:{verdict.test.id}",
                verdict.sentence,
                "Oncologist decides",
                blocks=True,
                source=verdict.test.withhold.citation,
                gate=Gate.LABORATORY,
            )
