"""Addresses of this app under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.api import closed_days, cycle_days, patients, plans, regimens

PATIENT, PLAN, CYCLE_DAY = "patients/<uuid:uuid>/", "plans/<uuid:uuid>/", "cycle-days/<uuid:uuid>/"
REGIMEN = "regimens/<slug:key>/<int:version>/"

urlpatterns: list[URLPattern] = [
    path("patients/", patients.Patients.as_view()),
    path(PATIENT, patients.OnePatient.as_view()),
    path(f"{PATIENT}measurements/", patients.Measurements.as_view()),
    path(f"{PATIENT}tumour/", patients.Tumour.as_view()),
    path(f"{PATIENT}merge/", patients.Merge.as_view()),
    path(f"{PATIENT}suggestions/", regimens.Suggestions.as_view()),
    path(f"{PATIENT}plans/", plans.Plans.as_view()),
    path(f"{PATIENT}plans/preview/", plans.PreviewPlan.as_view()),
    path("closed-days/", closed_days.ClosedDays.as_view()),
    path("closed-days/<uuid:uuid>/open/", closed_days.OpenAgain.as_view()),
    path("regimens/", regimens.Regimens.as_view()),
    path(REGIMEN, regimens.OneRegimen.as_view()),
    path(f"{REGIMEN}sign-off/", regimens.SignOff.as_view()),
    path(PLAN, plans.OnePlan.as_view()),
    path(f"{PLAN}cease/", plans.Cease.as_view()),
    path(f"{PLAN}hold/", plans.HoldPlan.as_view()),
    path(f"{PLAN}resume/", plans.Resume.as_view()),
    path(f"{PLAN}recalculate/", plans.Recalculate.as_view()),
    path(CYCLE_DAY, cycle_days.OneCycleDay.as_view()),
    path(f"{CYCLE_DAY}due/", cycle_days.Due.as_view()),
    path(f"{CYCLE_DAY}record/", cycle_days.Record.as_view()),
    path(f"{CYCLE_DAY}delay/", cycle_days.Delay.as_view()),
    path(f"{CYCLE_DAY}delay/preview/", cycle_days.PreviewDelay.as_view()),
    path(f"{CYCLE_DAY}omit/", cycle_days.Omit.as_view()),
    path(f"{CYCLE_DAY}omit/preview/", cycle_days.PreviewOmit.as_view()),
    path(f"{CYCLE_DAY}time/", cycle_days.SetTime.as_view()),
    path(f"{CYCLE_DAY}override/", cycle_days.Override.as_view()),
]
