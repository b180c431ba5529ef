"""Addresses of closed spans."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import closures

urlpatterns: list[URLPattern] = [
    path("closures/", closures.closures, name="closures"),
    path("closures/<uuid:uuid>/", closures.closure, name="closure"),
    path("closures/<uuid:uuid>/send/", closures.closure_send, name="closure-send"),
    path("closures/<uuid:uuid>/withdraw/", closures.closure_withdraw, name="closure-withdraw"),
    path("closures/<uuid:uuid>/confirm/", closures.closure_confirm, name="closure-confirm"),
]
