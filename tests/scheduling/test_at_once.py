"""Querysets that travel together give what each gives alone."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, F, Min
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext

from her2tracker.audit.acts import act
from scheduling.actions import holds
from scheduling.models import CycleDay, Hold, Patient, TreatmentPlan, at_once
from scheduling.models.prepared import DAY, MANY, Prepared
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


_OF_MANY = Prepared(
    lambda plans, on: (
        CycleDay.objects.filter(plan__among=plans, planned_on__lte=on)
        .select_related("plan__patient", "decided_by")
        .annotate(mrn=F("plan__patient__mrn"))
        .order_by("pk")
    ),
    MANY,
    DAY,
)
_COUNTED = Prepared(
    lambda plans: (
        CycleDay.objects.filter(plan__among=plans)
        .order_by()
        .values("plan_id")
        .annotate(days=Count("pk"), first=Min("planned_on"))
        .values_list("days", "plan_id", "first")
    ),
    MANY,
)


def test_questions_of_several_keys_are_answered_as_their_querysets_are():
    """Rows made without Django's own constructor are no other rows: nothing of them is missing or read again."""
    plans = [make.plan(start=START), make.plan("trastuzumab-pertuzumab", start=START)]
    make.give(make.cycle(plans[0], 1))
    for keys in ([], [plans[0].pk], {one.pk for one in plans}):
        found, counted = at_once.read(_OF_MANY.of(keys, date(2026, 2, 20)), _COUNTED.of(keys))
        asked = list(
            CycleDay.objects.filter(plan__in=keys, planned_on__lte=date(2026, 2, 20))
            .select_related("plan__patient", "decided_by")
            .annotate(mrn=F("plan__patient__mrn"))
            .order_by("pk")
        )
        with CaptureQueriesContext(connection) as captured:
            assert [_whole(one) for one in found] == [_whole(one) for one in asked]
        assert len(captured) == 0
        rows = CycleDay.objects.filter(plan__in=keys).order_by().values("plan_id")
        rows = rows.annotate(days=Count("pk"), first=Min("planned_on")).values_list("days", "plan_id", "first")
        assert sorted(counted) == sorted(rows)


def _whole(row: CycleDay) -> list[object]:
    """The row and those beside it, column by column, and whether Django would save them as new."""
    beside = [row, row.plan, row.plan.patient, row.decided_by]
    return [
        one and {name: value for name, value in vars(one).items() if name != "_state"} | {"new": one._state.adding}
        for one in beside
    ]


def test_a_column_that_was_left_out_is_read_when_somebody_asks():
    plan = make.plan(start=START)
    [[row]] = at_once.read(Prepared(lambda pk: TreatmentPlan.objects.filter(pk=pk).defer("start_on")).of(plan.pk))
    with CaptureQueriesContext(connection) as captured:
        assert row.start_on == START
    assert len(captured) == 1
    row.regimen = plan.regimen
    row.save(update_fields=["regimen"])
    assert TreatmentPlan.objects.get(pk=plan.pk).start_on == START


def test_who_listens_to_how_rows_are_made_hears_of_each():
    plan, heard = make.plan(start=START), []
    listen = lambda instance, **_: heard.append(instance.pk)  # noqa: E731 - a receiver must outlive its connection
    post_init.connect(listen, sender=CycleDay)
    try:
        [days] = at_once.read(Prepared(lambda pk: CycleDay.objects.filter(plan=pk)).of(plan.pk))
    finally:
        post_init.disconnect(listen, sender=CycleDay)
    assert heard == [day.pk for day in days]


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
