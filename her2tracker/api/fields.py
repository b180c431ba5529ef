"""Fields that input and output share: coded answers, days, figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from her2tracker.lib.bounds import plain

# Guards against a mistyped year; no clinical meaning.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class Coded(serializers.ChoiceField):
    """One of an enum's values; validated data hold the member itself. An empty one reads as null."""

    def __init__(self, kind: type[StrEnum], **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(choices=[(member.value, label_of(member)) for member in kind], **kwargs)
        self.error_messages["invalid_choice"] = "“{input}” is not one of: " + ", ".join(m.value for m in kind) + "."

    def to_internal_value(self, data: Any) -> Any:
        found = super().to_internal_value(data)
        return self.kind(found) if found else ""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


def label_of(member: StrEnum) -> str:
    return str(getattr(member, "label", member.value.replace("-", " ").capitalize()))


class Day(serializers.DateField):
    """An ISO date in which a living person can have been born or treated."""

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if not EARLIEST <= day <= LATEST:
            raise serializers.ValidationError(f"{day} cannot be meant. Check the year.")
        return day


class Clock(serializers.TimeField):
    """An hour on the site's clocks, `09:30`. It has no time zone: JSON Schema's `time` would ask for one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], **kwargs)
        self.error_messages["invalid"] = "Write the hour like 09:30."


class Figure(serializers.DecimalField):
    """A figure for reading: a decimal in a string, without trailing zeros (`420`, `3.6`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, **kwargs)

    def to_representation(self, value: Any) -> str:
        return plain(Decimal(value))
