"""Querysets that travel together give what each gives alone."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from her2tracker.audit.acts import act
from scheduling.actions import holds
from scheduling.models import CycleDay, Hold, Patient, TreatmentPlan, at_once
from scheduling.models.prepared import Prepared
from scheduling.words import HoldReason
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


def test_inside_an_act_nothing_is_lost_and_its_history_goes_on():
    omar = make.person("omar")
    holds.begin(by=omar, plan=make.plan(start=START), reason=HoldReason.OTHER, note="Travels.")
    with act("chart.opened", by=make.person("nora")):
        with CaptureQueriesContext(connection) as captured:
            found = at_once.read(*_asked())
        assert len(captured) == 1
        assert found == [list(one) for one in _asked()]
        Hold.objects.update(note="Written after it was read.")
    assert Hold.pgh_event_model.objects.get(pgh_label="update").pgh_context.metadata["verb"] == "chart.opened"


def test_nothing_asked_is_nothing_sent():
    with CaptureQueriesContext(connection) as captured:
        assert at_once.read(CycleDay.objects.filter(plan__in=[])) == [[]]
    assert len(captured) == 0


_PLAN = Prepared(
    lambda pk: (
        TreatmentPlan.objects.select_related("patient__site", "regimen").defer("regimen__definition").filter(pk=pk)
    )
)
_DAYS = Prepared(lambda plan: CycleDay.objects.filter(plan=plan, cycle__lte=3).exclude(note="50 % of it"))


def test_a_question_asked_again_of_another_plan_is_answered_for_that_plan():
    plans = [make.plan(start=START, kg="61.5"), make.plan("trastuzumab-pertuzumab", start=START)]
    for plan in (*plans, plans[0]):
        [[alone], days] = at_once.read(_PLAN.of(plan.pk), _DAYS.of(plan.pk))
        asked = TreatmentPlan.objects.select_related("patient__site", "regimen").get(pk=plan.pk)
        assert vars(alone).items() >= {key: value for key, value in vars(asked).items() if key != "_state"}.items()
        assert [vars(day)["planned_on"] for day in days] == [day.planned_on for day in asked.cycle_days.all()[:3]]
        with CaptureQueriesContext(connection) as captured:
            assert (alone.patient.mrn, alone.patient.site.name, alone.regimen.name) == (
                asked.patient.mrn, asked.patient.site.name, asked.regimen.name
            )  # fmt: skip
        assert len(captured) == 0


def test_a_question_that_does_not_ask_for_its_key_is_a_mistake():
    with pytest.raises(ValueError, match="CycleDay"):
        Prepared(lambda _: CycleDay.objects.filter(cycle=1)).of(1)


def test_among_keys_is_in_them_and_its_statement_does_not_grow():
    plans = [make.plan(start=START), make.plan("trastuzumab-pertuzumab", start=START)]
    wanted = [plan.pk for plan in plans]
    for rows, name in ((TreatmentPlan.objects, "pk"), (CycleDay.objects, "plan"), (Hold.objects, "plan__patient")):
        for keys in ([], wanted[:1], wanted, {*wanted, 0}):
            assert list(rows.filter(**{f"{name}__among": keys})) == list(rows.filter(**{f"{name}__in": keys}))
            assert list(rows.exclude(**{f"{name}__among": keys})) == list(rows.exclude(**{f"{name}__in": keys}))
    asked = [CycleDay.objects.filter(plan__among=range(many)).query.sql_with_params() for many in (1, 500)]
    assert asked[0][0] == asked[1][0]
    assert len(asked[1][1]) == 1
