"""The checks by Celery: once or ten times, on time or after lost days, they leave the same flags."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from her2tracker.accounts.models import Site
from monitoring import tasks
from monitoring.actions import assessments, flags, sweeps
from monitoring.heartbeat import last_heartbeat
from monitoring.models import CardiacFlag, SweepRun
from monitoring.models.standing import standing_of
from monitoring.words import FlagKind, FlagState, SweepName
from tests import make

pytestmark = pytest.mark.django_db
BASELINE, START = date(2025, 12, 29), date(2026, 1, 5)


def watched(clock: Any) -> Any:
    """E50's plan: baseline on 29 December 2025, first dose on 5 January 2026."""
    clock.move_to("2026-01-05T09:00:00Z")
    patient = make.patient()
    make.lvef(patient, 62, BASELINE)
    return make.plan(start=START, given=1, of=patient, baseline=None)


def overdue() -> list[tuple[str, date | None, str]]:
    return list(CardiacFlag.objects.filter(kind=FlagKind.OVERDUE).values_list("fact", "due_on", "state"))


def test_an_lvef_is_due_after_84_days_and_overdue_after_92(clock):
    plan = watched(clock)
    window = standing_of(plan).window(date(2026, 3, 1))
    assert (window.due_on, window.overdue_after) == (date(2026, 3, 23), date(2026, 3, 31))
    clock.move_to("2026-03-31T23:00:00Z")
    assert tasks.flag_overdue_echocardiograms() == 0
    clock.move_to("2026-04-01T00:30:00Z")
    assert tasks.flag_overdue_echocardiograms() == 1
    assert overdue() == [("overdue:2026-03-23", date(2026, 3, 23), "open")]


