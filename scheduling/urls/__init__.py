"""Addresses of this app, a module per noun."""

from __future__ import annotations

from django.urls import URLPattern

from scheduling.urls import chairs, closures, cycles, forecast, imports, patients, plans, plans_acts, regimens

urlpatterns: list[URLPattern] = [
    *patients.urlpatterns,
    *regimens.urlpatterns,
    *plans.urlpatterns,
    *cycles.urlpatterns,
    *plans_acts.urlpatterns,
    *forecast.urlpatterns,
    *closures.urlpatterns,
    *imports.urlpatterns,
    *chairs.urlpatterns,
]
