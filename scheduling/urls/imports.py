"""Addresses of files of patients and plans."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import imports

urlpatterns: list[URLPattern] = [
    path("plans/import/", imports.plans_import, name="plans-import"),
    path("plans/import/example.csv", imports.plans_import_example, name="plans-import-example"),
    path("plans/import/<uuid:uuid>/", imports.plan_import, name="plan-import"),
    path("plans/import/<uuid:uuid>/confirm/", imports.plan_import_confirm, name="plan-import-confirm"),
    path("plans/import/<uuid:uuid>/withdraw/", imports.plan_import_withdraw, name="plan-import-withdraw"),
    path("plans/import/<uuid:uuid>/report.csv", imports.plan_import_report, name="plan-import-report"),
]
