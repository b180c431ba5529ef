"""Trade numbers of your site: which product a scanned bag is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.views import Operations, PagedOperations, operation
from scheduling import lookups
from scheduling.actions import trade_numbers
from scheduling.models import TradeNumber


class TradeNumberOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    gtin = serializers.CharField(help_text="14 digits.")
    agent = serializers.CharField()
    brand = serializers.CharField()
    substance = serializers.CharField(help_text="With the suffix of a biosimilar.")
    product = serializers.CharField(help_text="As a record names it.")
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class TradeNumberIn(serializers.Serializer[Any]):
    number = serializers.CharField(
        max_length=400, trim_whitespace=False, help_text="8, 12, 13 or 14 digits, or a pack's whole code."
    )
    agent = serializers.CharField(max_length=60)
    brand = serializers.CharField(max_length=40)
    substance = serializers.CharField(max_length=60)


class TradeNumbers(PagedOperations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.MANAGE_SITE}

    @operation("trade_numbers", returns=TradeNumberOut(many=True))
    def get(self, _: Any) -> Response:
        """The trade numbers that your site's scanners know, beside the brands that every site knows."""
        rows = TradeNumber.objects.standing().filter(site=self.by.site_id).select_related("recorded_by")
        return self.paged(TradeNumberOut, rows)

    @operation("trade_numbers_add", takes=TradeNumberIn, returns=TradeNumberOut, status=201)
    def post(self, _: Any) -> Response:
        """Say which product a number is on. Refused where its check digit is wrong or it stands already."""
        return self.shown(TradeNumberOut, trade_numbers.add(by=self.by, **self.body(TradeNumberIn)), status=201)


class EndTradeNumber(Operations):
    permissions = {"POST": Permission.MANAGE_SITE}

    @operation("trade_numbers_end", returns=TradeNumberOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """The number says nothing from now on; what was recorded with it stays."""
        row = lookups.trade_number_for(self.by, uuid)
        trade_numbers.end(by=self.by, number=row)
        return self.shown(TradeNumberOut, row)
