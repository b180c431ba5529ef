"""Lists under a name, and what a person does about a message that did not arrive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission, Role
from her2tracker.api.views import Operations, operation
from monitoring import lookups
from monitoring.actions import failed_messages, saved_lists
from monitoring.api.reminders import ReminderDetail
from monitoring.models import SavedList

PAGES = [(name, name) for name in saved_lists.PAGES]


class SavedListOut(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    page = serializers.ChoiceField(choices=PAGES)
    query = serializers.CharField()
    role = serializers.CharField(help_text="Who else sees it; empty: only whoever saved it.")
    recorded_by = serializers.CharField()


class SavedListIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    page = serializers.ChoiceField(choices=PAGES)
    query = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    shared = serializers.BooleanField(default=False, help_text="Everybody of your role at the site sees it.")


class AddressIn(serializers.Serializer[Any]):
    address = serializers.CharField(max_length=254)


class ToldIn(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=300)


class SavedLists(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS, "POST": Permission.VIEW_PATIENTS}

    @operation("saved_lists", returns=SavedListOut(many=True))
    def get(self, _: Any) -> Response:
        """Your lists and those shared with your role."""
        return self.listed(
            SavedListOut, [one for page in saved_lists.PAGES for one in saved_lists.lists_of(self.by, page)]
        )

    @operation("saved_lists_save", takes=SavedListIn, returns=SavedListOut, status=201)
    def post(self, _: Any) -> Response:
        """Keep the filter of a list under a name."""
        said = self.body(SavedListIn)
        role = Role(self.by.role) if said.pop("shared") and self.by.role else None
        return self.shown(SavedListOut, saved_lists.save(by=self.by, role=role, **said), status=201)


class OneSavedList(Operations):
    permissions = {"DELETE": Permission.VIEW_PATIENTS}

    @operation("saved_lists_remove", returns=None, status=204)
    def delete(self, _: Any, uuid: UUID) -> Response:
        """Remove a list that you saved."""
        found = SavedList.objects.filter(site=self.by.site_id, uuid=uuid).select_related("recorded_by").first()
        if found is None:
            raise Http404
        saved_lists.remove(by=self.by, saved=found)
        return Response(status=204)


class CorrectAddress(Operations):
    permissions = {"POST": Permission.VIEW_REMINDERS}

    @operation("reminders_correct", takes=AddressIn, returns=ReminderDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Write the right address into the patient's record, and send the failed message there."""
        row = lookups.reminder_for(self.by, uuid)
        failed_messages.correct(by=self.by, reminder=row, **self.body(AddressIn))
        return self.shown(ReminderDetail, lookups.reminder_for(self.by, uuid))


class SettleReminder(Operations):
    permissions = {"POST": Permission.VIEW_REMINDERS}

    @operation("reminders_settle", takes=ToldIn, returns=ReminderDetail)
    def post(self, _: Any, uuid: UUID) -> Response:
        """The failed message was told another way, or is not needed: it is not sent again."""
        row = lookups.reminder_for(self.by, uuid)
        failed_messages.settle(by=self.by, reminder=row, **self.body(ToldIn))
        return self.shown(ReminderDetail, lookups.reminder_for(self.by, uuid))
