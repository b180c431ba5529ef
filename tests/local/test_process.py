"""Programs the launcher keeps: restarted when they die, gone when it is."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from her2tracker.local import process
from her2tracker.local.process import Program
from her2tracker.local.state import Refused
from her2tracker.local.supervisor import Supervisor
from tests.conftest import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# Starts a child of its own and prints both numbers, as a worker with a pool does.
WITH_CHILD = [
    sys.executable,
    "-c",
    f"import os, subprocess as s, time; c = s.Popen({SLEEP!r}); print(os.getpid(), c.pid, flush=True); time.sleep(60)",
]


def is_running(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def numbers_in(log: Path) -> list[int]:
    wait_until(lambda: log.exists() and len(log.read_text().split()) == 2, "the program to print its numbers")
    return [int(word) for word in log.read_text().split()]


def test_a_killed_program_takes_its_pool_with_it(tmp_path: Path) -> None:
    running = process.start(Program("worker", WITH_CHILD, tmp_path / "log"))
    leader, child = numbers_in(tmp_path / "log")
    os.kill(leader, signal.SIGKILL)
    wait_until(running.has_ended, "its end")
    wait_until(lambda: not is_running(child), "the end of its pool")


def test_a_program_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    running = process.start(
        Program("stubborn", [sys.executable, "-c", stubborn], tmp_path / "log", stop_within_seconds=0.3)
    )
    wait_until(lambda: "deaf" in (tmp_path / "log").read_text(), "it to stop listening")
    running.stop()
    assert running.process.returncode == -signal.SIGKILL


def test_nothing_outlives_a_killed_launcher(tmp_path: Path) -> None:
    script = (
        "import pathlib, time; from her2tracker.local.process import Program, start;"
        f"start(Program('worker', {SLEEP!r}, pathlib.Path({str(tmp_path / 'log')!r})));"
        f"print(start(Program('web', {SLEEP!r}, pathlib.Path({str(tmp_path / 'log')!r}))).process.pid, flush=True);"
        "time.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)  # noqa: S603
    assert launcher.stdout is not None
    child = int(launcher.stdout.readline())
    assert is_running(child)
    launcher.kill()
    launcher.communicate()
    wait_until(lambda: not is_running(child), "its program to end")


def test_a_program_that_dies_at_once_is_refused_with_its_last_words(tmp_path: Path) -> None:
    running = process.start(Program("redis", ["/bin/sh", "-c", "echo no room left; exit 3"], tmp_path / "log"))
    with pytest.raises(Refused, match=r"redis ended at once(?s:.*)no room left"):
        process.wait_until(lambda: False, running, seconds=10)


def test_a_program_that_keeps_dying_is_started_later_each_time(tmp_path: Path) -> None:
    said: list[str] = []
    keeper = Supervisor(said.append)
    keeper.keep(process.start(Program("beat", ["/bin/sh", "-c", "exit 3"], tmp_path / "log")))
    (kept,) = keeper.kept
    for now in (1.0, 100.0, 200.0):
        wait_until(kept.running.has_ended, "its end")
        kept.running.started_at = now
        keeper._look_at(kept, now)  # noticed
        keeper._look_at(kept, now + kept.pause_seconds)  # and started again
    keeper.stop()
    assert [re.findall(r"in (\d\.\d) s", sentence) for sentence in said] == [["0.5"], ["1.0"], ["2.0"]]
    assert "beat ended (with exit code 3)" in said[0]
