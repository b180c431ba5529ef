"""The addresses of the house. Each app brings its own; the order is only for reading."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("account/", include("her2tracker.accounts.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/hospital/", include("allauth.socialaccount.urls")),
    path("account/hospital/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("api/v1/", include("her2tracker.api.urls")),
    path("api/schema/", RedirectView.as_view(pattern_name="schema")),
    path("health/", include("her2tracker.clinic.health")),
    path("local/", include("her2tracker.local.urls")),
    path("", include("her2tracker.clinic.urls")),
    path("", include("her2tracker.clinic.site_urls")),
    path("", include("scheduling.urls")),
    path("", include("monitoring.urls")),
]

handler400 = "her2tracker.clinic.views.errors.bad_request"
handler403 = "her2tracker.clinic.views.errors.permission_denied"
handler404 = "her2tracker.clinic.views.errors.not_found"
handler500 = "her2tracker.clinic.views.errors.server_error"
