"""Single days on which your site is closed. Closed weekdays are a site setting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day
from her2tracker.api.views import Operations, PagedOperations, operation
from scheduling.actions import closed_days
from scheduling.models import ClosedDay


class ClosedDayOut(serializers.Serializer[Any]):
    """One closed day and why. Cycles planned on it are marked; none moves by itself."""

    uuid = serializers.UUIDField()
    on = serializers.DateField()
    name = serializers.CharField()


class ClosedDayIn(serializers.Serializer[Any]):
    on = Day(help_text="Today at your site, or later.")
    name = serializers.CharField(max_length=80, help_text="Why, as plans will show it.")


class ClosedDays(PagedOperations):
    permissions = {"GET": None, "POST": Permission.MANAGE_SITE}

    @operation("closed_days", returns=ClosedDayOut(many=True))
    def get(self, _: Any) -> Response:
        """The single days your site is closed, the earliest first."""
        return self.paged(ClosedDayOut, ClosedDay.objects.filter(site=self.by.site_id))

    @operation("closed_days_close", takes=ClosedDayIn, returns=ClosedDayOut, status=201)
    def post(self, _: Any) -> Response:
        """Close your site for one day. No cycle moves."""
        return self.shown(ClosedDayOut, closed_days.close(by=self.by, **self.body(ClosedDayIn)), status=201)


class OpenAgain(Operations):
    permissions = {"POST": Permission.MANAGE_SITE}

    @operation("closed_days_open", returns=ClosedDayOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Open your site on that day again; answers the day that was closed."""
        day = get_object_or_404(ClosedDay, uuid=uuid, site=self.by.site_id)
        closed_days.reopen(by=self.by, day=day)
        return self.shown(ClosedDayOut, day)
