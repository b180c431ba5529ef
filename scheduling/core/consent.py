"""Whether a patient's consent to one plan's treatment is on record for a day, and what may be recorded about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refusal


class ConsentState(StrEnum):
    MISSING = "missing"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One signed consent. `withdrawn_on` is the day the patient took it back; one `in_error` was never given."""

    signed_on: date
    withdrawn_on: date | None = None
    in_error: bool = False


@dataclass(frozen=True, slots=True)
class ConsentStanding:
    """What holds on a day; `at` is the place, among those given, of the consent that says so."""

    state: ConsentState
    at: int | None = None
    signed_later: date | None = None

    @property
    def why_missing(self) -> str:
        """For the page; the empty string unless it is missing."""
        if self.state is not ConsentState.MISSING:
            return ""
        if self.signed_later:
            return f"Consent to this treatment was signed on {in_words(self.signed_later)}, which is after this day"
        return "No signed consent to this treatment is on record"


def consent_on(consents: Sequence[Consent], on: date) -> ConsentStanding:
    """What of `consents`, in the order in which they were recorded, holds on `on`. The one signed last counts."""
    counted = sorted((one.signed_on, at) for at, one in enumerate(consents) if not one.in_error)
    until = [at for signed_on, at in counted if signed_on <= on]
    if not until:
        return ConsentStanding(ConsentState.MISSING, signed_later=counted[0][0] if counted else None)
    last = consents[until[-1]]
    is_withdrawn = last.withdrawn_on is not None and last.withdrawn_on <= on
    return ConsentStanding(ConsentState.WITHDRAWN if is_withdrawn else ConsentState.SIGNED, until[-1])


def refuse_consent(consents: Sequence[Consent], *, signed_on: date, born_on: date, today: date) -> Refusal | None:
    """Recording that the patient signed on `signed_on`."""
    if signed_on > today:
        return Refusal("consent-ahead", f"{in_words(signed_on)} is still to come: record what was signed.")
    if signed_on <= born_on:
        return Refusal("consent-before-birth", f"The patient was born on {in_words(born_on)}: check the year.")
    counted = [one for one in consents if not one.in_error]
    standing = next((one for one in counted if one.withdrawn_on is None), None)
    if standing:
        return Refusal("consent-on-record", f"A consent signed on {in_words(standing.signed_on)} is on record already.")
    withdrawn = max((one.withdrawn_on for one in counted if one.withdrawn_on), default=None)
    if withdrawn and signed_on < withdrawn:
        sentence = f"Consent was withdrawn on {in_words(withdrawn)}: one signed before that day does not bring it back."
        return Refusal("consent-before-withdrawal", sentence)
    return None


def refuse_withdrawal(standing: Consent | None, *, on: date, today: date) -> Refusal | None:
    """Recording that the patient took consent back on `on`."""
    if standing is None:
        return Refusal("no-consent", "No consent stands that could be withdrawn.")
    if on > today:
        return Refusal("withdrawal-ahead", f"{in_words(on)} is still to come: record it when the patient says so.")
    if on < standing.signed_on:
        sentence = f"It was signed on {in_words(standing.signed_on)} and cannot have been withdrawn before."
        return Refusal("withdrawal-before-consent", sentence)
    return None
