"""Every closed day of your site, whatever closes it, and whose public holidays count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from her2tracker.accounts.roles import Permission
from her2tracker.api.fields import Day
from her2tracker.api.views import Operations, operation
from scheduling.actions import holidays
from scheduling.models.closed_days import calendar_of, closed_days_of, holidays_of

LONGEST_RANGE = timedelta(days=3 * 366)


class RangeQuery(serializers.Serializer[Any]):
    first_on = Day(help_text="The first day asked about.")
    last_on = Day(help_text="The last day asked about, at most three years later.")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["last_on"] < said["first_on"]:
            raise serializers.ValidationError({"last_on": "It comes before first_on."})
        if said["last_on"] - said["first_on"] > LONGEST_RANGE:
            raise serializers.ValidationError({"last_on": "Ask for at most three years."})
        return said


class ClosedOn(serializers.Serializer[Any]):
    """One day without infusions, and why."""

    on = serializers.DateField()
    why = serializers.CharField()


class HolidayOut(serializers.Serializer[Any]):
    on = serializers.DateField()
    name = serializers.CharField()
    is_open = serializers.BooleanField(help_text="The site works on it all the same.")


class HolidaysOut(serializers.Serializer[Any]):
    """Whose public holidays close your site, and those of this year and the next. Empty: none do."""

    country = serializers.CharField()
    subdivision = serializers.CharField()
    title = serializers.CharField()
    holidays = HolidayOut(many=True)


class HolidaysIn(serializers.Serializer[Any]):
    country = serializers.CharField(max_length=2, allow_blank=True, help_text="ISO 3166, such as DE; empty for none.")
    subdivision = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="A part of it, such as BY."
    )


class OnIn(serializers.Serializer[Any]):
    on = Day(help_text="A public holiday.")


class Calendar(Operations):
    permissions = {"GET": None}

    @operation("calendar", query=RangeQuery, returns=ClosedOn(many=True))
    def get(self, _: Any) -> Response:
        """Every day of a range on which your site is closed: weekdays, public holidays, its own days and spans."""
        asked = self.query(RangeQuery)
        first, last = asked["first_on"], asked["last_on"]
        closed = closed_days_of(self.by.site, first, last)
        days = (first + timedelta(shift) for shift in range((last - first).days + 1))
        return self.listed(ClosedOn, [{"on": day, "why": why} for day in days if (why := closed.why(day))])


class HolidayAct(Operations):
    """An act on the holidays, answered with them as they then stand."""

    def stands(self) -> Response:
        site = self.by.site
        found, year = calendar_of(site), site.today().year
        return self.shown(
            HolidaysOut,
            {
                "country": found.country if found else "",
                "subdivision": found.subdivision if found else "",
                "title": found.title if found else "",
                "holidays": holidays_of(site, (year, year + 1)),
            },
        )


class Holidays(HolidayAct):
    permissions = {"GET": None, "POST": Permission.MANAGE_SITE}

    @operation("holidays", returns=HolidaysOut)
    def get(self, _: Any) -> Response:
        """Whose public holidays close your site."""
        return self.stands()

    @operation("holidays_choose", takes=HolidaysIn, returns=HolidaysOut)
    def post(self, _: Any) -> Response:
        """Let the public holidays of a country, or of a part of it, close your site. No cycle moves."""
        holidays.choose(by=self.by, **self.body(HolidaysIn))
        return self.stands()


class WorkOn(HolidayAct):
    permissions = {"POST": Permission.MANAGE_SITE}

    @operation("holidays_work_on", takes=OnIn, returns=HolidaysOut)
    def post(self, _: Any) -> Response:
        """Work on one public holiday."""
        holidays.work_on(by=self.by, **self.body(OnIn))
        return self.stands()


class RestOn(HolidayAct):
    permissions = {"POST": Permission.MANAGE_SITE}

    @operation("holidays_rest_on", takes=OnIn, returns=HolidaysOut)
    def post(self, _: Any) -> Response:
        """Close on that public holiday again."""
        holidays.rest_on(by=self.by, **self.body(OnIn))
        return self.stands()
