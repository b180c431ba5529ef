"""Addresses of the heart's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from monitoring.views import (
    adherence,
    assessments,
    baselines,
    check_faults,
    comparisons,
    delegations,
    echoes,
    flag_report,
    flags,
    follow_up,
    intervals,
    letters,
    patient_answers,
    queue,
    reminders,
    risk,
)

urlpatterns: list[URLPattern] = [
    path("flags/", flags.flags, name="flags"),
    path("flags/<uuid:uuid>/", flags.flag, name="flag"),
    path("flags/<uuid:uuid>/put-off/", flags.flag_put_off, name="flag-put-off"),
    path("flags/<uuid:uuid>/bring-back/", flags.flag_bring_back, name="flag-bring-back"),
    path("flags/decide/<str:token>/", flags.flag_link, name="flag-link"),
    path("flags/stand-in/", delegations.stand_in, name="stand-in"),
    path("flags/stand-in/<uuid:uuid>/end/", delegations.stand_in_end, name="stand-in-end"),
    path("queue/", queue.queue, name="queue"),
    path("patients/<uuid:uuid>/lvef/", assessments.lvef_trend, name="lvef-trend"),
    path("patients/<uuid:uuid>/lvef/new/", assessments.assessment_new, name="assessment-new"),
    path("patients/<uuid:uuid>/risk/", risk.risk_new, name="risk-new"),
    path("risk/<uuid:uuid>/", risk.risk_result, name="risk"),
    path("plans/<uuid:uuid>/interval/", intervals.interval, name="interval"),
    path("follow-up/", follow_up.follow_up, name="follow-up"),
    path("follow-up/patients.csv", follow_up.follow_up_csv, name="follow-up-csv"),
    path("lvef/<uuid:uuid>/", assessments.assessment, name="assessment"),
    path("lvef/<uuid:uuid>/compare/", comparisons.comparison, name="assessment-compare"),
    path("plans/<uuid:uuid>/baseline/", baselines.baseline, name="baseline"),
    path("plans/<uuid:uuid>/echo/", echoes.echo_book, name="echo-book"),
    path("reports/adherence/", adherence.adherence, name="adherence"),
    path("reports/adherence/plans.csv", adherence.adherence_csv, name="adherence-csv"),
    path("reports/flags/", flag_report.flag_report, name="flag-report"),
    path("reports/flags/rules.csv", flag_report.flag_report_csv, name="flag-report-csv"),
    path("answer/", patient_answers.patient_answer, name="patient-answer"),
    path("patients/<uuid:uuid>/letters/", patient_answers.patient_letters, name="patient-letters"),
    path("queue/requests/<uuid:uuid>/settle/", patient_answers.request_settle, name="request-settle"),
    path("settings/checks/", check_faults.check_faults, name="check-faults"),
    path("settings/checks/<uuid:uuid>/seen/", check_faults.check_fault_seen, name="check-fault-seen"),
    path("reminders/letters/", letters.letters, name="letters"),
    path("reminders/letters/pause/", letters.letters_pause, name="letters-pause"),
    path("reminders/letters/resume/", letters.letters_resume, name="letters-resume"),
    path("reminders/letters/<slug:kind>/<slug:language>/", letters.letter_wording, name="letter-wording"),
    path(
        "reminders/letters/<slug:kind>/<slug:language>/as-shipped/", letters.letter_as_shipped, name="letter-as-shipped"
    ),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/<uuid:uuid>/", reminders.reminder, name="reminder"),
    path("reminders/<uuid:uuid>/html/", reminders.reminder_html, name="reminder-html"),
]
