"""`make run` as a person meets it: it serves, it mends itself, it ends."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests import database
from tests.conftest import wait_until
from tests.local.test_services import programs_naming
from tests.services import worker_number


class Launched:
    """A launcher in a process of its own, with its own Redis and a migrated database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.output = folder / "output"
        ours = {"HER2TRACKER_STATE": str(folder / "state"), "HER2TRACKER_DEMO": "0", "DATABASE_URL": database_url}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "her2tracker.local", "run"],
                env={**os.environ, **ours, "REDIS_URL": ""},
                stdout=output,
                stderr=output,
            )
        wait_until(lambda: "is ready" in self.said() or self.process.poll() is not None, "the address", seconds=90)
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said())
        assert found is not None
        return found[0]

    def log(self, name: str) -> str:
        path = self.folder / "state" / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def programs(self, words: str = "") -> list[int]:
        """Numbers of its programs, itself excepted."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environment = (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it ended meanwhile
            mine = f"HER2TRACKER_STATE={self.folder}".encode() in environment or str(self.folder) in command
            if mine and words in command and int(entry.name) != self.process.pid:
                found.append(int(entry.name))
        return found


@pytest.fixture
def launched(request: pytest.FixtureRequest) -> Iterator[Launched]:
    config: Any = request.config
    name = f"launched_{worker_number()}"
    database.make(name, config.cache.mkdir("database"), connection.settings_dict)
    folder = Path(tempfile.mkdtemp(prefix="her2-"))
    try:
        started = Launched(folder, os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + name)
        yield started
        started.process.kill()
        started.process.wait()
        wait_until(lambda: not started.programs(), "its programs to end")
    finally:
        shutil.rmtree(folder)


def test_it_serves_mends_itself_and_ends_in_order(launched: Launched) -> None:
    with urllib.request.urlopen(launched.address, timeout=20) as page:  # noqa: S310
        assert page.status == 200
    wait_until(lambda: " ready." in launched.log("worker"), "the worker", seconds=60)
    (leader, *_pool) = sorted(launched.programs("--queues celery "))
    os.kill(leader, signal.SIGKILL)
    wait_until(lambda: launched.log("worker").count(" ready.") == 2, "the worker to be back", seconds=60)
    assert "worker ended (by signal 9); starting it again in 0.5 s" in launched.said()
    launched.process.send_signal(signal.SIGTERM)
    assert launched.process.wait(timeout=60) == 0
    assert launched.programs() == []
    assert not programs_naming(launched.folder)


def test_a_killed_launcher_leaves_no_program_behind(launched: Launched) -> None:
    wait_until(lambda: " ready." in launched.log("mail"), "the last worker", seconds=60)
    assert len(launched.programs()) >= 6  # Redis, web with its workers, two task workers, beat
    launched.process.kill()
    launched.process.wait()
    wait_until(lambda: not launched.programs(), "all its programs to end")
