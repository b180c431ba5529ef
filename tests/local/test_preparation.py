"""When the launcher may skip the preparation, and when it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from her2tracker.local import preparation
from her2tracker.local.preparation import Prepared, ensure, fingerprint, forget
from her2tracker.local.state import State


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was prepared with which demo setting; nothing is really run."""
    seen: list[str] = []

    def run(environment: dict[str, str], demo: str) -> Prepared:
        seen.append(demo)
        return Prepared([["Nurse", "nora@example.org", "a password"]])

    monkeypatch.setattr(preparation, "run", run)
    return seen


def test_a_second_start_of_the_same_code_prepares_nothing(tmp_path: Path, runs: list[str]) -> None:
    state = State(tmp_path)
    first = ensure(state, {}, embedded=True, demo="1")
    assert ensure(state, {}, embedded=True, demo="1") == first
    assert runs == ["1"]


def test_a_named_database_is_always_prepared(tmp_path: Path, runs: list[str]) -> None:
    state = State(tmp_path)
    for _ in range(2):
        ensure(state, {}, embedded=False, demo="0")
    assert runs == ["0", "0"]


def test_asking_for_the_demo_later_prepares_again(tmp_path: Path, runs: list[str]) -> None:
    state = State(tmp_path)
    ensure(state, {}, embedded=True, demo="0")
    ensure(state, {}, embedded=True, demo="1")
    assert runs == ["0", "1"]


def test_a_command_that_may_have_changed_the_database_is_followed_by_a_preparation(
    tmp_path: Path, runs: list[str]
) -> None:
    state = State(tmp_path)
    ensure(state, {}, embedded=True, demo="1")
    forget(state)
    ensure(state, {}, embedded=True, demo="1")
    assert runs == ["1", "1"]


def test_a_failed_preparation_is_not_remembered_as_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(environment: dict[str, str], demo: str) -> Prepared:
        raise RuntimeError

    state = State(tmp_path)
    monkeypatch.setattr(preparation, "run", fail)
    with pytest.raises(RuntimeError):
        ensure(state, {}, embedded=True, demo="1")
    assert not state.done("prepared")


@pytest.mark.parametrize(
    "changed",
    ["scheduling/migrations/0002_more.py", "scheduling/regimens/apt-v2.toml", "requirements/run.txt"],
)
def test_a_change_of_code_figures_or_dependencies_prepares_again(tmp_path: Path, changed: str) -> None:
    before = fingerprint(tmp_path, "1")
    (tmp_path / changed).parent.mkdir(parents=True)
    (tmp_path / changed).write_text("new")
    assert fingerprint(tmp_path, "1") != before
