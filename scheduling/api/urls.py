"""Addresses of this app under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.api import (
    closed_days,
    cycle_days,
    drafts,
    forecast,
    patients,
    plan_changes,
    plans,
    regimens,
    switches,
)

PATIENT, PLAN, CYCLE_DAY = "patients/<uuid:uuid>/", "plans/<uuid:uuid>/", "cycle-days/<uuid:uuid>/"
REGIMEN = "regimens/<slug:key>/<int:version>/"
DRAFT = "regimen-drafts/<uuid:uuid>/"

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
    path(f"{REGIMEN}retire/", drafts.Retire.as_view()),
    path(f"{REGIMEN}file/", drafts.File.as_view()),
    path("regimen-drafts/", drafts.Drafts.as_view()),
    path(DRAFT, drafts.OneDraft.as_view()),
    path(f"{DRAFT}submit/", drafts.Submit.as_view()),
    path(f"{DRAFT}send-back/", drafts.SendBack.as_view()),
    path(f"{DRAFT}withdraw/", drafts.Withdraw.as_view()),
    path(f"{DRAFT}rehearsal/", drafts.RehearseDraft.as_view()),
    path(f"{DRAFT}sign/", drafts.Sign.as_view()),
    path(PLAN, plans.OnePlan.as_view()),
    path(f"{PLAN}cease/", plans.Cease.as_view()),
    path(f"{PLAN}hold/", plans.HoldPlan.as_view()),
    path(f"{PLAN}resume/", plans.Resume.as_view()),
    path(f"{PLAN}recalculate/", plans.Recalculate.as_view()),
    path(f"{PLAN}extend/", plan_changes.Extend.as_view()),
    path(f"{PLAN}extend/preview/", plan_changes.PreviewExtend.as_view()),
    path(f"{PLAN}reduce/", plan_changes.Reduce.as_view()),
    path(f"{PLAN}reduce/preview/", plan_changes.PreviewReduce.as_view()),
    path(f"{PLAN}policy/", plan_changes.ChoosePolicy.as_view()),
    path(f"{PLAN}policy/preview/", plan_changes.PreviewPolicy.as_view()),
    path(f"{PLAN}undo/", plan_changes.Undo.as_view()),
    path(f"{PLAN}undo/preview/", plan_changes.PreviewUndo.as_view()),
    path("forecast/", forecast.Late.as_view()),
    path(f"{PLAN}switch/", switches.SwitchPlan.as_view()),
    path(f"{PLAN}switch/preview/", switches.PreviewSwitch.as_view()),
    path(f"{PLAN}prior/", switches.CorrectPriors.as_view()),
    path(f"{PLAN}prior/preview/", switches.PreviewCorrectPriors.as_view()),
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
