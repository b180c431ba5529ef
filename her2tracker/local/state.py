"""What one checkout keeps on this machine: the database, the queue, the outbox, its secret key and its lock."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]

# The kernel cuts a unix socket's path at 107 bytes; PostgreSQL adds /.s.PGSQL.5432.lock to this folder.
LONGEST_SOCKET_FOLDER = 80


class Refused(Exception):
    """This cannot be done now; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user PostgreSQL runs as when the launcher is root (it refuses to run as root)."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """`nobody` for root, who exists everywhere; None when we are already unprivileged."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def default_folder(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> Path:
    """One folder per checkout, outside it: another user cannot enter a checkout under root's home."""
    if chosen := environ.get("HER2TRACKER_STATE"):
        return Path(chosen).expanduser().resolve()
    name = f"{root.name}-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"
    if os.geteuid() == 0:
        return Path("/var/lib/her2tracker") / name
    base = environ.get("XDG_STATE_HOME") or str(Path("~/.local/state").expanduser())
    return Path(base) / "her2tracker" / name


def make_private(folder: Path, owner: Account | None = None) -> Path:
    """A folder only its owner can enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if owner is not None:
        os.chown(folder, owner.uid, owner.gid)
    return folder


@dataclass(frozen=True, slots=True)
class State:
    """The folder and the names in it."""

    folder: Path

    @property
    def sockets(self) -> Path:
        """Beside the data, unless that path is too long for a socket."""
        beside = self.folder / "run"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER:
            return beside
        short = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"her2tracker-{os.geteuid()}-{short}"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def create(self) -> None:
        account = server_account()
        self.folder.mkdir(parents=True, exist_ok=True)
        # The server's account must pass through to its data; only names are visible on the way.
        self.folder.chmod(0o711 if account else 0o700)
        make_private(self.logs)
        make_private(self.folder / "outbox")
        make_private(self.folder / "static")  # empty: a local run serves the sources, but expects the folder
        make_private(self.sockets, account)

    def secret_key(self) -> str:
        """Made once; sessions stay signed in over a restart."""
        path = self.folder / "secret_key"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        return path.read_text().strip()

    def done(self, what: str) -> bool:
        return (self.folder / f"{what}.done").exists()

    def mark_done(self, what: str) -> None:
        (self.folder / f"{what}.done").touch()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, and how to reach the services it runs."""

    pid: int
    doing: str  # "run" or "exec"
    address: str
    environment: dict[str, str]


class Lock:
    """One launcher per state folder. The lock is the kernel's, so a killed launcher leaves none behind."""

    def __init__(self, state: State) -> None:
        self.path = state.folder / "running.json"
        self._file: IO[str] | None = None

    def take(self, doing: str) -> None:
        """Raises Refused, naming the holder, when another process has it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Refused(self._taken()) from None
        self._file = file
        self.tell(Holder(os.getpid(), doing, "", {}))

    def tell(self, holder: Holder) -> None:
        """Write who we are, for `stop` and `exec`."""
        if self._file is None:
            raise ValueError("the lock is not ours")
        self._file.seek(0)
        self._file.truncate()
        json.dump(asdict(holder), self._file)
        self._file.flush()

    def release(self) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def holder(self) -> Holder | None:
        """The process that holds the lock now; None when nobody does."""
        try:
            with self.path.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return _read_holder(self.path)
        return None

    def _taken(self) -> str:
        holder = _read_holder(self.path)
        if holder is None or not holder.address:
            return "her2tracker is starting or stopping in this checkout right now. Try again in a moment."
        return (
            f"her2tracker already runs from this checkout at {holder.address} (process {holder.pid}).\n"
            "Open that address, or end it first with: make stop"
        )


def _read_holder(path: Path) -> Holder | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (ValueError, OSError):
        return None  # its holder is between two writes
    return Holder(**content)
