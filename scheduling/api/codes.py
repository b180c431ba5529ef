"""Scanned codes over HTTP: what a text means beside one infusion, and taking it down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, operation
from her2tracker.lib.refusals import Refusal, Refused
from scheduling import lookups
from scheduling.actions import codes
from scheduling.core.scanning import CodeKind, Wristband


class CodeIn(serializers.Serializer[Any]):
    """A code as the scanner sent it, the separator as U+001D."""

    code = serializers.CharField(max_length=400, trim_whitespace=False)
    agent = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="Which drug a bag is, where its code does not say."
    )


class MeaningOut(serializers.Serializer[Any]):
    """What a code says. A wristband has a number; what a bag's code does not hold is empty."""

    kind = Coded(CodeKind)
    number = serializers.CharField()
    gtin = serializers.CharField()
    lot = serializers.CharField()
    serial = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)


class CodeReadOut(serializers.Serializer[Any]):
    """A code that was taken down beside an infusion."""

    uuid = serializers.UUIDField()
    kind = Coded(CodeKind)
    is_right = serializers.BooleanField()
    agent = serializers.CharField()
    gtin = serializers.CharField()
    product = serializers.CharField(help_text="Empty where the trade number is not known: choose it.")
    lot = serializers.CharField()
    serial = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class ParseCode(Operations):
    permissions = {"POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("cycle_days_codes_parse", takes=CodeIn, returns=MeaningOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """What a code says, check digits verified. Nothing is saved, and nothing is said about whose it is."""
        row, said = lookups.cycle_day_for(self.by, uuid), self.body(CodeIn)
        meant = codes.understand(by=self.by, cycle_day=row, text=said["code"])
        if isinstance(meant, Refusal):
            raise Refused(meant, {"code": [meant.sentence]})
        if isinstance(meant, Wristband):
            bag = {"gtin": "", "lot": "", "serial": "", "expires_on": None}
            return self.shown(MeaningOut, {"kind": CodeKind.WRISTBAND, "number": meant.number} | bag)
        bag = {name: getattr(meant, name) for name in ("gtin", "lot", "serial", "expires_on")}
        return self.shown(MeaningOut, {"kind": CodeKind.BAG, "number": ""} | bag)


class Codes(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("cycle_days_codes", returns=CodeReadOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """The codes that were read beside one infusion, by time."""
        row = lookups.cycle_day_for(self.by, uuid)
        read = row.plan.codes_read.filter(cycle=row.cycle, day=row.day).select_related("recorded_by")
        return self.listed(CodeReadOut, read)

    @operation("cycle_days_codes_read", takes=CodeIn, returns=CodeReadOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Take a scanned code down.

        Another patient's wristband is refused as `wrong-patient` and stands before the infusion until the right one
        is read; an expired bag is refused as `expired-bag`, anything else that cannot be used as `unreadable-code`.
        """
        row, said = lookups.cycle_day_for(self.by, uuid), self.body(CodeIn)
        agent = said.get("agent", "")
        return self.shown(
            CodeReadOut, codes.read(by=self.by, cycle_day=row, text=said["code"], agent=agent), status=201
        )
