"""Addresses of what is decided about a running plan."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import alongside, consents, levels, plan_acts, plan_changes, priors, switches

urlpatterns: list[URLPattern] = [
    path("plans/<uuid:uuid>/hold/", plan_acts.plan_hold, name="plan-hold"),
    path("plans/<uuid:uuid>/resume/", plan_acts.plan_resume, name="plan-resume"),
    path("plans/<uuid:uuid>/consent/", consents.plan_consent, name="plan-consent"),
    path("plans/<uuid:uuid>/consent/end/", consents.plan_consent_end, name="plan-consent-end"),
    path("plans/<uuid:uuid>/responsible/", plan_acts.plan_assign, name="plan-assign"),
    path("plans/<uuid:uuid>/cease/", plan_acts.plan_cease, name="plan-cease"),
    path("plans/<uuid:uuid>/recalculate/", plan_acts.plan_recalculate, name="plan-recalculate"),
    path("plans/<uuid:uuid>/extend/", plan_changes.plan_extend, name="plan-extend"),
    path("plans/<uuid:uuid>/level/", levels.plan_level, name="plan-level"),
    path("plans/<uuid:uuid>/policy/", plan_changes.plan_policy, name="plan-policy"),
    path("plans/<uuid:uuid>/undo/", plan_changes.plan_undo, name="plan-undo"),
    path("plans/<uuid:uuid>/switch/", switches.plan_switch, name="plan-switch"),
    path("plans/<uuid:uuid>/earlier-doses/", priors.plan_prior, name="plan-prior"),
    path("plans/<uuid:uuid>/alongside/", alongside.plan_alongside, name="plan-alongside"),
]
