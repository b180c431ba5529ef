"""Addresses of the heart's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from monitoring.views import (
    adherence,
    assessments,
    baselines,
    echoes,
    flags,
    follow_up,
    intervals,
    queue,
    reminders,
    risk,
)

urlpatterns: list[URLPattern] = [
    path("flags/", flags.flags, name="flags"),
    path("flags/<uuid:uuid>/", flags.flag, name="flag"),
    path("queue/", queue.queue, name="queue"),
    path("patients/<uuid:uuid>/lvef/", assessments.lvef_trend, name="lvef-trend"),
    path("patients/<uuid:uuid>/lvef/new/", assessments.assessment_new, name="assessment-new"),
    path("patients/<uuid:uuid>/risk/", risk.risk_new, name="risk-new"),
    path("risk/<uuid:uuid>/", risk.risk_result, name="risk"),
    path("plans/<uuid:uuid>/interval/", intervals.interval, name="interval"),
    path("follow-up/", follow_up.follow_up, name="follow-up"),
    path("lvef/<uuid:uuid>/", assessments.assessment, name="assessment"),
    path("plans/<uuid:uuid>/baseline/", baselines.baseline, name="baseline"),
    path("plans/<uuid:uuid>/echo/", echoes.echo_book, name="echo-book"),
    path("reports/adherence/", adherence.adherence, name="adherence"),
    path("reports/adherence/plans.csv", adherence.adherence_csv, name="adherence-csv"),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/<uuid:uuid>/", reminders.reminder, name="reminder"),
    path("reminders/<uuid:uuid>/html/", reminders.reminder_html, name="reminder-html"),
]
