"""F3: PostgreSQL is killed, has no connection left, is locked, or is full. Nothing acknowledged is lost."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from her2tracker.local.state import server_account
from monitoring.models import CardiacFlag
from scheduling.models import BodyMeasurement
from tests import database, make
from tests.conftest import wait_until
from tests.faults import invariants
from tests.faults.conftest import LONG
from tests.faults.processes import beat, worker
from tests.faults.servers import AtWork, OwnPostgres, Person, own_postgres, web


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[OwnPostgres]:
    """One for all of these: each leaves it well."""
    cache: Any = request.config.cache
    with django_db_blocker.unblock(), own_postgres(cache.mkdir("database") / f"{database.fingerprint()}.sql") as made:
        yield made


class Ward:
    """A nurse who weighs one patient again and again, and a colleague who looks at Today."""

    def __init__(self, port: int) -> None:
        self.nurse, self.other = Person.signed_in("nora", port), Person.signed_in("cora", port)
        self.patient, self.on = make.patient(), make.site().today()
        self.tenths, self.saved = count(400), list[Decimal]()

    def weigh(self) -> None:
        kg = Decimal(next(self.tenths)) / 10
        answer = self.nurse.post(
            f"patients/{self.patient.uuid}/measurements/", measured_on=str(self.on), weight_kg=str(kg)
        )
        answer.assert_whole()
        if answer.status == 201:
            self.saved.append(kg)

    def look(self) -> None:
        self.other.page("/today/").assert_whole()

    def serves(self) -> bool:
        before = len(self.saved)
        self.weigh()
        return len(self.saved) > before

    def assert_nothing_lost(self) -> None:
        """Each acknowledged weight is there, once. One more may be: its answer was lost, not it."""
        connection.close()
        stored = list(BodyMeasurement.objects.filter(patient=self.patient).values_list("weight_kg", flat=True))
        assert len(stored) == len(set(stored))
        assert set(self.saved) <= set(stored)

    def refusals(self) -> int:
        return sum(answer.status == 503 for answer in self.nurse.answers + self.other.answers)


@pytest.fixture(scope="module")
def port(server: OwnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with web(tmp_path_factory.mktemp("web")) as number:
        yield number


@pytest.fixture
def ward(port: int) -> Ward:
    return Ward(port)


@pytest.mark.timeout(600)
@pytest.mark.fault("F3", "PostgreSQL kill -9 and restart, under load")
@pytest.mark.parametrize("times", [1, pytest.param(5, marks=LONG)])
def test_a_killed_database_loses_no_weight_and_is_told_clearly(server: OwnPostgres, ward: Ward, times: int):
    for _ in range(times):
        seen, before = ward.refusals(), len(ward.saved)
        with AtWork(ward.weigh, ward.look):
            wait_until(lambda before=before: len(ward.saved) > before + 3, "work before it", seconds=30)  # type: ignore[misc]
            server.kill()
            wait_until(lambda seen=seen: ward.refusals() > seen, "a page that says so", seconds=30)  # type: ignore[misc]
            server.start()
            back = len(ward.saved)
            wait_until(lambda back=back: len(ward.saved) > back + 3, "work after it", seconds=30)  # type: ignore[misc]
    ward.assert_nothing_lost()


@LONG
@pytest.mark.timeout(600)
@pytest.mark.fault("F3", "PostgreSQL kill -9 and restart, under worker and beat")
def test_checks_go_on_after_the_database_was_killed(server: OwnPostgres, fresh_queue: str, tmp_path: Path):
    site = invariants.clinic(fallen=2, late=2)
    expected = invariants.oracle(site)
    with worker(tmp_path, "worker") as checks, beat(tmp_path, "beat") as asks:

        def checked() -> bool:
            checks.keep()
            asks.keep()
            return invariants.raised(site) == expected

        for _ in range(3):
            wait_until(checked, "a check", seconds=90)
            CardiacFlag.objects.all().delete()
            connection.close()
            server.kill()
            time.sleep(3)  # checks are asked for every two
            server.start()
        wait_until(checked, "the last check", seconds=90)
    invariants.hold(site, expected)


@pytest.mark.timeout(200)
@pytest.mark.fault("F3", "every connection of PostgreSQL taken")
def test_without_a_free_connection_pages_say_so_and_go_on_when_there_is_one(server: OwnPostgres, ward: Ward):
    assert ward.serves()
    taken: list[psycopg.Connection] = []
    try:
        _take_all(server, taken)
        assert not ward.serves()
        ward.look()
        assert ward.other.answers[-1].status == 503
    finally:
        for one in taken:
            one.close()
    wait_until(ward.serves, "a connection", seconds=20)
    ward.assert_nothing_lost()


def _take_all(server: OwnPostgres, taken: list[psycopg.Connection]) -> None:
    """The web server's own, too: those are ended, and taken before it asks again."""
    connection.close()
    ours = server.connect()
    taken.append(ours)
    for _ in range(2):
        try:
            while True:
                taken.append(server.connect())
        except psycopg.OperationalError:
            pids = [one.info.backend_pid for one in taken]
            ours.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> ALL(%s)",
                [pids],
            )
            time.sleep(0.3)


