"""Addresses of this room."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api-token/", include("her2tracker.api.token_urls"))]
