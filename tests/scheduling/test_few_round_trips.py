"""What a committed change costs in round trips, and that nothing is lost by making few."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from her2tracker.audit.models import Act
from scheduling.actions import changes, cycles, holds
from scheduling.models import Administration, CycleDay, Delay, TreatmentPlan, bulk
from scheduling.models.facts import read_plan
from scheduling.models.plans import DECISIONS
from scheduling.models.standing import facts_of
from scheduling.words import DelayReason, HoldReason
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
START = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-03-02 09:00", tick=False)


@pytest.fixture
def plan():
    return make.plan("trastuzumab-pertuzumab", start=START, given=2)


def _delay(plan: TreatmentPlan, cycle: int) -> None:
    row = plan.cycle_days.get(cycle=cycle)
    cycles.delay(
        by=make.person("nora"), cycle_day=row, to_on=row.planned_on + timedelta(7), reason=DelayReason.CAPACITY
    )


def test_a_delay_is_two_round_trips_between_its_beginning_and_its_end(plan):
    row, nora = plan.cycle_days.get(cycle=4), make.person("nora")
    nora.site  # noqa: B018 - signed in, a person comes with their site
    with CaptureQueriesContext(connection) as captured:
        cycles.delay(by=nora, cycle_day=row, to_on=row.planned_on + timedelta(7), reason=DelayReason.CAPACITY)
    # a savepoint around what reads and what writes, as this test is a transaction itself
    assert [query["sql"].split()[0] for query in captured] == ["SAVEPOINT", "SELECT", "SELECT", "RELEASE"]


def test_each_moved_row_keeps_its_old_date_and_who_moved_it(plan):
    before = dict(plan.cycle_days.filter(cycle__gte=4).values_list("pk", "planned_on"))
    _delay(plan, 4)
    events = CycleDay.pgh_event_model.objects.filter(pgh_label="update", pgh_context__metadata__verb="cycle.delayed")
    assert dict(events.values_list("pgh_obj_id", "planned_on")) == {pk: on + timedelta(7) for pk, on in before.items()}
    assert {event.pgh_context.metadata["by"] for event in events} == {"Nora Nilsen"}


def test_a_plan_read_alone_has_the_facts_of_one_read_with_many(plan):
    omar = make.person("omar")
    _delay(plan, 4)
    changes.extend(by=omar, plan=plan, cycles=1, reason="One more, as agreed.", overridden=True)
    holds.begin(by=omar, plan=plan, reason=HoldReason.OTHER, note="Travels.")
    alone = read_plan(plan.pk)
    among = TreatmentPlan.objects.with_facts().get(pk=plan.pk)
    assert facts_of(alone) == facts_of(among)
    for name in ("cycle_days", *DECISIONS):
        assert list(getattr(alone, name).all()) == list(getattr(among, name).all())
    with CaptureQueriesContext(connection) as captured:
        facts_of(alone), [list(getattr(alone, name).all()) for name in DECISIONS]
    assert len(captured) == 0


def test_an_act_whose_last_write_the_database_refuses_leaves_nothing(plan, monkeypatch):
    row = plan.cycle_days.get(cycle=4)
    monkeypatch.setattr(cycles, "touching", lambda _: ("UPDATE scheduling_treatmentplan SET revision = -1", []))
    with pytest.raises(IntegrityError), transaction.atomic():
        _delay(plan, 4)
    assert not Act.objects.filter(verb="cycle.delayed").exists()
    assert CycleDay.objects.get(pk=row.pk).planned_on == row.planned_on
    assert not Delay.objects.exists()


def test_a_plan_that_is_not_there_is_missed_by_name():
    with pytest.raises(TreatmentPlan.DoesNotExist):
        read_plan(0)


def test_a_plan_is_locked_inside_a_transaction_only(transactional_db):
    with pytest.raises(TransactionManagementError):
        read_plan(make.plan(start=START).pk, lock=True)


def test_rows_written_at_once_keep_what_is_empty_empty(plan):
    rows = list(plan.cycle_days.planned()[:3])
    for row in rows:
        row.starts_at, row.note = None, f"row {row.cycle}"
    bulk.update(rows, ["starts_at", "note"])
    assert [(row.starts_at, row.note) for row in CycleDay.objects.filter(pk__in=[row.pk for row in rows])] == [
        (None, f"row {row.cycle}") for row in rows
    ]


def test_text_that_is_too_long_is_refused_and_not_cut(plan):
    dose = Administration.objects.filter(cycle_day__plan=plan, given_on=None)[0]
    dose.dose_text = "x" * 161
    with pytest.raises(DataError), transaction.atomic():
        bulk.update([dose], ["dose_text"])
    assert "x" not in Administration.objects.get(pk=dose.pk).dose_text


def test_what_is_asked_of_a_plan_read_alone_is_asked_of_its_own_rows(plan):
    other = make.plan("trastuzumab-pertuzumab", start=START)
    alone = read_plan(plan.pk)
    row = next(row for row in alone.cycle_days.all() if row.cycle == 5)
    assert row.administrations.get(agent="trastuzumab").cycle_day_id == row.pk
    assert {row.plan_id for row in alone.cycle_days.planned()} == {plan.pk}
    assert not alone.delays.filter(plan=other).exists()


def test_rows_that_are_not_alike_are_not_added_together(plan):
    alike = {"plan_id": plan.pk, "cycle": 30, "day": 1}
    with pytest.raises(ValueError, match="CycleDay"), transaction.atomic():
        bulk.insert(CycleDay, [alike, {"plan_id": plan.pk, "day": 1, "cycle": 31}])
    assert not plan.cycle_days.filter(cycle__gte=30).exists()
