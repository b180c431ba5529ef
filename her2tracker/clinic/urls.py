"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, path

from her2tracker.clinic.views import (
    ahead,
    calendar,
    cards,
    chart,
    discharge,
    feeds,
    home,
    plan,
    releases,
    sharing,
    today,
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("today/", today.today, name="today"),
    path("today/assign/", sharing.today_assign, name="today-assign"),
    path("today/ahead/", ahead.ahead, name="ahead"),
    path("releases/", releases.release_run, name="releases"),
    path("patients/<uuid:uuid>/", chart.chart, name="patient"),
    path("patients/<uuid:uuid>/history/", chart.history, name="patient-history"),
    path("patients/<uuid:uuid>/next/", discharge.discharge, name="patient-discharge"),
    path("patients/<uuid:uuid>/next/ics/", discharge.discharge_ics, name="patient-discharge-ics"),
    path("patients/<uuid:uuid>/calendar/", calendar.calendar, name="patient-calendar"),
    path("patients/<uuid:uuid>/calendar/pdf/", calendar.calendar_pdf, name="patient-calendar-pdf"),
    path("patients/<uuid:uuid>/calendar/ics/", calendar.calendar_ics, name="patient-calendar-ics"),
    path("patients/<uuid:uuid>/calendar/open/", calendar.feed_open, name="patient-calendar-open"),
    path("patients/<uuid:uuid>/calendar/end/", calendar.feed_end, name="patient-calendar-end"),
    path("calendar/feed.ics", calendar.feed, name="calendar-feed"),
    path("calendar/infusions.ics", feeds.infusions, name="infusions-feed"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/open/", feeds.infusions_open, name="infusions-open"),
    path("feeds/end/", feeds.infusions_end, name="infusions-end"),
    path("plans/<uuid:uuid>/", plan.plan, name="plan"),
    path("plans/<uuid:uuid>/card/", cards.plan_card, name="plan-card"),
    path("plans/<uuid:uuid>/card/pdf/", cards.plan_card_pdf, name="plan-card-pdf"),
    path("plans/<uuid:uuid>/card/file/", cards.plan_card_file, name="plan-card-file"),
    path("cards/", cards.cards, name="cards"),
    path("cards/<uuid:uuid>/", cards.card, name="card"),
    path("cards/<uuid:uuid>/put-aside/", cards.card_put_aside, name="card-put-aside"),
]
