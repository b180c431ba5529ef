"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, path

from her2tracker.clinic.views import chart, home, plan, today

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("today/", today.today, name="today"),
    path("patients/<uuid:uuid>/", chart.chart, name="patient"),
    path("patients/<uuid:uuid>/history/", chart.history, name="patient-history"),
    path("plans/<uuid:uuid>/", plan.plan, name="plan"),
]
