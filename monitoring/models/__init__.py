"""Rows, constraints and QuerySet words; a file per noun. Rules live in `monitoring.core`."""

from monitoring.models.assessments import BaselineChoice, LvefAssessment
from monitoring.models.delegations import Delegation
from monitoring.models.desk import Call, ChecklistTick, EchoNoShow, QueueOwner, SavedList, Unreached
from monitoring.models.flags import CardiacFlag, EchoBooking, FlagDecision, FlagEscalation, FlagSnooze
from monitoring.models.next_checks import CheckFault, FullCheck, NextCheck
from monitoring.models.patient_letters import LetterOptOut, LetterWording, PatientAnswer, PatientLetterSettings
from monitoring.models.policies import CardiacPolicy
from monitoring.models.protocols import ProtocolVersion
from monitoring.models.reminders import Reminder, SweepRun
from monitoring.models.report_files import ReportFile
from monitoring.models.result_imports import ResultImport
from monitoring.models.risk import RiskAssessment, SurveillanceInterval

__all__ = [
    "BaselineChoice",
    "Call",
    "CardiacFlag",
    "CardiacPolicy",
    "CheckFault",
    "ChecklistTick",
    "Delegation",
    "EchoBooking",
    "EchoNoShow",
    "FlagDecision",
    "FlagEscalation",
    "FlagSnooze",
    "FullCheck",
    "LetterOptOut",
    "LetterWording",
    "LvefAssessment",
    "NextCheck",
    "PatientAnswer",
    "PatientLetterSettings",
    "ProtocolVersion",
    "QueueOwner",
    "Reminder",
    "ReportFile",
    "ResultImport",
    "RiskAssessment",
    "SavedList",
    "SurveillanceInterval",
    "SweepRun",
    "Unreached",
]
