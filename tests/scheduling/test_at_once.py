"""Querysets that travel together give what each gives alone."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from her2tracker.audit.acts import act
from scheduling.models import CycleDay, Hold, Patient, TreatmentPlan, at_once
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-01-05 09:00", tick=False)


def _asked():
    return (
        TreatmentPlan.objects.select_related("patient__site", "regimen").order_by("pk"),
        Hold.objects.all(),
        CycleDay.objects.filter(cycle__lte=2).order_by("pk"),
        CycleDay.objects.filter(plan__in=[]),
        CycleDay.objects.order_by().values("plan_id").annotate(days=Count("pk")).values_list("plan_id", "days"),
        Patient.objects.order_by("mrn").values_list("mrn", flat=True),
        CycleDay.objects.filter(note="50 % of the day; -- and %s"),
    )


def test_each_answer_is_what_the_queryset_gives_alone():
    make.plan(start=START)
    make.plan("trastuzumab-pertuzumab", start=START)
    with CaptureQueriesContext(connection) as captured:
        found = at_once.read(*_asked())
    assert len(captured) == 1
    assert found == [list(one) for one in _asked()]
    assert [len(rows) for rows in found] == [2, 0, 4, 0, 2, 2, 0]
    with CaptureQueriesContext(connection) as captured:
        assert [plan.patient.site.name for plan in found[0]] == [make.site().name] * 2
    assert not any("scheduling_" in query["sql"] for query in captured.captured_queries)


def test_inside_an_act_nothing_is_lost():
    make.plan(start=START)
    with act("chart.opened", by=make.person("nora")):
        assert at_once.read(*_asked()) == [list(one) for one in _asked()]


def test_nothing_asked_is_nothing_sent():
    with CaptureQueriesContext(connection) as captured:
        assert at_once.read(CycleDay.objects.filter(plan__in=[])) == [[]]
    assert len(captured) == 0
