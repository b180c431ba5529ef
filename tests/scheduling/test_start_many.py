"""Many plans started at once are the plans that would have been started one by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from her2tracker.accounts.models import User
from her2tracker.audit.models import Act
from her2tracker.lib.refusals import Refused
from scheduling.actions import intake, plans
from scheduling.actions.starting import Order, Prior
from scheduling.models import Administration, CycleDay, Patient, TreatmentPlan
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)
REGIMENS = {
    "trastuzumab-q3w-17": "adjuvant",
    "trastuzumab-pertuzumab": "adjuvant",
    "apt": "adjuvant",
    "phesgo": "neoadjuvant",
    "t-dm1": "adjuvant",
}
COUNTING = ("apt", "trastuzumab-pertuzumab", "trastuzumab-q3w-17")  # those that go on from earlier trastuzumab


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-01-05 09:00", tick=False)


def _patient(kg: int | None) -> Patient:
    one = make.patient()
    if kg:
        make.weight(one, kg, TODAY - timedelta(days=3))
    return one


def _order(wanted: tuple[str, int, int | None, int], patient: Patient) -> Order:
    key, days, _, earlier = wanted
    prior = [Prior("trastuzumab", earlier, TODAY - timedelta(days=20))] if earlier and key in COUNTING else []
    return Order(patient, make.signed_off(key, patient.site), TODAY + timedelta(days=days), REGIMENS[key], prior)


def _rows(plan: TreatmentPlan) -> list[dict[str, object]]:
    """Everything saved about a plan, without keys, ids and times."""
    return [
        model_to_dict(plan, exclude=["id", "patient"]),
        *(model_to_dict(prior, exclude=["id", "plan"]) for prior in plan.prior_treatments.order_by("agent")),
        *(model_to_dict(day, exclude=["id", "plan"]) for day in plan.cycle_days.all()),
        *(
            model_to_dict(dose, exclude=["id", "cycle_day"])
            for dose in Administration.objects.filter(cycle_day__plan=plan).order_by("cycle_day__cycle", "agent")
        ),
    ]


wanted = st.tuples(
    st.sampled_from(sorted(REGIMENS)), st.integers(0, 60), st.none() | st.integers(40, 110), st.integers(0, 2)
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(wanted, min_size=1, max_size=4))
def test_many_at_once_are_the_same_rows_as_one_by_one(asked):
    omar = make.person("omar")
    alone = []
    for one in asked:
        order = _order(one, _patient(one[2]))
        alone.append(
            plans.start(
                by=omar, patient=order.patient, regimen=order.regimen, start_on=order.start_on, setting=order.setting,
                prior=order.prior,
            )
        )  # fmt: skip
    together = intake.start_many(by=omar, orders=[_order(one, _patient(one[2])) for one in asked])
    assert [_rows(TreatmentPlan.objects.get(pk=one.pk)) for one in together] == [
        _rows(TreatmentPlan.objects.get(pk=one.pk)) for one in alone
    ]


def test_each_row_has_its_history_with_the_act_and_each_chart_its_own_act():
    together = intake.start_many(by=make.person("omar"), orders=_orders(3))
    whole = Act.objects.get(verb="plans.started")
    assert whole.details == {"count": 3}
    parts = Act.objects.filter(verb="plan.started")
    assert {part.subject_uuid for part in parts} == {plan.uuid for plan in together}
    assert {part.patient_uuid for part in parts} == {plan.patient.uuid for plan in together}
    assert {part.details["within"] for part in parts} == {str(whole.uuid)}
    for model in (TreatmentPlan, CycleDay, Administration):
        events = model.pgh_event_model.objects.all()
        assert events.count() == model.objects.count()
        assert {event.pgh_context.metadata["act"] for event in events} == {str(whole.uuid)}


def test_one_that_cannot_be_started_stops_all_and_is_named():
    orders = _orders(2)
    taken = make.plan(start=TODAY).patient
    before = TreatmentPlan.objects.count(), CycleDay.objects.count(), Act.objects.count()
    with pytest.raises(Refused, match=rf"Order 3, MRN {taken.mrn}: This patient has an active plan") as refused:
        intake.start_many(by=make.person("omar"), orders=[*orders, *_orders(1, taken)])
    assert refused.value.code == "already-treated"
    assert (TreatmentPlan.objects.count(), CycleDay.objects.count(), Act.objects.count()) == before


def test_a_patient_twice_in_one_list_is_refused():
    one = _patient(70)
    with pytest.raises(Refused, match=r"Order 2, .*active plan"):
        intake.start_many(by=make.person("omar"), orders=_orders(1, one) + _orders(1, one))
    assert not TreatmentPlan.objects.filter(patient=one).exists()


def test_a_setting_that_is_not_said_is_refused_as_it_is_for_one():
    order = Order(_patient(70), make.regimen("trastuzumab-pertuzumab"), TODAY)
    with pytest.raises(Refused) as alone:
        plans.start(by=make.person("omar"), patient=order.patient, regimen=order.regimen, start_on=TODAY)
    with pytest.raises(Refused) as together:
        intake.start_many(by=make.person("omar"), orders=[order])
    assert together.value.code == alone.value.code == "setting-missing"
    assert str(together.value).endswith(str(alone.value))


@pytest.mark.parametrize("who", ["nora", "cora", "xavier"])
def test_only_who_may_start_one_may_start_many(who):
    with pytest.raises(PermissionDenied):
        intake.start_many(by=make.person(who), orders=_orders(1))
    assert not TreatmentPlan.objects.exists()


def test_no_order_starts_nothing():
    assert intake.start_many(by=make.person("omar"), orders=[]) == []


def test_the_round_trips_do_not_grow_with_the_orders():
    omar = make.person("omar")
    assert _asked(omar, 2) == _asked(omar, 12)


def _asked(omar: User, count: int) -> int:
    orders = _orders(count)
    with CaptureQueriesContext(connection) as captured:
        intake.start_many(by=omar, orders=orders)
    return len(captured)


def _orders(count: int, patient: Patient | None = None) -> list[Order]:
    regimen = make.signed_off("trastuzumab-pertuzumab", make.site())
    return [Order(patient or _patient(70), regimen, TODAY, "adjuvant") for _ in range(count)]
