"""Addresses of the regimen library."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.views import drafts, regimens, rehearsal

urlpatterns: list[URLPattern] = [
    path("regimens/", regimens.regimen_list, name="regimens"),
    path("regimens/<slug:key>/<int:version>/", regimens.regimen_detail, name="regimen"),
    path("regimens/<slug:key>/<int:version>/retire/", regimens.regimen_retire, name="regimen-retire"),
    path("regimens/<slug:key>/<int:version>/file/", regimens.regimen_file, name="regimen-file"),
    path("regimens/drafts/", drafts.draft_list, name="regimen-drafts"),
    path("regimens/drafts/new/", drafts.draft_new, name="regimen-draft-new"),
    path("regimens/drafts/<uuid:uuid>/", drafts.draft, name="regimen-draft"),
    path("regimens/drafts/<uuid:uuid>/edit/", drafts.draft_edit, name="regimen-draft-edit"),
    path("regimens/drafts/<uuid:uuid>/file/", drafts.draft_file, name="regimen-draft-file"),
    path("regimens/drafts/<uuid:uuid>/rehearsal/", rehearsal.draft_rehearsal, name="regimen-draft-rehearsal"),
    path("regimens/drafts/<uuid:uuid>/send-back/", drafts.draft_send_back, name="regimen-draft-send-back"),
    path("regimens/drafts/<uuid:uuid>/withdraw/", drafts.draft_withdraw, name="regimen-draft-withdraw"),
]
