"""Addresses that exist on a laptop only."""

from __future__ import annotations

from django.urls import path

from her2tracker.local import outbox

urlpatterns = [
    path("outbox/", outbox.outbox, name="local-outbox"),
    path("outbox/<int:number>/", outbox.mail, name="local-mail"),
]
