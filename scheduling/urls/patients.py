"""Addresses of patients."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import measure, merge, patients, suggestions

urlpatterns: list[URLPattern] = [
    path("patients/", patients.patient_list, name="patients"),
    path("patients/new/", patients.patient_new, name="patient-new"),
    path("patients/<uuid:uuid>/edit/", patients.patient_edit, name="patient-edit"),
    path("patients/<uuid:uuid>/merge/", merge.patient_merge, name="patient-merge"),
    path("patients/<uuid:uuid>/measure/", measure.patient_measure, name="patient-measure"),
    path("patients/<uuid:uuid>/tumour/", patients.patient_tumour, name="patient-tumour"),
    path("patients/<uuid:uuid>/suggestions/", suggestions.suggestions, name="patient-suggestions"),
]
