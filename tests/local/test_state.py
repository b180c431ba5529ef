"""The launcher's folder, key and lock."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from her2tracker.local.state import LONGEST_SOCKET_FOLDER, Holder, Lock, Refused, State, default_folder


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State(tmp_path / "state")
    made.create()
    return made


def test_two_checkouts_keep_their_data_apart() -> None:
    assert default_folder(Path("/one/her2tracker"), {}) != default_folder(Path("/two/her2tracker"), {})


def test_the_data_stays_where_the_environment_says(tmp_path: Path) -> None:
    assert default_folder(Path("/any"), {"HER2TRACKER_STATE": str(tmp_path)}) == tmp_path


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(state: State) -> None:
    key = state.secret_key()
    assert len(key) >= 50
    assert state.secret_key() == key
    assert stat.S_IMODE((state.folder / "secret_key").stat().st_mode) == 0o600


def test_a_long_path_does_not_make_a_socket_the_kernel_refuses(tmp_path: Path) -> None:
    deep = State(tmp_path / ("x" * 100))
    assert len(str(deep.sockets)) <= LONGEST_SOCKET_FOLDER
    assert deep.sockets != State(tmp_path / ("y" * 100)).sockets


def test_a_second_launcher_is_told_where_the_first_one_is(state: State) -> None:
    first, second = Lock(state), Lock(state)
    first.take("run")
    first.tell(Holder(4711, "run", "http://127.0.0.1:8000", {}))
    with pytest.raises(Refused, match=r"already runs .* at http://127\.0\.0\.1:8000 \(process 4711\)"):
        second.take("run")
    first.release()
    second.take("run")
    second.release()


def test_a_killed_launcher_leaves_no_lock_behind(state: State) -> None:
    script = (
        "import os, pathlib, signal; from her2tracker.local.state import Lock, State;"
        f"Lock(State(pathlib.Path({str(state.folder)!r}))).take('run'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script], check=False, timeout=30)  # noqa: S603
    lock = Lock(state)
    assert lock.holder() is None
    lock.take("run")
    assert lock.holder() == Holder(os.getpid(), "run", "", {})
    lock.release()
