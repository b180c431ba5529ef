"""Coded answers of this app, with the words people read. Stored by value, so values never change."""

from __future__ import annotations

from enum import StrEnum

from monitoring.core.lifecycle import Decision as Decision
from monitoring.core.lifecycle import FlagKind as FlagKind
from monitoring.core.lifecycle import FlagState as FlagState
from scheduling.words import Labelled


class DecisionReason(Labelled):
    RULE_MET = "rule-met"
    SYMPTOMS = "symptoms"
    CARDIOLOGY_ADVICE = "cardiology-advice"
    CARDIOPROTECTION = "cardioprotection-started"
    BENEFIT_OUTWEIGHS = "benefit-outweighs"
    WITHIN_REPEAT_ERROR = "within-repeat-error"
    METHOD_CHANGED = "method-changed"
    ENTERED_WRONGLY = "entered-wrongly"
    POOR_IMAGE = "poor-image"
    OTHER = "other"


class ReminderKind(Labelled):
    DIGEST = "digest"
    URGENT_FLAG = "urgent-flag"
    ESCALATION = "escalation"
    FLAG_DIGEST = "flag-digest"
    RELEASE = "release"  # infusions that wait for the doctor's release
    PATIENT = "patient"  # to her, about an appointment


class ReminderState(Labelled):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # the last try failed: a person must act
    CANCELLED = "cancelled"
    OPTED_OUT = "opted-out"  # owed, and not sent: she wants none


class ReminderChannel(Labelled):
    EMAIL = "email"
    SMS = "sms"


class SweepName(StrEnum):
    HEARTBEAT = "heartbeat"
    OVERDUE = "flag-overdue-echocardiograms"
    DROPS = "flag-lvef-drops"
    REMINDERS = "send-reminders"
    DELIVERY = "deliver-reminders"
    ESCALATION = "escalate-flags"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ").capitalize().replace("lvef", "LVEF")


# Words for people; the core's enums carry only their codes.
DECISION_LABELS = {
    Decision.HOLD: "Hold",
    Decision.CONTINUE: "Continue with cardiology",
    Decision.REPEAT: "Repeat echo",
    Decision.NOT_VALID: "Not valid",
}
FLAG_KIND_LABELS = {
    FlagKind.FINDING: "LVEF finding",
    FlagKind.OVERDUE: "LVEF overdue",
    FlagKind.BASELINE: "No baseline LVEF",
}

# The reasons that fit each decision; the page offers no others.
DECISION_REASONS = {
    Decision.HOLD: (
        DecisionReason.RULE_MET,
        DecisionReason.SYMPTOMS,
        DecisionReason.CARDIOLOGY_ADVICE,
        DecisionReason.OTHER,
    ),
    Decision.CONTINUE: (
        DecisionReason.CARDIOLOGY_ADVICE,
        DecisionReason.CARDIOPROTECTION,
        DecisionReason.BENEFIT_OUTWEIGHS,
        DecisionReason.WITHIN_REPEAT_ERROR,
        DecisionReason.METHOD_CHANGED,
        DecisionReason.OTHER,
    ),
    Decision.REPEAT: (
        DecisionReason.WITHIN_REPEAT_ERROR,
        DecisionReason.METHOD_CHANGED,
        DecisionReason.POOR_IMAGE,
        DecisionReason.CARDIOLOGY_ADVICE,
        DecisionReason.OTHER,
    ),
    Decision.NOT_VALID: (
        DecisionReason.ENTERED_WRONGLY,
        DecisionReason.POOR_IMAGE,
        DecisionReason.METHOD_CHANGED,
        DecisionReason.OTHER,
    ),
}
