"""The address of a person's token page, under /account/."""

from __future__ import annotations

from django.urls import path

from her2tracker.api.pages import api_token

urlpatterns = [path("", api_token, name="account-api-token")]
