"""Addresses of this app under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from monitoring.api import assessments, flags, intervals, plans, reminders, risk

PLAN, LVEF, FLAG = "plans/<uuid:uuid>/", "lvef/<uuid:uuid>/", "flags/<uuid:uuid>/"
REMINDER = "reminders/<uuid:uuid>/"

urlpatterns: list[URLPattern] = [
    path("patients/<uuid:uuid>/lvef/", assessments.Assessments.as_view()),
    path(LVEF, assessments.OneAssessment.as_view()),
    path(f"{LVEF}invalidate/", assessments.Invalidate.as_view()),
    path(f"{PLAN}baseline/", plans.Baseline.as_view()),
    path(f"{PLAN}window/", plans.Surveillance.as_view()),
    path(f"{PLAN}echoes/", plans.Echoes.as_view()),
    path(f"{PLAN}interval/", intervals.Intervals.as_view()),
    path(f"{PLAN}interval/end/", intervals.EndInterval.as_view()),
    path("patients/<uuid:uuid>/risk/", risk.Risks.as_view()),
    path("risk-proforma/", risk.RiskProforma.as_view()),
    path("follow-up/", intervals.FollowUps.as_view()),
    path("flags/", flags.Flags.as_view()),
    path(FLAG, flags.OneFlag.as_view()),
    path(f"{FLAG}decide/", flags.Decide.as_view()),
    path("reminders/", reminders.Reminders.as_view()),
    path(REMINDER, reminders.OneReminder.as_view()),
    path(f"{REMINDER}retry/", reminders.Retry.as_view()),
    path("heartbeats/", reminders.Heartbeats.as_view()),
]
