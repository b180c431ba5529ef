"""Addresses of this app under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from monitoring.api import (
    assessments,
    comparisons,
    delegations,
    flags,
    intervals,
    letters,
    outlooks,
    plans,
    reminders,
    reports,
    risk,
)

PLAN, LVEF, FLAG = "plans/<uuid:uuid>/", "lvef/<uuid:uuid>/", "flags/<uuid:uuid>/"
REMINDER = "reminders/<uuid:uuid>/"

urlpatterns: list[URLPattern] = [
    path("patients/<uuid:uuid>/lvef/", assessments.Assessments.as_view()),
    path(LVEF, assessments.OneAssessment.as_view()),
    path(f"{LVEF}invalidate/", assessments.Invalidate.as_view()),
    path(f"{LVEF}compare/", comparisons.Compare.as_view()),
    path(f"{PLAN}baseline/", plans.Baseline.as_view()),
    path(f"{PLAN}window/", plans.Surveillance.as_view()),
    path(f"{PLAN}outlook/", outlooks.PlanOutlooks.as_view()),
    path(f"{PLAN}echoes/", plans.Echoes.as_view()),
    path(f"{PLAN}interval/", intervals.Intervals.as_view()),
    path(f"{PLAN}interval/end/", intervals.EndInterval.as_view()),
    path("patients/<uuid:uuid>/risk/", risk.Risks.as_view()),
    path("risk-proforma/", risk.RiskProforma.as_view()),
    path("follow-up/", intervals.FollowUps.as_view()),
    path("flags/", flags.Flags.as_view()),
    path(FLAG, flags.OneFlag.as_view()),
    path(f"{FLAG}decide/", flags.Decide.as_view()),
    path(f"{FLAG}put-off/", flags.PutOff.as_view()),
    path(f"{FLAG}bring-back/", flags.BringBack.as_view()),
    path(f"{FLAG}escalations/", flags.Escalations.as_view()),
    path("stand-ins/", delegations.StandIns.as_view()),
    path("stand-ins/<uuid:uuid>/end/", delegations.EndStandIn.as_view()),
    path("reports/adherence/", reports.AdherenceReport.as_view()),
    path("reports/flags/", reports.FlagReport.as_view()),
    path("reminders/", reminders.Reminders.as_view()),
    path(REMINDER, reminders.OneReminder.as_view()),
    path(f"{REMINDER}retry/", reminders.Retry.as_view()),
    path("letters/settings/", letters.LetterSettings.as_view()),
    path("letters/pause/", letters.PauseLetters.as_view()),
    path("letters/resume/", letters.ResumeLetters.as_view()),
    path("letters/wordings/", letters.Wordings.as_view()),
    path("letters/wordings/<slug:kind>/<slug:language>/", letters.OneWording.as_view()),
    path("patients/<uuid:uuid>/letters/", letters.PatientLetters.as_view()),
    path("patient-requests/", letters.PatientRequests.as_view()),
    path("patient-requests/<uuid:uuid>/settle/", letters.SettleRequest.as_view()),
    path("heartbeats/", reminders.Heartbeats.as_view()),
    path("heartbeats/faults/<uuid:uuid>/seen/", reminders.SeeCheckFault.as_view()),
]
