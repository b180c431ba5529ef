"""What a serializer would answer, at a fifth of its price: for lists of hundreds of rows that are asked for all day.

    shown = quick.compiled(DayOut)
    shown(day) == DayOut(day).data

The serializer stays the one description of the answer, and the schema's. How each field is found and written is
worked out once per class, where REST framework works it out for each value; a kind of field that is not known here
is asked itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Manager
from rest_framework import serializers
from rest_framework.fields import SkipField

from her2tracker.api.fields import Clock, Coded, Figure

Shown = Callable[[Any], Any]
_AS_IT_IS: dict[type, Shown] = {serializers.CharField: str, serializers.IntegerField: int}


@cache
def compiled(shape: type[serializers.Serializer[Any]]) -> Shown:
    """`shape(thing).data` as plain dicts and lists. Without a context: for serializers that need none."""
    return _nested(shape())


def _nested(serializer: Any) -> Shown:
    if type(serializer).to_representation is not serializers.Serializer.to_representation:
        return serializer.to_representation  # type: ignore[no-any-return]
    fields = [(name, _got(field), _written(field)) for name, field in serializer.fields.items() if not field.write_only]

    def show(thing: Any) -> dict[str, Any]:
        shown = {}
        for name, got, written in fields:
            try:
                value = got(thing)
            except SkipField:
                continue
            shown[name] = None if value is None else written(value)
        return shown

    return show


def _got(field: Any) -> Shown:
    """As `Field.get_attribute`, which still answers for what is no plain attribute, or missing."""
    if field.source == "*" or type(field).get_attribute is not serializers.Field.get_attribute:
        return field.get_attribute  # type: ignore[no-any-return]
    get = attrgetter(field.source)

    def got(thing: Any) -> Any:
        try:
            value = get(thing)
        except (AttributeError, ObjectDoesNotExist):
            return field.get_attribute(thing)
        return field.get_attribute(thing) if callable(value) and not isinstance(value, Manager) else value

    return got


def _written(field: Any) -> Shown:
    if isinstance(field, serializers.ListSerializer):
        return _many(_nested(field.child))
    if isinstance(field, serializers.Serializer):
        return _nested(field)
    if type(field) is serializers.DateField and not hasattr(field, "format"):
        return _date(field.to_representation)
    if type(field) in (Coded, Clock, Figure, serializers.TimeField, serializers.BooleanField):
        return lru_cache(maxsize=1024)(field.to_representation)  # few values, each in many rows
    if type(field) is serializers.UUIDField and field.uuid_format == "hex_verbose":
        return str
    as_it_is: Shown = _AS_IT_IS.get(type(field), field.to_representation)
    return as_it_is


def _many(show: Shown) -> Shown:
    def show_many(things: Any) -> list[Any]:
        rows: Iterable[Any] = things.all() if isinstance(things, Manager) else things
        return [show(one) for one in rows]

    return show_many


def _date(otherwise: Shown) -> Shown:
    def written(value: Any) -> Any:
        return value.isoformat() if type(value).__name__ == "date" else otherwise(value)

    return written
