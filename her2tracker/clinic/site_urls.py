"""The administrator's addresses."""

from __future__ import annotations

from django.urls import path

from her2tracker.clinic.views import closed_days, holidays, record, site

urlpatterns = [
    path("settings/", site.site_settings, name="site-settings"),
    path("settings/closed-days/", closed_days.closed_days, name="closed-days"),
    path("settings/closed-days/<uuid:uuid>/open/", closed_days.closed_day_open, name="closed-day-open"),
    path("settings/holidays/", holidays.holidays, name="holidays"),
    path("settings/holidays/change/", holidays.holiday_change, name="holiday-change"),
    path("settings/record/", record.site_record, name="site-record"),
    path("settings/record/check/", record.site_record_check, name="site-record-check"),
    path("settings/record/acts.csv", record.site_record_csv, name="site-record-csv"),
    path("people/", site.people_list, name="people"),
    path("people/new/", site.person_new, name="person-new"),
    path("people/<uuid:uuid>/", site.person_change, name="person"),
    path("people/<uuid:uuid>/second-factor/reset/", site.person_second_factor_reset, name="person-second-factor-reset"),
    path("style-guide/", site.style_guide_page, name="style-guide"),
]
