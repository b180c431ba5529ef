"""Addresses of the forecast, and of the report that looks back."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import delivery, forecast, operations

urlpatterns: list[URLPattern] = [
    path("forecast/", forecast.forecast, name="forecast"),
    path("forecast/csv/", forecast.forecast_csv, name="forecast-csv"),
    path("reports/delivery/", delivery.delivery, name="delivery"),
    path("reports/delivery/plans.csv", delivery.delivery_csv, name="delivery-csv"),
    path("reports/operations/", operations.operations, name="operations"),
    path("reports/operations/weeks.csv", operations.operations_csv, name="operations-csv"),
]
