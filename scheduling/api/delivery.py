"""Delivered against planned, as the report page counts it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Figure
from her2tracker.api.views import PagedOperations, operation
from scheduling.deliveries import RegimenTotal, by_regimen, delivered_at


class IntensityOut(serializers.Serializer[Any]):
    """Relative dose intensity in percent, the first dose left out."""

    agent = serializers.CharField()
    mean_percent = Figure()
    lowest_percent = Figure()
    plans = serializers.IntegerField()


class DeliveryOut(serializers.Serializer[Any]):
    """All begun plans of one regimen at the site."""

    regimen = serializers.CharField(source="key")
    regimen_name = serializers.CharField(source="regimen.name")
    plans = serializers.IntegerField(source="total.plans")
    planned = serializers.IntegerField(
        source="total.planned", help_text="Cycle days the regimen alone would have had by today, or by each end."
    )
    given = serializers.IntegerField(source="total.given")
    omitted = serializers.IntegerField(source="total.omitted")
    delays = serializers.DictField(
        source="total.delays", child=serializers.IntegerField(), help_text="How many, by coded reason."
    )
    interruptions = serializers.IntegerField(source="total.interruptions")
    interrupted_plans = serializers.IntegerField(source="total.interrupted_plans")
    interrupted_days = serializers.IntegerField(source="total.interrupted_days")
    outcomes = serializers.SerializerMethodField(
        help_text="Plans by outcome: running, within-a-year, later, completed, ceased."
    )
    intensities = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_outcomes(self, found: RegimenTotal) -> dict[str, int]:
        return {outcome.value: count for outcome, count in found.total.outcomes.items()}

    @extend_schema_field(IntensityOut(many=True))
    def get_intensities(self, found: RegimenTotal) -> Any:
        rows = [
            {"agent": agent, "mean_percent": round(mean, 1), "lowest_percent": round(lowest, 1), "plans": plans}
            for agent, (mean, lowest, plans) in found.total.intensities.items()
        ]
        return IntensityOut(rows, many=True).data


class Deliveries(PagedOperations):
    permissions = {"GET": Permission.VIEW_REPORTS}

    @operation("delivery_list", returns=DeliveryOut(many=True))
    def get(self, _: Any) -> Response:
        """What was delivered of what was planned, by regimen."""
        pages = self.pagination_class()
        found = pages.paginate_queryset(by_regimen(delivered_at(self.by.site)), self.request, view=self)
        return pages.get_paginated_response(DeliveryOut(found, many=True).data)
