"""F5 and F7: nights without a worker, and clocks that change, jump, or stand far from Greenwich."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from her2tracker.accounts.models import Site
from monitoring import tasks
from monitoring.heartbeat import last_heartbeat
from monitoring.models import CardiacFlag, Reminder, SweepRun
from monitoring.words import FlagKind, FlagState, SweepName
from tests import make
from tests.mail import MailServer

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def tick() -> None:
    """What beat asks for, in its order."""
    for task in (
        tasks.heartbeat,
        tasks.flag_overdue_echocardiograms,
        tasks.flag_lvef_drops,
        tasks.escalate_flags,
        tasks.send_reminders,
        tasks.deliver_reminders,
    ):
        task()


def watched(clock: Any, site: Site, last_on: date) -> None:
    """One plan whose last LVEF is of `last_on`: overdue on the 93rd day after it (CLINICAL.md E50)."""
    clock.move_to(datetime.combine(last_on, time(12), ZoneInfo(site.time_zone)))
    patient = make.patient(site)
    make.lvef(patient, 62, last_on)
    clock.move_to(datetime.combine(last_on + timedelta(days=1), time(12), ZoneInfo(site.time_zone)))
    make.plan(start=last_on + timedelta(days=1), given=1, of=patient, baseline=None)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),  # clocks go forward
        ("Europe/Berlin", date(2026, 10, 25)),  # and back
        ("UTC", date(2028, 2, 29)),
        ("UTC", date(2027, 1, 1)),
        ("Pacific/Tongatapu", date(2026, 6, 1)),  # 13 hours before Greenwich
        ("Pacific/Pago_Pago", date(2026, 6, 1)),  # 11 hours behind it
    ],
)
@pytest.mark.fault("F7", "clock changes, 29 February, year end, +13 and -11 h")
def test_an_lvef_is_overdue_from_its_local_day_on_and_each_day_is_checked_once(clock: Any, zone: str, day: date):
    site = make.site(name=zone, time_zone=zone)
    watched(clock, site, day - timedelta(days=93))
    at = datetime.combine(day - timedelta(days=1), time(20), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    days, flagged_from = set(), None
    for _ in range(14):  # through midnight, and the hours in which clocks change
        clock.move_to(at)
        tasks.flag_overdue_echocardiograms()
        days.add(site.today(at))
        if flagged_from is None and CardiacFlag.objects.exists():
            flagged_from = site.today(at)
        at += HOUR
    assert flagged_from == day
    ran = SweepRun.objects.filter(name=SweepName.OVERDUE, site=site).values_list("business_date", flat=True)
    assert sorted(ran) == sorted(days)
    flag = CardiacFlag.objects.get()
    assert (flag.state, flag.due_on) == (FlagState.OPEN, day - timedelta(days=9))  # due on the 84th day


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(days=-30)])
@pytest.mark.fault("F7", "clock back 2 h, and back 30 d")
def test_a_clock_that_goes_back_takes_no_flag_back(clock: Any, jump: timedelta):
    watched(clock, make.site(), date(2026, 1, 26))
    clock.move_to("2026-04-29T00:30:00Z")  # the 93rd day
    tick()
    clock.shift(jump)
    tick()
    clock.shift(-jump)
    tick()
    flag = CardiacFlag.objects.get(kind=FlagKind.OVERDUE)
    assert flag.state == FlagState.OPEN


@pytest.mark.fault("F7", "clock 30 d ahead, then right")
def test_a_result_still_ends_a_flag_that_a_clock_30_days_ahead_raised(clock: Any):
    watched(clock, make.site(), date(2026, 1, 26))
    clock.move_to("2026-05-01T09:00:00Z")
    tick()
    clock.move_to("2026-04-20T09:00:00Z")
    tick()
    patient = CardiacFlag.objects.get().patient
    make.lvef(patient, 61, date(2026, 4, 20))
    assert CardiacFlag.objects.get().state == FlagState.RESOLVED


def lived(clock: Any, ticks: list[str]) -> tuple[list[Any], list[Any]]:
    """Flags and mails after these moments; the world is as before afterwards."""
    with transaction.atomic():
        for moment in ticks:
            clock.move_to(moment)
            tick()
        flags = sorted(CardiacFlag.objects.values_list("plan_id", "fact", "state"))
        mails = sorted(Reminder.objects.filter(due_on__gte=date(2026, 5, 2)).values_list("kind", "about", "state"))
        transaction.set_rollback(True)
    return flags, mails


@pytest.mark.fault("F5", "worker and beat stopped for three nights")
def test_after_three_nights_off_one_run_finds_everything_and_pages_were_red(clock: Any, smtp_server: MailServer):
    make.person("cora")
    for last_on in (date(2026, 1, 26), date(2026, 1, 28)):  # overdue on 29 April and 1 May
        watched(clock, make.site(), last_on)
    nights = [f"2026-{day}T{hour}:15:00Z" for day in ("04-28", "04-29", "04-30", "05-01", "05-02") for hour in (0, 7)]
    nights = [moment.replace("T0:", "T00:").replace("T7:", "T07:") for moment in nights]
    always = lived(clock, nights)
    assert len(always[0]) == 2
    clock.move_to(nights[0])
    tick()
    clock.move_to(nights[-1])
    assert last_heartbeat(make.site(), timezone.now()).stale
    assert lived(clock, nights[-1:]) == always
    tick()
    assert not last_heartbeat(make.site(), timezone.now()).stale
