"""Coded answers of this app, with the words people read. Stored by value, so values never change."""

from __future__ import annotations

from enum import StrEnum

from scheduling.core.facts import DelayScope as DelayScope
from scheduling.core.lifecycle import PlanState as PlanState


class Labelled(StrEnum):
    """A StrEnum whose label is its value in words unless LABELS says otherwise."""

    @property
    def label(self) -> str:
        return _LABELS.get(f"{type(self).__name__}.{self.name}", self.value.replace("-", " ").capitalize())

    @property
    def in_sentence(self) -> str:
        """The label inside a sentence: its first letter small, an abbreviation as it is."""
        return self.label[:1].lower() + self.label[1:]


class Sex(Labelled):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class InfusionsOf(Labelled):
    """Whose infusions a subscribed calendar shows."""

    OWN = "own"  # the site's, under an address of one's own
    ASSIGNED = "assigned"  # those that one has taken or was given
    CLINIC = "clinic"  # the site's, for a screen that everybody sees


class Receptor(Labelled):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"


class ResidualDisease(Labelled):
    NONE = "none"
    PRESENT = "present"
    UNKNOWN = "unknown"


class Setting(Labelled):
    NEOADJUVANT = "neoadjuvant"
    ADJUVANT = "adjuvant"
    METASTATIC = "metastatic"


class DayState(Labelled):
    """A cycle day's stored state; `missed` is computed, never stored."""

    PLANNED = "planned"
    GIVEN = "given"
    OMITTED = "omitted"


class OmissionReason(Labelled):
    CARDIAC = "cardiac"
    TOXICITY = "toxicity"
    INTERCURRENT_ILLNESS = "intercurrent-illness"
    PATIENT_CHOICE = "patient-choice"
    CLINICIAN_DECISION = "clinician-decision"
    SUPPLY = "supply"
    OTHER = "other"


class DelayReason(Labelled):
    CARDIAC = "cardiac"
    TOXICITY = "toxicity"
    LABORATORY = "laboratory"
    INTERCURRENT_ILLNESS = "intercurrent-illness"
    SURGERY = "surgery"
    PATIENT_CHOICE = "patient-choice"
    DID_NOT_ATTEND = "did-not-attend"
    CAPACITY = "capacity"
    CLOSED_DAY = "closed-day"
    OTHER = "other"


class ForwardReason(Labelled):
    """Why a cycle day is brought forward."""

    CLOSED_DAY = "closed-day"
    CAPACITY = "capacity"
    PATIENT_CHOICE = "patient-choice"
    OTHER = "other"


