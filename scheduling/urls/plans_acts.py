"""Addresses of what is decided about a running plan."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import plan_acts, priors, switches

urlpatterns: list[URLPattern] = [
    path("plans/<uuid:uuid>/hold/", plan_acts.plan_hold, name="plan-hold"),
    path("plans/<uuid:uuid>/resume/", plan_acts.plan_resume, name="plan-resume"),
    path("plans/<uuid:uuid>/cease/", plan_acts.plan_cease, name="plan-cease"),
    path("plans/<uuid:uuid>/recalculate/", plan_acts.plan_recalculate, name="plan-recalculate"),
    path("plans/<uuid:uuid>/switch/", switches.plan_switch, name="plan-switch"),
    path("plans/<uuid:uuid>/earlier-doses/", priors.plan_prior, name="plan-prior"),
]
