"""A plan is left alone until its day; what changes in between, a rule or a mistake of the hint brings it back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from monitoring import tasks
from monitoring.actions import checks, flags, sweeps
from monitoring.models import CardiacFlag, CardiacPolicy, FullCheck, NextCheck, SweepRun
from monitoring.models.next_checks import AT_ONCE, NEVER, leave
from monitoring.words import SweepName
from scheduling.actions import holds
from scheduling.models import TreatmentPlan
from scheduling.words import HoldReason
from tests import make

pytestmark = pytest.mark.django_db
START = date(2026, 1, 5)


def watched(clock: Any) -> TreatmentPlan:
    """E50's plan: baseline on 29 December 2025, first dose on 5 January 2026; overdue from 1 April on."""
    clock.move_to("2026-01-05T09:00:00Z")
    patient = make.patient()
    make.lvef(patient, 62, date(2025, 12, 29))
    return make.plan(start=START, given=1, of=patient, baseline=None)


def day_of(plan: TreatmentPlan) -> date:
    return NextCheck.objects.get(plan=plan).check_on


def lose_the_call(plan: TreatmentPlan) -> None:
    """As a write past the triggers would leave it: the plan is left alone though its flags should change."""
    NextCheck.objects.filter(plan=plan).update(check_on=NEVER)


def test_a_new_plan_is_due_at_once_and_then_on_the_day_its_lvef_is_overdue(clock):
    plan = watched(clock)
    assert day_of(plan) == AT_ONCE
    tasks.flag_overdue_echocardiograms()
    assert day_of(plan) == date(2026, 4, 1)


def test_a_plan_that_was_flagged_is_left_alone_too(clock):
    plan = watched(clock)
    clock.move_to("2026-04-01T09:00:00Z")
    assert tasks.flag_overdue_echocardiograms() == 1
    assert day_of(plan) > date(2026, 4, 1)


def test_an_open_hold_for_the_heart_is_looked_at_every_day(clock):
    plan = watched(clock)
    clock.move_to("2026-02-02T09:00:00Z")
    make.lvef(plan.patient, 44, date(2026, 2, 2))
    holds.begin(by=make.person("omar"), plan=plan, reason=HoldReason.LVEF_FALL)
    tasks.flag_lvef_drops()
    tasks.flag_lvef_drops()
    assert day_of(plan) == date(2026, 2, 3)


def test_a_run_with_nothing_to_do_reads_a_few_rows_and_writes_only_its_heartbeat(clock, django_assert_num_queries):
    for _ in range(3):
        watched(clock)
    tasks.flag_overdue_echocardiograms()
    tasks.flag_overdue_echocardiograms()
    with connection.cursor() as cursor:
        cursor.execute("SELECT plan_id, xmin::text FROM monitoring_nextcheck ORDER BY 1")
        before = cursor.fetchall()
    site = make.site()
    checked = checks.check(site, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT plan_id, xmin::text FROM monitoring_nextcheck ORDER BY 1")
        assert cursor.fetchall() == before
    assert checked == checks.Checked()
    with django_assert_num_queries(3):  # the policy, the last full check, what is due
        checks.check(site, now=timezone.now())


def test_who_read_before_a_fact_changed_cannot_leave_the_plan_alone(clock):
    plan = watched(clock)
    tasks.flag_overdue_echocardiograms()
    read = NextCheck.objects.get(plan=plan).changes
    make.lvef(plan.patient, 61, date(2026, 1, 5))
    leave([(plan.pk, read, date(2026, 4, 1))], plan.patient.site_id)
    assert day_of(plan) == AT_ONCE


def test_a_changed_policy_brings_every_plan_back(clock):
    plan = watched(clock)
    clock.move_to("2026-03-02T09:00:00Z")
    make.lvef(plan.patient, 51, date(2026, 3, 2))
    tasks.flag_lvef_drops()
    tasks.flag_lvef_drops()
    assert not CardiacFlag.objects.exists()
    CardiacPolicy.objects.update_or_create(site=make.site(), defaults={"lower_limit_of_normal": 55})
    tasks.flag_lvef_drops()
    assert FullCheck.objects.get().missed == 0
    assert list(CardiacFlag.objects.values_list("plan", flat=True)) == [plan.pk]


def test_once_a_week_every_plan_is_looked_at_and_a_wrong_hint_is_a_fault(clock):
    plan = watched(clock)
    clock.move_to("2026-03-30T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    lose_the_call(plan)
    clock.move_to("2026-04-05T09:00:00Z")
    assert tasks.flag_overdue_echocardiograms() == 0  # believed, until the week is over
    ran_at = SweepRun.objects.get(name=SweepName.OVERDUE, business_date=date(2026, 4, 5)).last_at
    clock.move_to("2026-04-06T09:00:00Z")
    with pytest.raises(sweeps.SweepFailed):
        tasks.flag_overdue_echocardiograms()
    assert CardiacFlag.objects.get().plan == plan
    assert (FullCheck.objects.get().missed, FullCheck.objects.get().done_on) == (1, date(2026, 4, 6))
    assert SweepRun.objects.filter(name=SweepName.OVERDUE).latest("last_at").last_at == ran_at
    assert tasks.flag_overdue_echocardiograms() == 0


def test_a_plan_that_could_not_be_judged_stays_due(clock, monkeypatch):
    plan = watched(clock)
    reconcile = flags.reconcile
    monkeypatch.setattr(flags, "reconcile", failing)
    clock.move_to("2026-04-01T09:00:00Z")
    with pytest.raises(sweeps.SweepFailed):
        tasks.flag_overdue_echocardiograms()
    assert day_of(plan) == AT_ONCE
    monkeypatch.setattr(flags, "reconcile", reconcile)
    assert tasks.flag_overdue_echocardiograms() == 1


def failing(*_: Any, **__: Any) -> None:
    raise ArithmeticError("no such regimen")


def test_a_plan_entered_in_error_is_never_looked_at_again(clock):
    plan = watched(clock)
    TreatmentPlan.objects.filter(pk=plan.pk).update(state="ceased", ended_on=START, end_reason="entered-in-error")
    tasks.flag_overdue_echocardiograms()
    assert day_of(plan) == NEVER


def test_a_patient_of_another_site_is_looked_at_there(clock):
    plan = watched(clock)
    tasks.flag_overdue_echocardiograms()
    far = make.site(name="Auckland", time_zone="Pacific/Auckland")
    plan.patient.site = far
    plan.patient.save()
    assert (NextCheck.objects.get(plan=plan).site, day_of(plan)) == (far, AT_ONCE)


def test_flags_are_the_same_however_many_are_judged_at_a_time(clock, monkeypatch):
    plans = [watched(clock) for _ in range(5)]
    clock.move_to("2026-04-01T09:00:00Z")
    monkeypatch.setattr(checks, "AT_A_TIME", 2)
    assert tasks.flag_overdue_echocardiograms() == 5
    one_by_one = {(flag.plan_id, flag.fact, flag.sentence) for flag in CardiacFlag.objects.all()}
    CardiacFlag.objects.all().delete()
    for plan in plans:
        flags.reconcile([plan], now=timezone.now())
    assert {(flag.plan_id, flag.fact, flag.sentence) for flag in CardiacFlag.objects.all()} == one_by_one
