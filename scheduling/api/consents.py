"""The consent to a plan's treatment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day
from her2tracker.api.views import Operations, operation
from scheduling import lookups
from scheduling.actions import consents
from scheduling.models import TreatmentConsent


class ConsentIn(serializers.Serializer[Any]):
    """A consent the patient signed for this plan's treatment."""

    signed_on = Day()
    kept_in = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="Where the form is.")


class ConsentWithdrawnIn(serializers.Serializer[Any]):
    on = Day(help_text="The day the patient said so.")
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class ConsentErrorIn(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=1000, help_text="Why it stands on record although nobody signed it.")


class ConsentOut(serializers.Serializer[Any]):
    """`end` is empty while it stands, else withdrawn or in-error."""

    uuid = serializers.UUIDField()
    signed_on = serializers.DateField()
    kept_in = serializers.CharField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    end = serializers.CharField()
    ended_on = serializers.DateField(allow_null=True)
    end_note = serializers.CharField()
    ended_by = serializers.CharField(allow_null=True)


class Consents(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.RECORD_CONSENT}

    @operation("plans_consent_list", returns=ConsentOut(many=True))
    def get(self, _: Any, uuid: UUID) -> Response:
        """Every consent recorded for this plan, also those withdrawn or in error."""
        plan = lookups.plan_for(self.by, uuid)
        return self.listed(
            ConsentOut, TreatmentConsent.objects.filter(plan=plan).select_related("recorded_by", "ended_by")
        )

    @operation("plans_consent", takes=ConsentIn, returns=ConsentOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Record a signed consent."""
        plan = lookups.plan_for(self.by, uuid)
        return self.shown(ConsentOut, consents.record(by=self.by, plan=plan, **self.body(ConsentIn)), status=201)


class WithdrawConsent(Operations):
    permissions = {"POST": Permission.RECORD_CONSENT}

    @operation("plans_consent_withdraw", takes=ConsentWithdrawnIn, returns=ConsentOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """The patient took it back: nothing of this plan is given any more."""
        plan = lookups.plan_for(self.by, uuid)
        return self.shown(ConsentOut, consents.withdraw(by=self.by, plan=plan, **self.body(ConsentWithdrawnIn)))


class ConsentInError(Operations):
    permissions = {"POST": Permission.RECORD_CONSENT}

    @operation("plans_consent_in_error", takes=ConsentErrorIn, returns=ConsentOut)
    def post(self, _: Any, uuid: UUID) -> Response:
        """It was recorded in error and never counted."""
        plan = lookups.plan_for(self.by, uuid)
        return self.shown(ConsentOut, consents.recorded_in_error(by=self.by, plan=plan, **self.body(ConsentErrorIn)))
