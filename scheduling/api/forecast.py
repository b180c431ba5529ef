"""Which plans will not be done within one year."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.views import PagedOperations, operation
from scheduling.forecasts import late_at


class InterruptionOut(serializers.Serializer[Any]):
    last_on = serializers.DateField()
    resumed_on = serializers.DateField()
    days_beyond = serializers.IntegerField(help_text="Beyond those the regimen leaves between two doses.")
    foreseen = serializers.BooleanField()


class LateOut(serializers.Serializer[Any]):
    """A plan whose last dose lies past one year, or that has no room for all its doses in it."""

    plan = serializers.UUIDField(source="plan.uuid")
    patient = serializers.UUIDField(source="plan.patient.uuid")
    mrn = serializers.CharField(source="plan.patient.mrn")
    regimen = serializers.CharField(source="plan.regimen.key")
    regimen_name = serializers.CharField(source="regimen.name")
    credited = serializers.IntegerField(source="forecast.credited")
    given = serializers.IntegerField(source="forecast.given")
    omitted = serializers.IntegerField(source="forecast.omitted")
    left = serializers.IntegerField(source="forecast.left")
    left_out = serializers.IntegerField(source="forecast.left_out")
    delay_days = serializers.IntegerField(source="forecast.delay_days")
    interruptions = InterruptionOut(source="forecast.interruptions", many=True)
    year_ends_on = serializers.DateField(source="forecast.year_ends_on")
    last_on = serializers.DateField(source="forecast.last_on", allow_null=True)
    days_past = serializers.IntegerField()


class Late(PagedOperations):
    permissions = {"GET": Permission.VIEW_FORECAST}

    @operation("forecast_list", returns=LateOut(many=True))
    def get(self, _: Any) -> Response:
        """Who will not finish in a year, the furthest past it first."""
        pages = self.pagination_class()
        found = pages.paginate_queryset(late_at(self.by.site), self.request, view=self)
        return pages.get_paginated_response(LateOut(found, many=True).data)
