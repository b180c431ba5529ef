"""Addresses of the regimen library."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import regimens

urlpatterns: list[URLPattern] = [
    path("regimens/", regimens.regimen_list, name="regimens"),
    path("regimens/<slug:key>/<int:version>/", regimens.regimen_detail, name="regimen"),
]