def test_the_next_one_is_counted_from_the_result(clock):
    plan = watched(clock)
    clock.move_to("2026-04-02T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    make.lvef(plan.patient, 61, date(2026, 4, 2))
    assert overdue() == [("overdue:2026-03-23", date(2026, 3, 23), "resolved")]
    assert standing_of(plan).window(date(2026, 4, 2)).due_on == date(2026, 6, 25)  # 84 days after 2 April


def test_ten_runs_leave_one_flag(clock):
    watched(clock)
    clock.move_to("2026-04-01T09:00:00Z")
    assert [tasks.flag_overdue_echocardiograms() for _ in range(10)] == [1, *[0] * 9]
    assert len(overdue()) == 1
    run = SweepRun.objects.get(name=SweepName.OVERDUE)
    assert (run.runs, run.changed) == (10, 1)


def test_a_worker_that_was_off_for_three_days_ends_where_one_that_never_was_does(clock):
    watched(clock)
    clock.move_to("2026-03-30T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    clock.move_to("2026-04-04T09:00:00Z")
    assert tasks.flag_overdue_echocardiograms() == 1
    assert overdue() == [("overdue:2026-03-23", date(2026, 3, 23), "open")]


def test_a_lost_flag_of_a_fall_is_raised_by_the_next_check(clock):
    plan = watched(clock)
    clock.move_to("2026-02-01T09:00:00Z")
    make.lvef(plan.patient, 47, date(2026, 1, 30))
    known = CardiacFlag.objects.get()
    # as if the write had been lost: only the database can take a flag away
    CardiacFlag.objects.all().delete()
    clock.move_to("2026-02-04T09:00:00Z")
    assert [tasks.flag_lvef_drops() for _ in range(10)] == [1, *[0] * 9]
    again = CardiacFlag.objects.get()
    assert (again.fact, again.sentence, again.evidence) == (known.fact, known.sentence, known.evidence)


def test_a_booking_does_not_close_what_is_overdue(clock):
    plan = watched(clock)
    clock.move_to("2026-04-01T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    assessments.book_echo(by=make.person("cora"), plan=plan, booked_for=date(2026, 4, 2), lab="Echo lab")
    clock.move_to("2026-04-05T09:00:00Z")  # the day has passed and nothing came
    assert tasks.flag_overdue_echocardiograms() == 0
    assert overdue() == [("overdue:2026-03-23", date(2026, 3, 23), "open")]


def test_a_result_declared_not_valid_opens_again_what_it_closed(clock):
    plan = watched(clock)
    clock.move_to("2026-04-02T09:00:00Z")
    tasks.flag_overdue_echocardiograms()
    row = make.lvef(plan.patient, 61, date(2026, 4, 2))
    assessments.invalidate(by=make.person("omar"), assessment=row, because="Wrong patient.")
    assert overdue() == [("overdue:2026-03-23", date(2026, 3, 23), "open")]


def test_an_open_finding_stays_until_it_is_decided(clock):
    plan = watched(clock)
    clock.move_to("2026-02-20T09:00:00Z")
    make.lvef(plan.patient, 47, date(2026, 1, 30))
    make.lvef(plan.patient, 60, date(2026, 2, 20))
    tasks.flag_lvef_drops()
    assert CardiacFlag.objects.get(kind=FlagKind.FINDING).state == FlagState.OPEN


def test_one_broken_plan_does_not_hide_the_others_and_leaves_no_heartbeat(clock, monkeypatch):
    healthy, broken = watched(clock), watched(clock)
    clock.move_to("2026-04-01T09:00:00Z")
    reconcile = flags.reconcile

    def failing(plans: Any, **options: Any) -> int:
        if any(plan.pk == broken.pk for plan in plans):
            raise ArithmeticError("no such regimen")
        return reconcile(plans, **options)

    monkeypatch.setattr(flags, "reconcile", failing)
    with pytest.raises(sweeps.SweepFailed):
        tasks.flag_overdue_echocardiograms()
    assert CardiacFlag.objects.get().plan == healthy
    assert not SweepRun.objects.filter(name=SweepName.OVERDUE).exists()


def test_each_site_is_checked_on_its_own_day(clock):
    clock.move_to("2026-01-05T09:00:00Z")
    far = make.site(name="Auckland", time_zone="Pacific/Auckland")
    patient = make.patient(far)
    make.lvef(patient, 62, BASELINE)
    make.plan(start=START, given=1, of=patient, baseline=None)
    clock.move_to("2026-03-31T13:00:00Z")  # 1 April there
    assert tasks.flag_overdue_echocardiograms() == 1
    assert SweepRun.objects.get(name=SweepName.OVERDUE, site=far).business_date == date(2026, 4, 1)


def test_the_page_is_red_until_both_checks_ran_and_again_after_26_hours(clock):
    clock.move_to("2026-04-01T07:02:00Z")
    site: Site = make.site()
    assert last_heartbeat(site, timezone.now()).stale
    tasks.flag_overdue_echocardiograms()
    tasks.flag_lvef_drops()
    assert last_heartbeat(site, timezone.now()).text == "Checks ran 07:02"
    clock.move_to("2026-04-02T09:03:00Z")
    assert last_heartbeat(site, timezone.now()).stale


def test_batches_reach_every_plan(clock):
    plans = {watched(clock).pk for _ in range(3)}
    found = list(flags.watched_in_batches(make.site(), size=2))
    assert [len(batch) for batch in found] == [2, 1]
    assert {plan.pk for batch in found for plan in batch} == plans


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("heartbeat", "Heartbeat noted."),
        ("flag_overdue_echocardiograms", "resolved: 1"),
        ("flag_lvef_drops", "resolved: 1"),
        ("send_reminders", "Digests written: 0"),
        ("deliver_reminders", "Reminders sent: 0"),
    ],
)
def test_every_task_can_be_done_by_hand(clock, capsys, command: str, said: str):
    watched(clock)
    clock.move_to("2026-04-01T03:00:00Z")
    call_command(command)
    assert said in capsys.readouterr().out


def test_an_infusion_never_given_is_not_watched(clock):
    clock.move_to("2026-01-05T09:00:00Z")
    make.plan(start=START, given=0)
    clock.move_to("2026-12-01T09:00:00Z")
    assert tasks.flag_overdue_echocardiograms() == 0
