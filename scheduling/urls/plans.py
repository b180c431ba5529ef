"""Where a plan begins. The plan's own page needs the heart too, so it lives above this app."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import new_plan

urlpatterns: list[URLPattern] = [
    path("patients/<uuid:uuid>/plans/new/", new_plan.plan_new, name="plan-new"),
]
