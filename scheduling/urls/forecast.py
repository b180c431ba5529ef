"""Addresses of the forecast."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import forecast

urlpatterns: list[URLPattern] = [
    path("forecast/", forecast.forecast, name="forecast"),
    path("forecast/csv/", forecast.forecast_csv, name="forecast-csv"),
]
