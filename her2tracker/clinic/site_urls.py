"""The administrator's addresses."""

from __future__ import annotations

from django.urls import path

from her2tracker.clinic.views import site

urlpatterns = [
    path("settings/", site.site_settings, name="site-settings"),
    path("people/", site.people_list, name="people"),
    path("people/new/", site.person_new, name="person-new"),
    path("people/<uuid:uuid>/", site.person_change, name="person"),
    path("style-guide/", site.style_guide_page, name="style-guide"),
]
