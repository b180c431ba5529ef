"""A check reads few columns: what it leads to is what the full reading leads to, and nothing is fetched one by one."""

from __future__ import annotations

import dataclasses
import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.actions import flags
from monitoring.core.result import Assessment
from monitoring.models import LvefAssessment
from monitoring.models.clocks import holds_of
from monitoring.models.hearts import hearts, plans_of
from monitoring.models.remembered import Remembered
from monitoring.models.standing import standings
from scheduling.models import Hold, TreatmentPlan
from scheduling.models.lean import Lean
from tests import make
from tests.monitoring.test_narrowed import Clinic

pytestmark = pytest.mark.django_db
FIELDS = {field.name for field in dataclasses.fields(Assessment)}


@pytest.mark.parametrize("seed", range(3))
def test_both_readings_lead_to_the_same_facts_and_the_same_next_day(clock: Any, seed: int):
    clinic = Clinic(random.Random(300 + seed))
    today = clinic.site.today()
    pks = [plan.pk for plan in clinic.plans]
    full = standings(
        list(TreatmentPlan.objects.filter(pk__in=pks).select_related("patient__site", "regimen").order_by("pk"))
    )
    lean = hearts(plans_of(pks))
    assert sum(bool(list(told)) for told in facts_of(lean, today).values()) > 3, "this clinic tests nothing"
    assert facts_of(lean, today) == facts_of(full, today)
    assert {one.plan.pk: one.next_change(today) for one in lean} == {
        one.plan.pk: one.next_change(today) for one in full
    }


def facts_of(found: list[Any], today: date) -> dict[int, list[Any]]:
    held = {pk: one.states for pk, one in holds_of(found, today).items()}
    return {
        one.plan.pk: [
            (fact, row.pk if row else None) for fact, row in flags.found_facts(one, held.get(one.plan.pk, ()), today)
        ]
        for one in found
    }


def test_many_plans_are_reconciled_by_as_many_questions_as_one(clock: Any):
    clock.move_to("2026-04-01T09:00:00Z")
    plans = [make.plan(start=date(2025, 9, 1), given=2) for _ in range(4)]
    asked = []
    for some in (plans[:1], plans[1:]):
        with CaptureQueriesContext(connection) as queries:
            changed = flags.reconcile(flags.watched([plan.pk for plan in some]), now=timezone.now())
        assert set(changed) == {plan.pk for plan in some}
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_whatever_the_core_reads_of_a_result_but_its_day_tells_it_from_others():
    """A figure that `to_core` passes on and `figures` forgot would let one result be judged by another's."""
    row = LvefAssessment(
        performed_on=date(2026, 1, 5), modality="echo-2d", lab="A", lvef_low=Decimal(55), lvef_high=Decimal(60),
        gls_percent=Decimal(-18), symptoms="none", biomarker_rise=False,
    )  # fmt: skip
    other: dict[str, Any] = {
        "modality": "muga", "lab": "B", "lvef_low": Decimal(54), "lvef_high": Decimal(61), "lvef_low_open": True,
        "lvef_high_open": True, "gls_percent": None, "symptoms": "mild", "biomarker_rise": None,
    }  # fmt: skip
    before, core, told = row.figures, row.to_core(), set()
    for name, value in other.items():
        kept = getattr(row, name)
        setattr(row, name, value)
        assert row.figures != before, name
        told |= {
            f.name for f in dataclasses.fields(Assessment) if getattr(row.to_core(), f.name) != getattr(core, f.name)
        }
        setattr(row, name, kept)
    assert told == {f.name for f in dataclasses.fields(Assessment)} - {"performed_on"}


def test_what_was_not_read_is_fetched_when_it_is_asked_for():
    plan = make.plan(start=date(2026, 1, 5), given=1)
    [row] = Lean(TreatmentPlan, "id", "state").built([(plan.pk, "active")])
    assert row == plan
    assert (row.state, row.start_on) == ("active", date(2026, 1, 5))


@pytest.mark.parametrize("columns", [("state",), ("id", "patient"), ("id", "no_such")])
def test_a_lean_reading_needs_the_key_and_columns_that_are_there(columns: tuple[str, ...]):
    with pytest.raises(ValueError, match="TreatmentPlan is read by"):
        Lean(TreatmentPlan, *columns)


def test_an_answer_is_kept_by_its_question_and_never_beyond_its_bound():
    known: Remembered[int] = Remembered(2)
    asked: list[int] = []

    def answer(number: int) -> int:
        asked.append(number)
        return number * 10

    assert [known.of(n, lambda n=n: answer(n)) for n in (1, 1, 2, 1, 3, 1)] == [10, 10, 20, 10, 30, 10]
    assert asked == [1, 2, 3, 1]  # at the third it was full, and forgot the others


def test_a_hold_is_read_with_what_its_clocks_need(clock: Any):
    clinic = Clinic(random.Random(7))
    for plan in clinic.plans[:6]:
        clinic.held(plan)
    today = clinic.site.today()
    found = hearts(plans_of([plan.pk for plan in clinic.plans[:6]]))
    assert Hold.objects.filter(plan__in=clinic.plans[:6]).count() == sum(len(one.holds) for one in found)
    with CaptureQueriesContext(connection) as queries:
        holds_of(found, today)
    assert len(queries) <= 2