@pytest.mark.timeout(200)
@pytest.mark.fault("F3", "a table locked for 2 s")
def test_a_table_locked_for_two_seconds_is_waited_for(server: OwnPostgres, ward: Ward):
    assert ward.serves()
    with server.connect() as other, other.transaction():
        begun = time.monotonic()
        other.execute("LOCK TABLE scheduling_bodymeasurement IN ACCESS EXCLUSIVE MODE")
        with AtWork(ward.weigh, ward.look):
            time.sleep(2)
            other.execute("ROLLBACK")
            before, held = len(ward.saved), time.monotonic() - begun
            wait_until(lambda: len(ward.saved) > before, "the lock's end", seconds=10)
    assert 1 < max(answer.seconds for answer in ward.nurse.answers) < held + 5
    assert ward.refusals() == 0
    ward.assert_nothing_lost()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """16 MB of memory as a disk; where mounting is not permitted, this is not tried."""
    folder = Path("/tmp") / f"her2-disk-{tmp_path.parent.name}-{tmp_path.name}"[:60]  # noqa: S108 - the server must enter it
    folder.mkdir()
    account = server_account()
    owner = f",uid={account.uid},gid={account.gid}" if account else ""
    command = ["mount", "-t", "tmpfs", "-o", f"size=16m,mode=0700{owner}", "her2-faults", str(folder)]
    try:
        if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
            pytest.skip("mounting a small disk is not permitted here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607
    finally:
        folder.rmdir()


@pytest.mark.timeout(200)
@pytest.mark.fault("F3", "the disk of the weights' table full")
def test_a_full_disk_refuses_writes_clearly_and_pages_go_on(small_disk: Path, server: OwnPostgres, ward: Ward):
    connection.close()
    with server.connect() as other:
        other.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'".encode())
        other.execute("ALTER TABLE scheduling_bodymeasurement SET TABLESPACE small")
        assert ward.serves()
        other.execute("CREATE TABLE filler (junk text) TABLESPACE small")
        with pytest.raises(psycopg.errors.DiskFull):
            _fill(other.execute)
        assert _weighed_until(ward, 503)
        ward.look()
        assert ward.other.answers[-1].status == 200
        other.execute("DROP TABLE filler")
        wait_until(ward.serves, "room", seconds=20)
        other.execute("ALTER TABLE scheduling_bodymeasurement SET TABLESPACE pg_default")
        other.execute("DROP TABLESPACE small")
    ward.assert_nothing_lost()


def _fill(execute: Callable[..., Any]) -> None:
    for rows in (1000, 1):  # big steps, then the last pages
        try:
            while True:
                execute("INSERT INTO filler SELECT repeat(md5(n::text), 60) FROM generate_series(1, %s) n", [rows])
        except psycopg.errors.DiskFull:
            if rows == 1:
                raise


def _weighed_until(ward: Ward, status: int) -> bool:
    """The table's last page still has room for some."""
    for _ in range(300):
        ward.weigh()
        if ward.nurse.answers[-1].status == status:
            return True
    return False
