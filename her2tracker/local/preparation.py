"""Running prepare.py, or knowing that it would change nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from her2tracker.local.state import ROOT, Refused, State

# Code, data files and the locked dependencies: whatever a migration, a publication or the demo can depend on.
FINGERPRINTED = ("her2tracker", "scheduling", "monitoring", "requirements")
SUFFIXES = (".py", ".toml", ".json", ".txt", ".csv")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the preparation said."""

    sign_ins: list[list[str]]  # role, e-mail, password; empty without the demo


def ensure(state: State, environment: dict[str, str], *, embedded: bool, demo: str) -> Prepared:
    """Prepare, unless the embedded database was left by this very code. Raises Refused when it fails."""
    inputs = fingerprint(ROOT, demo)
    if embedded and (known := _read(state, inputs)) is not None:
        return known
    forget(state)
    prepared = run(environment, demo)
    state.mark_done("prepared")
    _record(state).write_text(json.dumps({"inputs": inputs, "sign_ins": prepared.sign_ins}))
    return prepared


def run(environment: dict[str, str], demo: str) -> Prepared:
    command = [sys.executable, "-m", "her2tracker.local.prepare"]
    settings = {**os.environ, **environment, "HER2TRACKER_DEMO": demo}
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
        try:
            output = child.communicate()[0]
        except BaseException:  # a signal asks for the end: this child is not the supervisor's
            child.terminate()
            raise
    if child.returncode:
        raise Refused("The database could not be brought up to date; what went wrong is printed above.")
    return Prepared(json.loads(output.strip().splitlines()[-1])["sign_ins"])


def forget(state: State) -> None:
    """After anything else may have changed the database."""
    _record(state).unlink(missing_ok=True)


def fingerprint(root: Path, demo: str) -> str:
    """Changes when any file changes that the preparation reads."""
    digest = hashlib.sha256(demo.encode())
    for path in _inputs(root):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _inputs(root: Path) -> Iterable[Path]:
    found = (path for top in FINGERPRINTED for path in (root / top).rglob("*") if path.suffix in SUFFIXES)
    return sorted(path for path in found if "static" not in path.parts and path.is_file())


def _record(state: State) -> Path:
    return state.folder / "prepared.json"


def _read(state: State, inputs: str) -> Prepared | None:
    try:
        content = json.loads(_record(state).read_text())
    except (OSError, ValueError):
        return None
    return Prepared(content["sign_ins"]) if content["inputs"] == inputs else None
