"""Correcting a completed record, and the products that are known."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Clock, Coded, Day
from her2tracker.api.views import Operations, operation
from scheduling import catalog, lookups
from scheduling.actions import amendments
from scheduling.actions.doses import Dose
from scheduling.api.doses import AdministrationOut
from scheduling.api.plans import Revised
from scheduling.core.products import of_agent
from scheduling.models import Administration
from scheduling.words import DifferenceReason


class AmendIn(Revised):
    """What was really so. A field left out stays as it is recorded."""

    mg = serializers.DecimalField(7, 2, required=False)
    ml = serializers.DecimalField(6, 2, required=False)
    product = serializers.CharField(max_length=80, required=False)
    lot = serializers.CharField(max_length=40, required=False, allow_blank=True)
    expires_on = Day(required=False, allow_null=True)
    started_at = Clock(required=False, allow_null=True)
    stopped_at = Clock(required=False, allow_null=True)
    difference_reason = Coded(DifferenceReason, required=False)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=1000, help_text="In a sentence, why the record is amended.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "mg" in attrs and "ml" in attrs:
            raise serializers.ValidationError("Give one of mg and ml.")
        return attrs


class AmendmentOut(serializers.Serializer[Any]):
    """One correction of what was recorded; `before` and `after` hold the changed fields only."""

    uuid = serializers.UUIDField()
    agent = serializers.CharField()
    before = serializers.DictField(child=serializers.CharField())
    after = serializers.DictField(child=serializers.CharField())
    reason = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class AmendedOut(AdministrationOut):
    """An administration as it stands, with every correction of it, oldest first."""

    amendments = serializers.SerializerMethodField()

    def get_amendments(self, row: Administration) -> list[dict[str, Any]]:
        day = row.cycle_day
        made = day.plan.amendments.filter(cycle=day.cycle, day=day.day, agent=row.agent)
        return AmendmentOut(made.select_related("recorded_by"), many=True).data  # type: ignore[return-value]


class ProductQuery(serializers.Serializer[Any]):
    agent = serializers.CharField(max_length=60, required=False)


class ProductOut(serializers.Serializer[Any]):
    """A product that may be hung; its `name` is what a record holds."""

    agent = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    substance = serializers.CharField()
    source = serializers.CharField(source="citation.key")  # type: ignore[assignment]


class OneAdministration(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("administrations_retrieve", returns=AmendedOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """What was planned and given of one agent on one day, and how the record was corrected."""
        return self.shown(AmendedOut, lookups.administration_for(self.by, uuid))


class Amend(Operations):
    permissions = {"POST": Permission.RECORD_ADMINISTRATIONS}

    @operation("administrations_amend", takes=AmendIn, returns=AmendedOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Correct a completed record. The old value is kept beside the new one."""
        row, said = lookups.administration_for(self.by, uuid), self.body(AmendIn)
        reason, revision = said.pop("reason"), said.pop("revision", None)
        amendments.amend(by=self.by, administration=row, dose=_amended(row, said), reason=reason, revision=revision)
        return self.shown(AmendedOut, lookups.administration_for(self.by, uuid))


class Products(Operations):
    permissions = {"GET": Permission.VIEW_REGIMENS}

    @operation("products_list", query=ProductQuery, returns=ProductOut(many=True))
    def get(self, _: Any) -> Response:
        """Brands with their suffix, by agent. A record may name another product in full."""
        agent, known = self.query(ProductQuery).get("agent"), catalog.products()
        return self.listed(ProductOut, of_agent(known, agent) if agent else known)


def _amended(row: Administration, said: dict[str, Any]) -> Dose:
    names = ("product", "lot", "expires_on", "started_at", "stopped_at", "difference_reason", "note")
    stands = {name: getattr(row, name) for name in names} | {"mg": row.given_mg, "ml": row.given_ml}
    return Dose(row.agent, **(stands | said))
