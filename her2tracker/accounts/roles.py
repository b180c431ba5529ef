"""Who may do what, as data. Pages, API and documents all read this one table.

A permission answers "may this person"; whether the state allows the act is the core's lifecycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """One act or one kind of sight. The value is what the audit log and the API schema show."""

    VIEW_PATIENTS = "view-patients"
    EDIT_PATIENTS = "edit-patients"
    RECORD_MEASUREMENTS = "record-measurements"
    RECORD_CONSENT = "record-consent"
    VIEW_REGIMENS = "view-regimens"
    SIGN_OFF_REGIMENS = "sign-off-regimens"
    DRAFT_REGIMENS = "draft-regimens"
    APPROVE_REGIMENS = "approve-regimens"
    START_PLANS = "start-plans"
    CHANGE_SCHEDULE = "change-schedule"
    PLAN_CLOSURES = "plan-closures"
    ARRANGE_CHAIRS = "arrange-chairs"
    SHARE_CALENDAR = "share-calendar"
    HAND_OVER_PLANS = "hand-over-plans"
    ADJUST_PLANS = "adjust-plans"
    RECORD_ADMINISTRATIONS = "record-administrations"
    TAKE_INFUSIONS = "take-infusions"
    ASSIGN_NURSES = "assign-nurses"
    ASK_RELEASES = "ask-releases"
    HOLD_PLANS = "hold-plans"
    RELEASE_CYCLES = "release-cycles"
    OVERRIDE_OBJECTIONS = "override-objections"
    RECORD_ASSESSMENTS = "record-assessments"
    CHOOSE_BASELINE = "choose-baseline"
    VIEW_FLAGS = "view-flags"
    DECIDE_FLAGS = "decide-flags"
    BOOK_ECHOES = "book-echoes"
    VIEW_QUEUE = "view-queue"
    LOG_CALLS = "log-calls"
    VIEW_FORECAST = "view-forecast"
    VIEW_REMINDERS = "view-reminders"
    MANAGE_LETTERS = "manage-letters"
    VIEW_REPORTS = "view-reports"
    VIEW_HISTORY = "view-history"
    CHECK_HISTORY = "check-history"
    MANAGE_SITE = "manage-site"
    MANAGE_PEOPLE = "manage-people"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ")


class Role(StrEnum):
    NURSE = "nurse"
    ONCOLOGIST = "oncologist"
    COORDINATOR = "coordinator"
    PHARMACIST = "pharmacist"
    ADMINISTRATOR = "administrator"

    @property
    def definition(self) -> RoleDefinition:
        return ROLES[self]

    @property
    def label(self) -> str:
        return self.definition.label


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    label: str
    description: str
    home: str  # the URL name of this role's first place
    places: tuple[str, ...]  # URL names in the top bar, home first
    permissions: frozenset[Permission]


P = Permission
_EVERY_CLINICIAN = {P.VIEW_PATIENTS, P.VIEW_REGIMENS, P.VIEW_HISTORY}

ROLES: dict[Role, RoleDefinition] = {
    Role.NURSE: RoleDefinition(
        "Infusion nurse",
        "Sees the day's infusions, records what was given, weighs, and records echo results.",
        "today",
        ("today", "chairs", "patients", "regimens"),
        frozenset(
            _EVERY_CLINICIAN
            | {
                P.RECORD_MEASUREMENTS,
                P.CHANGE_SCHEDULE,
                P.RECORD_CONSENT,
                P.LOG_CALLS,
                P.SHARE_CALENDAR,
                P.RECORD_ADMINISTRATIONS,
                P.TAKE_INFUSIONS,
                P.ASSIGN_NURSES,
                P.ASK_RELEASES,
                P.RECORD_ASSESSMENTS,
                P.VIEW_FLAGS,
            }
        ),
    ),
    Role.ONCOLOGIST: RoleDefinition(
        "Oncologist",
        "Starts plans, decides cardiac flags, holds and resumes, overrides objections with a reason.",
        "flags",
        ("flags", "releases", "today", "patients", "forecast", "regimens", "adherence"),
        frozenset(
            _EVERY_CLINICIAN
            | {
                P.EDIT_PATIENTS,
                P.RECORD_MEASUREMENTS,
                P.SIGN_OFF_REGIMENS,
                P.DRAFT_REGIMENS,
                P.APPROVE_REGIMENS,
                P.START_PLANS,
                P.CHANGE_SCHEDULE,
                P.RECORD_CONSENT,
                P.LOG_CALLS,
                P.SHARE_CALENDAR,
                P.HAND_OVER_PLANS,
                P.ADJUST_PLANS,
                P.VIEW_FORECAST,
                P.RECORD_ADMINISTRATIONS,
                P.HOLD_PLANS,
                P.RELEASE_CYCLES,
                P.OVERRIDE_OBJECTIONS,
                P.RECORD_ASSESSMENTS,
                P.CHOOSE_BASELINE,
                P.VIEW_FLAGS,
                P.DECIDE_FLAGS,
                P.BOOK_ECHOES,
                P.VIEW_REPORTS,
            }
        ),
    ),
    Role.COORDINATOR: RoleDefinition(
        "Coordinator",
        "Keeps the queue: books echoes, moves dates, registers patients, watches the reminders.",
        "queue",
        ("queue", "today", "chairs", "patients", "forecast", "reminders", "adherence"),
        frozenset(
            _EVERY_CLINICIAN
            | {
                P.EDIT_PATIENTS,
                P.CHANGE_SCHEDULE,
                P.ASSIGN_NURSES,
                P.ASK_RELEASES,
                P.PLAN_CLOSURES,
                P.ARRANGE_CHAIRS,
                P.SHARE_CALENDAR,
                P.HAND_OVER_PLANS,
                P.RECORD_ASSESSMENTS,
                P.VIEW_FLAGS,
                P.BOOK_ECHOES,
                P.VIEW_QUEUE,
                P.RECORD_CONSENT,
                P.LOG_CALLS,
                P.VIEW_FORECAST,
                P.VIEW_REMINDERS,
                P.MANAGE_LETTERS,
                P.VIEW_REPORTS,
            }
        ),
    ),
    Role.PHARMACIST: RoleDefinition(
        "Pharmacist",
        "Sees the day's doses with their arithmetic, records weights, writes and approves the site’s regimens.",
        "today",
        ("today", "patients", "regimens"),
        frozenset(_EVERY_CLINICIAN | {P.RECORD_MEASUREMENTS, P.VIEW_FLAGS, P.DRAFT_REGIMENS, P.APPROVE_REGIMENS}),
    ),
    Role.ADMINISTRATOR: RoleDefinition(
        "Administrator",
        "Manages people and site settings. Sees no patient.",
        "site-settings",
        ("site-settings", "people", "regimens", "reminders"),
        frozenset(
            {
                P.MANAGE_SITE,
                P.CHECK_HISTORY,
                P.ARRANGE_CHAIRS,
                P.MANAGE_PEOPLE,
                P.VIEW_REGIMENS,
                P.VIEW_REMINDERS,
                P.MANAGE_LETTERS,
            }
        ),
    ),
}
