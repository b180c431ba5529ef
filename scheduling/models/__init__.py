"""Rows, constraints and QuerySet words; a file per noun. Rules live in `scheduling.core`."""

from scheduling.models.changes import Extension, LevelChange
from scheduling.models.closed_days import ClosedDay
from scheduling.models.cycles import Administration, CycleDay, Delay, Override
from scheduling.models.drafts import RegimenDraft, RegimenSignature
from scheduling.models.feeds import CalendarFeed
from scheduling.models.patients import BodyMeasurement, Patient, PreviousMrn, TumourProfile
from scheduling.models.plans import Hold, PriorTreatment, TreatmentPlan
from scheduling.models.policies import SitePolicy
from scheduling.models.regimens import RegimenRetirement, RegimenSignOff, RegimenVersion

__all__ = [
    "Administration",
    "BodyMeasurement",
    "CalendarFeed",
    "ClosedDay",
    "CycleDay",
    "Delay",
    "Extension",
    "Hold",
    "LevelChange",
    "Override",
    "Patient",
    "PreviousMrn",
    "PriorTreatment",
    "RegimenDraft",
    "RegimenRetirement",
    "RegimenSignOff",
    "RegimenSignature",
    "RegimenVersion",
    "SitePolicy",
    "TreatmentPlan",
    "TumourProfile",
]
