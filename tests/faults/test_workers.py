"""F1 and F6: workers that are killed in the middle of a check, and too many of them at once."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from her2tracker.accounts.models import Site
from monitoring import tasks
from monitoring.models import CardiacFlag, Reminder, SweepRun
from monitoring.words import SweepName
from tests.conftest import wait_until
from tests.faults import hasty, invariants
from tests.faults.conftest import LONG
from tests.faults.points import statements_of
from tests.faults.processes import Celery, beat, worker
from tests.mail import MailServer

pytestmark = pytest.mark.django_db(transaction=True)
CHECKS = (tasks.flag_lvef_drops, tasks.flag_overdue_echocardiograms)
WITHIN_SECONDS = 120  # of the restart
MAIL_WITHIN_SECONDS = 600  # BARS: every flag has its mail within 10 minutes of recovery


def lost(site: Site) -> bool:
    """Take every flag away again. Its history stays, as history does."""
    CardiacFlag.objects.at(site).delete()
    Reminder.objects.all().delete()
    return not invariants.raised(site)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("points", [1, pytest.param(10, marks=LONG)])
@pytest.mark.parametrize(
    "victim",
    [
        pytest.param("child", marks=pytest.mark.fault("F1", "kill -9 of a pool child before a random statement")),
        pytest.param("worker", marks=pytest.mark.fault("F1", "kill -9 of worker and child before a random statement")),
    ],
)
def test_a_check_killed_in_the_middle_is_made_good_by_the_next(
    transactional_db: None,
    fresh_queue: str,
    smtp_server: MailServer,
    tmp_path: Path,
    victim: str,
    points: int,
    dice: random.Random,
):
    hasty.small_batches()
    site = invariants.clinic(fallen=4, late=4)
    expected = invariants.oracle(site)
    order = tmp_path / "die-before"
    with worker(tmp_path, "worker", victim=str(order)).ready() as running:
        killed = 0
        while killed < points:
            assert lost(site)
            check = dice.choice(CHECKS)
            # counted each time: a later check looks at what is due alone, and is shorter than the first
            order.write_text(f"{victim} {dice.randint(1, statements_of(check))}")
            check.delay()
            wait_until(lambda: not order.exists(), "the check to begin", seconds=60)
            if victim == "worker":
                if not died(running):
                    continue
                running.start()
            killed += 1
            for next_one in CHECKS:
                next_one.delay()
            wait_until(lambda: invariants.raised(site) == expected, "the next check", WITHIN_SECONDS)
        wait_until(posted, "the mails", MAIL_WITHIN_SECONDS)
    assert running.restarts == (points if victim == "worker" else 0)
    invariants.hold(site, expected, smtp_server)


def died(running: Celery) -> bool:
    """Not when another check, asked for before, took the order and ended before its point: then dice are cast again."""
    with suppress(AssertionError):
        wait_until(running.has_ended, "the worker to die", seconds=20)
    return running.has_ended()


def posted() -> bool:
    """Asked for again and again, as beat does: a server that was busy gets the mail at a later try."""
    if not unsent():
        return True
    tasks.deliver_reminders.delay()
    time.sleep(1)
    return False


def unsent() -> bool:
    return Reminder.objects.filter(kind="urgent-flag").exclude(state="sent").exists()


def runs(name: str) -> int:
    return sum(SweepRun.objects.filter(name=name).values_list("runs", flat=True))


@pytest.mark.timeout(900)
@pytest.mark.fault("F6", "two beats, four workers, each task three times")
@pytest.mark.parametrize("workers", [1, pytest.param(4, marks=LONG)], ids=["of one program", "programs"])
def test_two_beats_four_workers_and_each_task_three_times_end_as_one_of_each(
    transactional_db: None, fresh_queue: str, smtp_server: MailServer, tmp_path: Path, workers: int
):
    site = invariants.clinic(fallen=3, late=3)
    expected = invariants.oracle(site)
    with ExitStack() as running:
        started = [worker(tmp_path, f"worker{number}", size=4 // workers) for number in range(workers)]
        started += [beat(tmp_path, f"beat{number}") for number in range(2)]
        for one in started:
            running.enter_context(one)
        for check in (*CHECKS, tasks.deliver_reminders) * 3:
            check.delay()
        wait_until(lambda: invariants.raised(site) == expected, "every flag", seconds=WITHIN_SECONDS)
        wait_until(lambda: not unsent(), "mail", seconds=MAIL_WITHIN_SECONDS)
        before = runs(SweepName.DROPS)
        wait_until(lambda: runs(SweepName.DROPS) >= before + 3, "three checks more, in which doubles would come", 60)
        time.sleep(1)
    invariants.hold(site, expected, smtp_server)
    assert CardiacFlag.objects.count() == len(expected)
    assert len({message["Message-ID"] for message in smtp_server.messages}) == len(smtp_server.messages)
