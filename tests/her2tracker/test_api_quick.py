"""The quick way to write an answer says what its serializer says."""

from __future__ import annotations

import json
from datetime import date, time
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from her2tracker.api import quick
from her2tracker.api.fields import Clock, Coded, Figure
from her2tracker.clinic.api import DayOut
from her2tracker.clinic.today import day_at
from scheduling.words import DayState
from tests import make
from tests.her2tracker.test_today import START, _one_of_every_kind


@pytest.mark.django_db
@time_machine.travel("2026-01-05T07:27:00Z", tick=False)
def test_a_day_with_one_of_every_kind_is_the_same_either_way():
    _one_of_every_kind()
    day = day_at(make.site(), START)
    assert len(day.rows) >= 6
    assert day.missed
    asked = JSONRenderer().render(DayOut(day).data)
    assert JSONRenderer().render(quick.compiled(DayOut)(day)) == asked
    assert json.loads(asked)["rows"]


class Inner(serializers.Serializer):
    word = serializers.CharField()


class Every(serializers.Serializer):
    """A field of each kind that answers know, and ways to be missing."""

    text = serializers.CharField()
    number = serializers.IntegerField()
    key = serializers.UUIDField()
    on = serializers.DateField()
    hour = Clock()
    state = Coded(DayState)
    mg = Figure()
    yes = serializers.BooleanField()
    called = serializers.CharField(source="method")
    far = serializers.CharField(source="inner.word")
    missing = serializers.CharField(default="none said")
    nothing = serializers.CharField(allow_null=True)
    left_out = serializers.CharField(required=False)
    unseen = serializers.CharField(write_only=True)
    inner = Inner()
    many = Inner(many=True)
    words = serializers.ListField(child=serializers.CharField())
    made = serializers.SerializerMethodField()

    def get_made(self, thing):
        return f"made of {thing.text}"


def test_each_kind_of_field_is_written_as_the_serializer_writes_it():
    inner = SimpleNamespace(word="within")
    for figure in (Decimal("4.20"), Decimal("0.0"), Decimal("420")):
        thing = SimpleNamespace(
            text="Ana", number=3, key=uuid4(), on=date(2026, 1, 5), hour=time(9, 5), state=DayState.GIVEN, mg=figure,
            yes=True, method=lambda: "asked", inner=inner, nothing=None, many=[inner, inner], words=["a", "b"],
        )  # fmt: skip
        assert quick.compiled(Every)(thing) == Every(thing).data


def test_a_field_that_is_not_there_is_a_mistake_either_way():
    for show in (quick.compiled(Inner), lambda thing: Inner(thing).data):
        with pytest.raises(AttributeError, match="word"):
            show(SimpleNamespace(other=1))
