"""The embedded PostgreSQL and Redis."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import redis

from her2tracker.local.services import Services, for_state
from her2tracker.local.state import State
from tests.conftest import wait_until


@pytest.fixture
def state() -> Iterator[State]:
    """Not pytest's own folder: the server's account could not get through that to its data."""
    made = State(Path(tempfile.mkdtemp(prefix="her2-")))
    made.create()
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture
def services(state: State) -> Iterator[Services]:
    started = for_state(state, environ={})
    started.start()
    yield started
    started.stop()


def connect(services: Services) -> closing[psycopg.Connection]:
    assert services.postgres is not None
    return closing(psycopg.connect(host=str(services.postgres.sockets), user="her2tracker", autocommit=True))


def test_what_was_written_survives_killed_servers(services: Services, state: State) -> None:
    with connect(services) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    for running in services.running:
        running.process.kill()
        running.process.wait()
    again = for_state(state, environ={})
    again.start()
    try:
        with connect(again) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("still here",)
    finally:
        again.stop()


def test_a_stale_process_number_that_now_belongs_to_another_is_no_obstacle(services: Services, state: State) -> None:
    services.stop()
    (data,) = state.folder.glob("postgres-[0-9]*")
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    again = for_state(state, environ={})
    again.start()
    again.stop()


def test_the_database_has_the_extensions_a_clinic_needs(services: Services) -> None:
    with connect(services) as connection:
        for extension in ("pg_trgm", "unaccent", "btree_gist"):
            connection.execute(f"CREATE EXTENSION {extension}".encode())
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_the_queue_is_written_to_disk(services: Services) -> None:
    with redis.Redis.from_url(services.environment["REDIS_URL"]) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_named_servers_are_used_instead_of_embedded_ones(state: State) -> None:
    named = {"DATABASE_URL": "postgres://db.example/her2tracker", "REDIS_URL": "redis://queue.example/0"}
    services = for_state(state, environ=named)
    assert (services.postgres, services.valkey) == (None, None)
    assert {name: services.environment[name] for name in named} == named


@pytest.mark.parametrize("how", ["its input closes", "it is killed"])
def test_temporary_services_end_with_the_one_who_started_them(how: str) -> None:
    guardian = subprocess.Popen(
        [sys.executable, "-m", "her2tracker.local", "temporary"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert guardian.stdin is not None
    assert guardian.stdout is not None
    folder = Path(json.loads(guardian.stdout.readline())["HER2TRACKER_STATE"]).parent
    assert programs_naming(folder)
    if how == "it is killed":
        guardian.send_signal(signal.SIGKILL)
    guardian.stdin.close()
    guardian.wait(timeout=30)
    guardian.stdout.close()
    wait_until(lambda: not programs_naming(folder), "the servers to end")
    assert folder.exists() == (how == "it is killed")
    shutil.rmtree(folder, ignore_errors=True)  # what a killed one could not do


def programs_naming(folder: Path) -> list[str]:
    """Command lines of running programs that name the folder."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it ended meanwhile
    return [line for line in lines if str(folder) in line]
