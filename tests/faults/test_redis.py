"""F2: Redis forgets everything, dies, or accepts and never answers. Pages do not notice; checks catch up."""

from __future__ import annotations

import itertools
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.test import Client
from django.urls import reverse

from her2tracker.local.valkey import Valkey
from monitoring.models import CardiacFlag, SweepRun
from monitoring.words import SweepName
from tests import make
from tests.conftest import wait_until
from tests.faults import invariants
from tests.faults.conftest import LONG
from tests.faults.processes import Celery, Line, beat, worker

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST_REQUEST = 5  # seconds


class OwnRedis:
    """A server that a test may kill. It keeps nothing on disk, so that its death is also a flush."""

    def __init__(self, folder: Path) -> None:
        self.server = Valkey(folder, folder, folder / "redis.log", durable=False)
        self.start()

    def start(self) -> None:
        self.running = self.server.start()
        self.server.wait(self.running)

    def kill(self) -> None:
        self.running.process.send_signal(signal.SIGKILL)
        self.running.process.wait()

    def flush(self) -> None:
        with redis.Redis.from_url(self.server.url) as client:
            client.flushall()


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    folder = Path(tempfile.mkdtemp(prefix="her2-redis-"))  # short: a socket's path has 107 characters at most
    made = OwnRedis(folder)
    yield made
    made.running.stop()
    shutil.rmtree(folder)


@pytest.fixture
def line(own_redis: OwnRedis) -> Iterator[Line]:
    made = Line(str(own_redis.server.socket_path))
    yield made
    made.close()


def runs() -> int:
    return sum(SweepRun.objects.filter(name=SweepName.DROPS).values_list("runs", flat=True))


def people_work(seconds: float, work: Callable[[], Any], programs: list[Celery]) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        begun = time.monotonic()
        work()
        assert time.monotonic() - begun < LONGEST_REQUEST
        for program in programs:
            program.keep()
        time.sleep(0.3)


def break_it(how: str, line: Line, server: OwnRedis) -> Callable[[], None]:
    """Do it; what ends it is returned."""
    if how == "flushed":
        server.flush()
        return lambda: None
    if how == "killed":
        server.kill()
        line.become("down")

        def back() -> None:
            server.start()
            line.become("carry")

        return back
    line.become("hole")
    return lambda: line.become("carry")


FAULTS = {
    "flushed": pytest.mark.fault("F2", "Redis flushed, under load"),
    "killed": pytest.mark.fault("F2", "Redis killed without a file, away, back, under load"),
    "hole": pytest.mark.fault("F2", "Redis accepts and never answers, under load"),
}
SHORT = [pytest.param(how, 2, marks=FAULTS[how]) for how in ("killed", "hole")]  # killed, it has forgotten, too
FULL = [pytest.param(how, 60, marks=[mark, LONG]) for how, mark in FAULTS.items()]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("how", "seconds"), SHORT + FULL)
def test_pages_go_on_without_redis_and_checks_catch_up_with_it(
    transactional_db: None, own_redis: OwnRedis, line: Line, tmp_path: Path, how: str, seconds: int
):
    site = invariants.clinic(fallen=1, late=1)
    expected = invariants.oracle(site)
    figures = (str(tenths / 10) for tenths in itertools.count(550))
    patient, browser = make.patient(), Client()
    browser.force_login(make.person("nora"))

    def work() -> None:
        assert browser.get(reverse("today")).status_code == 200
        make.lvef(patient, next(figures), site.today())

    with worker(tmp_path, "worker", redis=line.url("0")) as checks, beat(tmp_path, "beat", redis=line.url("0")) as asks:

        def checked() -> bool:
            checks.keep()
            asks.keep()
            return invariants.raised(site) == expected

        wait_until(checked, "the first check", seconds=90)
        mend = break_it(how, line, own_redis)
        people_work(seconds, work, [checks, asks])
        before = runs()
        CardiacFlag.objects.all().delete()
        mend()
        wait_until(checked, "a check after it", seconds=90)
        # a check notes its run after its flags: equal flags come a moment before the note
        wait_until(lambda: runs() > before, "the check's own note", seconds=30)
    invariants.hold(site, expected)
