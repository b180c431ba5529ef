"""Rows, constraints and QuerySet words; a file per noun. Rules live in `scheduling.core`."""

from scheduling.models import among  # noqa: F401 - registers a lookup
from scheduling.models.alongside import AlongsideTreatment
from scheduling.models.amendments import Amendment
from scheduling.models.chairs import Chair, ChairBooking, ChairWish, OpeningHours
from scheduling.models.chairside import Reaction, VitalSigns
from scheduling.models.changes import Extension, LevelChange, OralLevelChange
from scheduling.models.checks import CodeRead, SecondCheck
from scheduling.models.closed_days import ClosedDay, OpenedHoliday
from scheduling.models.closures import Closure, ClosureMove
from scheduling.models.consents import TreatmentConsent
from scheduling.models.corrections import ChairsideAmendment
from scheduling.models.cycles import Administration, BroughtForward, CycleDay, Delay, Override
from scheduling.models.drafts import RegimenDraft, RegimenSignature
from scheduling.models.feeds import CalendarFeed, InfusionFeed
from scheduling.models.handovers import ReceivedCard
from scheduling.models.imports import PlanImport
from scheduling.models.no_shows import NoShow
from scheduling.models.nursing import NurseAssignment
from scheduling.models.patients import BodyMeasurement, Patient, PreviousMrn, TumourProfile
from scheduling.models.plans import Hold, PriorTreatment, TreatmentPlan
from scheduling.models.policies import SitePolicy
from scheduling.models.regimens import RegimenRetirement, RegimenSignOff, RegimenVersion
from scheduling.models.releases import LabResult, Release
from scheduling.models.running import InfusionRun
from scheduling.models.trade_numbers import TradeNumber

__all__ = [
    "Administration",
    "AlongsideTreatment",
    "Amendment",
    "BodyMeasurement",
    "BroughtForward",
    "CalendarFeed",
    "Chair",
    "ChairBooking",
    "ChairWish",
    "ChairsideAmendment",
    "ClosedDay",
    "Closure",
    "ClosureMove",
    "CodeRead",
    "CycleDay",
    "Delay",
    "Extension",
    "Hold",
    "InfusionFeed",
    "InfusionRun",
    "LabResult",
    "LevelChange",
    "NoShow",
    "NurseAssignment",
    "OpenedHoliday",
    "OpeningHours",
    "OralLevelChange",
    "Override",
    "Patient",
    "PlanImport",
    "PreviousMrn",
    "PriorTreatment",
    "Reaction",
    "ReceivedCard",
    "RegimenDraft",
    "RegimenRetirement",
    "RegimenSignOff",
    "RegimenSignature",
    "RegimenVersion",
    "Release",
    "SecondCheck",
    "SitePolicy",
    "TradeNumber",
    "TreatmentConsent",
    "TreatmentPlan",
    "TumourProfile",
    "VitalSigns",
]
