"""A patient's calendar over HTTP: its dates, its file, its subscription."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Coded
from her2tracker.api.views import Operations, operation
from her2tracker.clinic.paper.ics import ics
from her2tracker.clinic.paper.letter import write
from her2tracker.clinic.paper.words import languages, words_for
from her2tracker.clinic.paper.year import EventKind, next_of, year_of
from scheduling.actions import feeds
from scheduling.lookups import patient_for


class LetterQuery(serializers.Serializer[Any]):
    language = serializers.ChoiceField(
        required=False, choices=sorted(languages()), help_text="The patient's own when left out, else English."
    )
    discreet = serializers.BooleanField(
        required=False, default=False, help_text="Only that the patient is expected: not for what, not where."
    )


class DateOut(serializers.Serializer[Any]):
    event = Coded(EventKind, source="event.kind")
    on = serializers.DateField(source="event.on")
    at = serializers.TimeField(source="event.at", format="%H:%M", allow_null=True)
    minutes = serializers.IntegerField(source="event.minutes", allow_null=True)
    is_last = serializers.BooleanField(source="event.is_last")
    what = serializers.CharField()
    where = serializers.CharField()


class CalendarOut(serializers.Serializer[Any]):
    """The dates still to come, in words for the patient, and the same as an iCalendar file."""

    language = serializers.CharField()
    title = serializers.CharField()
    dates = DateOut(many=True, source="lines")
    notes = serializers.ListField(child=serializers.CharField())
    ics = serializers.CharField(help_text="RFC 5545, as text.")


class SubscriptionOut(serializers.Serializer[Any]):
    """The address is told this once. Whoever has it sees the dates, without a name."""

    address = serializers.CharField()


class EndedOut(serializers.Serializer[Any]):
    ended = serializers.BooleanField()


class Calendar(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("patients_calendar", query=LetterQuery, returns=CalendarOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """Every infusion and heart examination still to come for a patient."""
        patient, asked = patient_for(self.by, uuid), self.query(LetterQuery)
        site = patient.site
        today = site.today()
        letter = write(
            year_of(patient, today),
            site,
            today,
            language=asked.get("language") or patient.language,
            discreet=asked["discreet"],
        )
        return self.shown(CalendarOut, _Shown(letter, ics(letter, site.zone, now=timezone.now()).decode()))


class Next(Operations):
    permissions = {"GET": Permission.VIEW_PATIENTS}

    @operation("patients_next", query=LetterQuery, returns=CalendarOut)
    def get(self, _: Any, uuid: UUID) -> Response:
        """The next infusion and the next heart examination, for somebody who goes home."""
        patient, asked = patient_for(self.by, uuid), self.query(LetterQuery)
        site = patient.site
        today = site.today()
        language = asked.get("language") or patient.language
        letter = write(
            next_of(year_of(patient, today), today), site, today, language=language, discreet=asked["discreet"]
        )
        return self.shown(CalendarOut, _Shown(letter, ics(letter, site.zone, now=timezone.now()).decode()))


class Subscription(Operations):
    permissions = {"POST": Permission.SHARE_CALENDAR, "DELETE": Permission.SHARE_CALENDAR}

    @operation("patients_calendar_subscribe", takes=LetterQuery, returns=SubscriptionOut, status=201)
    def post(self, _: Any, uuid: UUID) -> Response:
        """Open a calendar subscription. An older one ends at once."""
        patient, asked = patient_for(self.by, uuid), self.body(LetterQuery)
        code, _words = words_for(asked.get("language") or patient.language)
        secret = feeds.open_feed(by=self.by, patient=patient, language=code, discreet=asked["discreet"])
        address = self.request.build_absolute_uri(reverse("calendar-feed", query={"key": secret}))
        return self.shown(SubscriptionOut, {"address": address}, status=201)

    @operation("patients_calendar_unsubscribe", returns=EndedOut)
    def delete(self, _: Any, uuid: UUID) -> Response:
        """End the subscription: its address answers nothing from then on."""
        feeds.revoke(by=self.by, patient=patient_for(self.by, uuid))
        return self.shown(EndedOut, {"ended": True})


class _Shown:
    """A letter, and the file made of it."""

    def __init__(self, letter: Any, file: str) -> None:
        self.language, self.title = letter.language, letter.title
        self.lines, self.notes, self.ics = letter.lines, letter.notes, file
