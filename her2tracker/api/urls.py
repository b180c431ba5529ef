"""Addresses of the API: its document, and what each app brings."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from her2tracker.api.pages import docs
from her2tracker.api.views import NothingHere
from her2tracker.clinic import ahead_api, feeds_api, record_api, release_api, site_api
from her2tracker.clinic import api as clinic
from her2tracker.clinic.handover import api as handover
from her2tracker.clinic.paper import api as calendar

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="api-docs"),
    path("me/", clinic.Me.as_view(), name="api-me"),
    path("site/", site_api.Settings.as_view()),
    path("record/checks/", record_api.HistoryChecks.as_view()),
    path("record/acts/", record_api.Recorded.as_view()),
    path("releases/", release_api.ReleaseRun.as_view()),
    path("infusion-feeds/", feeds_api.InfusionFeeds.as_view()),
    path("infusion-feeds/end/", feeds_api.EndInfusionFeed.as_view()),
    path("today/", clinic.Today.as_view()),
    path("next-days/", ahead_api.NextDays.as_view()),
    path("next-days/ask-release/", ahead_api.AskRelease.as_view()),
    path("patients/<uuid:uuid>/history/", clinic.History.as_view()),
    path("patients/<uuid:uuid>/next/", calendar.Next.as_view()),
    path("patients/<uuid:uuid>/calendar/", calendar.Calendar.as_view()),
    path("patients/<uuid:uuid>/calendar/subscription/", calendar.Subscription.as_view()),
    path("plans/<uuid:uuid>/card/", handover.PlanCard.as_view()),
    path("handover-cards/", handover.Cards.as_view()),
    path("handover-cards/<uuid:uuid>/", handover.OneCard.as_view()),
    path("handover-cards/<uuid:uuid>/preview/", handover.PreviewCard.as_view()),
    path("handover-cards/<uuid:uuid>/take-over/", handover.TakeOver.as_view()),
    path("handover-cards/<uuid:uuid>/put-aside/", handover.PutAside.as_view()),
    path("", include("scheduling.api.urls")),
    path("", include("monitoring.api.urls")),
    re_path(r"^(?:[\s\S]*/)?$", NothingHere.as_view()),
]