class ClosureState(Labelled):
    """Where a set of moves around a closed span stands: with the coordinator, with the doctors, or taken back."""

    PREPARED = "prepared"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class MoveState(Labelled):
    """Where one proposed move stands; `done` and `refused` are the program's, the rest people's."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LEFT = "left"
    DONE = "done"
    REFUSED = "refused"


class ImportState(Labelled):
    """Where a file of patients and plans stands; `waiting` and after it, somebody confirmed it."""

    RECEIVED = "received"
    CHECKED = "checked"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CardState(Labelled):
    """Where a handover card from elsewhere stands."""

    RECEIVED = "received"
    TAKEN_OVER = "taken-over"
    WITHDRAWN = "withdrawn"


class ChairFreed(Labelled):
    """Why a booked chair became free again."""

    CYCLE_MOVED = "cycle-moved"
    OMITTED = "omitted"
    HELD = "held"
    REBOOKED = "rebooked"
    GIVEN_BACK = "given-back"


class HoldReason(Labelled):
    LVEF_FALL = "lvef-fall"
    CARDIAC_SYMPTOMS = "cardiac-symptoms"
    OTHER_TOXICITY = "other-toxicity"
    OTHER = "other"


class OverrideReason(Labelled):
    CARDIOLOGY_ADVICE = "cardiology-advice"
    BENEFIT_OUTWEIGHS = "benefit-outweighs"
    RESULT_DOUBTFUL = "result-doubtful"
    OTHER = "other"


class DifferenceReason(Labelled):
    """Why the milligrams given differ from those planned."""

    STOPPED_EARLY = "stopped-early"
    REACTION = "reaction"
    DOSE_RECALCULATED = "dose-recalculated"
    VIAL_ROUNDING = "vial-rounding"
    OTHER = "other"


class Gate(Labelled):
    """What must be so before an infusion, in the order in which a nurse reads it."""

    RELEASE = "release"
    PLAN = "plan"
    HEART = "heart"
    WEIGHT = "weight"
    LABORATORY = "laboratory"
    CONSENT = "consent"
    IDENTITY = "identity"
    SECOND_CHECK = "second-check"

    @property
    def is_of_one_day(self) -> bool:
        """Still to be done before an infusion; what it says is no finding about the patient."""
        return self in (Gate.RELEASE, Gate.LABORATORY, Gate.CONSENT, Gate.SECOND_CHECK)


class ConsentEnd(Labelled):
    """How a recorded consent came to count no longer."""

    WITHDRAWN = "withdrawn"
    IN_ERROR = "in-error"


class ReactionSign(Labelled):
    """What was seen in an infusion reaction."""

    FEVER = "fever"
    CHILLS = "chills"
    FLUSHING = "flushing"
    RASH = "rash"
    ITCHING = "itching"
    DYSPNOEA = "dyspnoea"
    WHEEZE = "wheeze"
    LOW_PRESSURE = "low-pressure"
    HIGH_PRESSURE = "high-pressure"
    FAST_PULSE = "fast-pulse"
    SWELLING = "swelling"
    NAUSEA = "nausea"
    PAIN = "pain"
    OTHER = "other"


class ReactionAction(Labelled):
    """What became of the infusion."""

    SLOWED = "slowed"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    COMPLETED = "completed"


class CeaseReason(Labelled):
    COMPLETED_EARLY = "completed-early"
    CARDIAC = "cardiac"
    TOXICITY = "toxicity"
    RECURRENCE = "recurrence"
    PATIENT_CHOICE = "patient-choice"
    TRANSFERRED = "transferred"
    DIED = "died"
    ENTERED_IN_ERROR = "entered-in-error"
    SWITCHED = "switched"
    OTHER = "other"


class SwitchReason(Labelled):
    """Why one plan gives way to another."""

    RESIDUAL_DISEASE = "residual-disease"
    TOXICITY = "toxicity"
    FORM = "form"
    PROGRESSION = "progression"
    PATIENT_CHOICE = "patient-choice"
    SUPPLY = "supply"
    OTHER = "other"


_LABELS = {
    "CeaseReason.SWITCHED": "Switched to another regimen",
    "SwitchReason.RESIDUAL_DISEASE": "Invasive disease left at surgery",
    "SwitchReason.FORM": "Another form of the same treatment",
    "SwitchReason.SUPPLY": "Product not available",
    "ReactionAction.SLOWED": "Slowed, then completed",
    "ReactionAction.INTERRUPTED": "Interrupted, then taken up again",
    "ReactionAction.STOPPED": "Stopped for good",
    "ReactionAction.COMPLETED": "Completed unchanged",
    "ReactionSign.LOW_PRESSURE": "Low blood pressure",
    "ReactionSign.HIGH_PRESSURE": "High blood pressure",
    "OverrideReason.CARDIOLOGY_ADVICE": "Cardiology advises to continue",
    "OverrideReason.BENEFIT_OUTWEIGHS": "Benefit outweighs the cardiac risk",
    "OverrideReason.RESULT_DOUBTFUL": "The result is doubtful",
    "HoldReason.LVEF_FALL": "Fall of LVEF",
    "DelayReason.CLOSED_DAY": "Clinic closed on that day",
    "ForwardReason.CLOSED_DAY": "Clinic closed on that day",
    "ForwardReason.CAPACITY": "No chair free",
    "MoveState.PROPOSED": "Waits for the doctor",
    "MoveState.CONFIRMED": "Confirmed, not yet moved",
    "MoveState.DECLINED": "Declined",
    "MoveState.LEFT": "Left, decide later",
    "MoveState.DONE": "Moved",
    "MoveState.REFUSED": "Not moved",
    "DelayReason.CAPACITY": "No chair free",
    "ImportState.RECEIVED": "Being checked",
    "ImportState.WAITING": "Confirmed, about to run",
    "ImportState.DONE": "Imported",
    "ImportState.REFUSED": "Not imported",
    "OmissionReason.SUPPLY": "Product not available",
}
