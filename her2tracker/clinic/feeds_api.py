"""Calendars of infusions over HTTP: opened and ended."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.views import Operations, operation
from scheduling.actions import infusion_feeds
from scheduling.words import InfusionsOf


class InfusionFeedIn(serializers.Serializer[Any]):
    of = serializers.ChoiceField(
        choices=[one.value for one in InfusionsOf],
        default="own",
        required=False,
        help_text="The site's under an address of your own, those assigned to you, or the clinic's.",
    )


class InfusionFeedOut(serializers.Serializer[Any]):
    """The address is told this once. Whoever has it sees when infusions are, and not whose."""

    address = serializers.CharField()


class InfusionFeedListed(serializers.Serializer[Any]):
    of = serializers.CharField()
    opened_by = serializers.CharField(source="feed.recorded_by")
    opened_at = serializers.DateTimeField(source="feed.recorded_at")


class InfusionFeedEnded(serializers.Serializer[Any]):
    ended = serializers.BooleanField()


class InfusionFeeds(Operations):
    permissions = {"GET": Permission.SHARE_CALENDAR, "POST": Permission.SHARE_CALENDAR}

    @operation("infusion_feeds", returns=InfusionFeedListed(many=True))
    def get(self, _: Any) -> Response:
        """The open calendars of infusions: your own, of what is assigned to you, and the clinic's."""
        found = infusion_feeds.feeds_at(self.by)
        return self.listed(InfusionFeedListed, [{"of": name, "feed": feed} for name, feed in found.items()])

    @operation("infusion_feeds_open", takes=InfusionFeedIn, returns=InfusionFeedOut, status=201)
    def post(self, _: Any) -> Response:
        """Open a calendar of infusions. An older one of the same kind ends at once."""
        secret = infusion_feeds.open_feed(by=self.by, of=InfusionsOf(self.body(InfusionFeedIn)["of"]))
        address = self.request.build_absolute_uri(reverse("infusions-feed", query={"key": secret}))
        return self.shown(InfusionFeedOut, {"address": address}, status=201)


class EndInfusionFeed(Operations):
    permissions = {"POST": Permission.SHARE_CALENDAR}

    @operation("infusion_feeds_end", takes=InfusionFeedIn, returns=InfusionFeedEnded)
    def post(self, _: Any) -> Response:
        """End one: its address answers nothing from then on."""
        infusion_feeds.revoke(by=self.by, of=InfusionsOf(self.body(InfusionFeedIn)["of"]))
        return self.shown(InfusionFeedEnded, {"ended": True})
